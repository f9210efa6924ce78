"""Zoho's limits, made smaller: nothing is lost at any of them, and a run says so where it ends."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.demo import config_for
from support.pages import limited, small_pages
from support.records import applied, bookmarked, existing, read_records, shared_catalog, truth
from support.run import Run, run_tap, with_options
from support.sample import awkward_sample
from support.wire import without_their_own_second

from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.pacer import DownloadPacer
from tap_zohocrm_modules.zoho.transport.machine import Machine
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.limits import RequestLimits

pytestmark = pytest.mark.thorough

BULK = "/crm/bulk/v8/read"
COQL = "/crm/v8/coql"
PER_PAGE = 20
SLOW = RetryPolicy(first_wait=1)


def within(**limits: int) -> pytest.MarkDecorator:
    """Let the organisation allow single calls no more than this."""
    return pytest.mark.parametrize("demo", [limits], indirect=True, ids=[""])


@pytest.fixture
def demo(request: pytest.FixtureRequest) -> Iterator[DemoOrganisation]:
    limits = RequestLimits(**getattr(request, "param", {}))
    with DemoOrganisation(awkward_sample, limits=limits) as organisation:
        yield organisation


def assert_truth(demo: DemoOrganisation, run: Run, module: str, *columns: str) -> None:
    assert run.code == 0, run.logged("ERROR")
    table = applied({}, run.stdout, module)
    known = shared_catalog(module)["streams"][0]["schema"]["properties"]
    expected = truth(demo, module, columns or known)
    assert table.keys() == expected.keys()
    for record_id, values in expected.items():
        assert {name: table[record_id][name] for name in values} == values


def asked(demo: DemoOrganisation, path: str) -> list[Any]:
    """The bodies of the calls of a path."""
    return [json.loads(call.body) for call in demo.calls if call.path == path]


@within(job_fields=10)
def test_a_job_is_asked_for_no_more_fields_than_it_may_give(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 30)
    with limited(Limits(job_fields=10)):
        run = read_records(demo, "Tasks", read_path="bulk")
    assert_truth(demo, run, "Tasks")
    assert "fields by Get Records" in run.stderr
    assert [len(body["query"]["fields"]) for body in asked(demo, BULK)] == [9]


@within(query_columns=10)
def test_a_query_asks_for_no_more_fields_than_it_may_give(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 230)
    with limited(Limits(query_fields=10)):
        run = read_records(demo, "Tasks", read_path="coql")
    assert_truth(demo, run, "Tasks")
    assert "fields by Get Records" in run.stderr


def test_a_tied_second_is_read_once_by_queries_where_they_are_allowed(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize("Tasks", 400, crowd=300)
    # Queries are dear, so that the module is read by lists.
    with limited(Limits(page_rows=PER_PAGE, query_credits=((PER_PAGE, 60),))):
        run = read_records(demo, "Tasks")
    assert "read by Get Records" in run.stderr
    assert_truth(demo, run, "Tasks", "Subject", "Modified_Time")
    queries = [body["select_query"] for body in asked(demo, COQL)]
    by_id = [query for query in queries if "order by id asc" in query]
    assert len(by_id) == 300 // PER_PAGE
    lists = sum(call.path == "/crm/v8/Tasks" for call in demo.calls)
    with small_pages(PER_PAGE):
        read_records(demo, "Tasks", read_path="rest")
    # By position the tie takes twice 15 calls.
    assert sum(call.path == "/crm/v8/Tasks" for call in demo.calls) - lists >= lists + 30


@pytest.mark.parametrize("path", ["rest", "coql", "auto"])
def test_750_records_of_one_second_are_read_whole_and_go_on_from_any_state(
    demo: DemoOrganisation, path: str
) -> None:
    demo.organisation.records.resize("Tasks", 900, crowd=750)
    run = read_records(demo, "Tasks", read_path=path)
    assert_truth(demo, run, "Tasks", "Subject", "Modified_Time")
    times = existing(run)
    crowded = max({*times.values()}, key=[*times.values()].count)
    state = bookmarked("Tasks", crowded)
    rest = read_records(demo, "Tasks", state=state, read_path=path, lookback=0)
    assert rest.code == 0
    assert {one for one, time in times.items() if time >= crowded} == existing(rest).keys()


@within(rows_by_token=2 * PER_PAGE)
def test_a_list_by_time_is_read_beyond_what_a_token_gives(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 130)
    with small_pages(PER_PAGE):
        run = read_records(demo, "Tasks", read_path="rest")
    assert_truth(demo, run, "Tasks")


@within(rows_by_token=2 * PER_PAGE)
@pytest.mark.parametrize("path", ["rest", "auto"])
def test_a_list_by_position_that_is_too_long_is_an_error(demo: DemoOrganisation, path: str) -> None:
    demo.organisation.records.resize("Email_Analytics", 65)
    with small_pages(PER_PAGE):
        run = read_records(demo, "Email_Analytics", read_path=path)
    assert run.error.startswith("Email_Analytics: ")
    assert "100,000" in run.error


@within(rows_by_token=2 * PER_PAGE)
def test_a_tie_beyond_what_a_token_gives_is_read_by_queries(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 90, crowd=70)
    with small_pages(PER_PAGE):
        listed = read_records(demo, "Tasks", read_path="rest")
        queried = read_records(demo, "Tasks", read_path="auto")
    assert "100,000" in listed.error
    assert_truth(demo, queried, "Tasks")


def test_conditions_of_queries_stand_in_pairs(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Leads", 65)
    state = bookmarked("Leads", "2024-06-01T00:00:00Z")
    with small_pages(PER_PAGE):
        read_records(demo, "Leads", read_path="coql", start_date="2024-03-01")
        run = read_records(demo, "Leads", state=state, read_path="coql")
    assert run.code == 0, run.logged("ERROR")
    wheres = [
        body["select_query"].split(" where ")[1].split(" order by ")[0]
        for body in asked(demo, COQL)
    ]
    assert any(where.count(" and ") == 3 for where in wheres)
    for where in wheres:
        assert most_at_a_level(where) <= 2, where


def most_at_a_level(criteria: str) -> int:
    """How many conditions stand side by side within one pair of brackets, at the most."""
    counts, open_levels = [], [1]
    for word in criteria.replace("(", " ( ").replace(")", " ) ").split():
        if word == "(":
            open_levels.append(1)
        elif word == ")":
            counts.append(open_levels.pop())
        elif word in {"and", "or"}:
            open_levels[-1] += 1
    return max([*counts, *open_levels])


@within(rows_by_page=2 * PER_PAGE)
def test_deletions_beyond_2000_are_asked_for_by_kind(demo: DemoOrganisation) -> None:
    store = demo.organisation.records
    since = datetime(2026, 9, 1, tzinfo=timezone.utc)
    store.resize("Tasks", 100)
    for number, row in enumerate(list(store.read("Tasks", "Subject"))[:60]):
        store.delete("Tasks", row["id"], permanent=number % 2 == 0, at=since + timedelta(hours=1))
    state = bookmarked("Tasks", since)
    with small_pages(PER_PAGE):
        run = read_records(demo, "Tasks", state=state, lookback=0)
        assert run.code == 0, run.logged("ERROR")
        assert len({row["id"] for row in run.rows if row.get("_sdc_deleted_at")}) == 60
        for row in list(store.read("Tasks", "Subject")):
            store.delete("Tasks", row["id"], at=since + timedelta(hours=2))
        run = read_records(demo, "Tasks", state=state, lookback=0)
    assert run.error.startswith("Tasks: more records of Tasks were deleted since 2026-09-01")
    bookmark = run.state["bookmarks"]["Tasks"]
    assert bookmark["replication_key_value"] == "2026-09-01T00:00:00Z"


def test_no_more_than_ten_downloads_begin_within_any_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    now, begun = [1_000.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    pacer = DownloadPacer(Machine(monotonic=lambda: now[0], sleep=sleep))
    for number in range(45):
        pacer.wait()
        begun.append(now[0])
        now[0] += number % 4
    for first, eleventh in itertools.pairwise(begun[::10]):
        assert eleventh - first > 60
    assert all(later - earlier > 60 for earlier, later in zip(begun, begun[10:], strict=False))
    assert any("Zoho allows 10 downloads a minute" in line for line in caplog.messages)


def test_a_job_that_does_not_end_is_given_up_and_taken_up_by_the_next_run(
    demo: DemoOrganisation,
) -> None:
    jobs = demo.organisation.records.bulk_jobs
    demo.organisation.records.resize("Tasks", 30)
    jobs.plan("QUEUED")
    slept: list[float] = []
    with with_options(machine=Machine(sleep=slept.append)):
        run = run_tap(
            config=config_for(demo, read_path="bulk"), catalog=shared_catalog("Tasks"), policy=SLOW
        )
    assert "has not ended within two hours" in run.error
    assert 7_200 <= sum(slept) < 7_300
    assert max(slept) <= 30
    lines = [text for text in run.logged("INFO") if "waiting for the bulk job" in text]
    assert len(lines) > 100
    (job,) = jobs.all
    job.course = ("COMPLETED",)
    rest = read_records(demo, "Tasks", state=run.state, read_path="bulk")
    assert_truth(demo, rest, "Tasks")
    assert len(jobs.all) == 1


def test_the_ledger_says_what_each_stream_has_taken(demo: DemoOrganisation) -> None:
    for module in ("Tasks", "Sites"):
        demo.organisation.records.resize(module, 30)
    demo.organisation.records.purge_long_ago("Tasks", 230)
    run = read_records(demo, "Tasks", "Sites", read_path="coql")
    lines = [text for text in run.logged("INFO") if " credits in " in text]
    assert [line.split(" in ")[0] for line in lines] == [
        "Sites: 30 records by 3 calls for 4 credits",
        "Tasks: 30 records by 6 calls for 10 credits",  # 230 are deleted: two pages, read twice
    ]
    assert run.log[-1].text.startswith("API calls: 12, credits: 17, retries: 0")


@pytest.mark.parametrize("crowd", [0, 50])
def test_nothing_is_lost_if_the_header_excludes_its_own_second(
    demo: DemoOrganisation, crowd: int
) -> None:
    store = demo.organisation.records
    store.resize("Tasks", 90, crowd=crowd)
    times = [row["Modified_Time"] for row in store.read("Tasks", "Modified_Time")]
    since = max(times, key=times.count) if crowd else sorted(times)[10]
    state = bookmarked("Tasks", since)
    with small_pages(PER_PAGE), without_their_own_second("/crm/v8/Tasks"):
        run = read_records(demo, "Tasks", state=state, read_path="rest", lookback=0)
        whole = read_records(demo, "Tasks", read_path="rest")
    assert_truth(demo, whole, "Tasks")
    found = [row["id"] for row in run.rows if not row.get("_sdc_deleted_at")]
    assert len(found) == len(set(found)) == sum(time >= since for time in times)


def test_a_tie_in_the_second_before_the_bookmark_does_not_fail(demo: DemoOrganisation) -> None:
    store = demo.organisation.records
    store.resize("Tasks", 30)
    crowded = datetime(2026, 9, 1, 12, tzinfo=timezone.utc)
    for row in list(store.read("Tasks", "Subject")):
        store.update("Tasks", row["id"], {"Subject": "changed"}, at=crowded)
    state = bookmarked("Tasks", "2026-09-01T12:00:01Z")
    with small_pages(PER_PAGE):
        run = read_records(demo, "Tasks", state=state, read_path="rest", lookback=0)
    assert run.code == 0, run.logged("ERROR")
    assert existing(run) == {}


def test_a_deletion_of_the_bookmarks_own_second_is_emitted(demo: DemoOrganisation) -> None:
    store = demo.organisation.records
    store.resize("Tasks", 30)
    victim = next(store.read("Tasks", "Subject"))["id"]
    store.delete("Tasks", victim, at=datetime(2026, 9, 1, 12, tzinfo=timezone.utc))
    state = bookmarked("Tasks", "2026-09-01T12:00:00Z")
    run = read_records(demo, "Tasks", state=state, lookback=0)
    assert [row["id"] for row in run.rows if row.get("_sdc_deleted_at")] == [victim]
    headers = [
        call.headers["if-modified-since"]
        for call in demo.calls
        if call.path == "/crm/v8/Tasks/deleted" and "if-modified-since" in call.headers
    ]
    assert headers[-1] == "2026-09-01T11:59:59+00:00"


def test_a_time_that_is_none_is_an_error_of_the_stream(demo: DemoOrganisation) -> None:
    # With every key: of those that a row lacks the record is asked for by its id.
    keys = demo.organisation.records.fields("Tasks")
    row = {**dict.fromkeys(keys), "id": "1", "Modified_Time": "yesterday"}
    body = {"data": [row], "info": {"more_records": True, "next_page_token": "x"}}
    demo.inject("/crm/v8/Tasks", Fault(status=200, body=json.dumps(body)), times=None)
    run = read_records(demo, "Tasks", read_path="rest")
    assert run.error.startswith("Tasks: Tasks: Get Records sent 'yesterday' as Modified_Time")
