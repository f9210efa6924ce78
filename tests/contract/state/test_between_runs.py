"""What happens between a killed read and the next one loses nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import math
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.cases import thorough
from support.pages import paged_demo
from support.records import bookmarked, cuts, existing, read_whole, records_catalog, table, truth
from support.wire import altered_requests, query_of, without_their_own_second

from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.calls import Request

pytestmark = pytest.mark.thorough

BULK = "/crm/bulk/v8/read"
PER_PAGE = 20
COUNT = 90


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with paged_demo("Tasks", COUNT, PER_PAGE, profile=profile) as organisation:
        yield organisation


@pytest.mark.parametrize("path", ["rest", "coql", "bulk"])
def test_what_a_killed_first_read_found_in_the_bin_is_not_lost_when_it_is_restored(
    demo: DemoOrganisation, path: str
) -> None:
    store = demo.organisation.records
    times = {row["id"]: row["Modified_Time"] for row in store.read("Tasks", "Modified_Time")}
    victim = min(times, key=lambda record_id: (times[record_id], int(record_id)))
    store.delete("Tasks", victim)
    killed = cuts(read_whole(demo, "Tasks", read_path=path))
    assert len(killed) > 4
    for output, state in killed:
        store.restore("Tasks", victim, touch=False)
        rest = read_whole(demo, "Tasks", state=state, read_path=path)
        rows = table("Tasks", output, rest.stdout)
        assert rows.keys() == times.keys()
        store.delete("Tasks", victim)


@pytest.mark.parametrize("path", ["rest", "coql"])
def test_what_a_killed_increment_found_in_the_bin_is_not_lost_when_it_is_restored(
    demo: DemoOrganisation, path: str
) -> None:
    store = demo.organisation.records
    (before, victim), *_ = sorted(
        (row["Modified_Time"], row["id"]) for row in store.read("Tasks", "Modified_Time")
    )
    store.update("Tasks", victim, {"Subject": "changed"}, at=before + timedelta(seconds=1))
    store.delete("Tasks", victim)
    begin = bookmarked("Tasks", before)
    killed = cuts(read_whole(demo, "Tasks", state=begin, read_path=path), "deleted_until")
    assert len(killed) > 2
    for output, state in killed:
        store.restore("Tasks", victim, touch=False)
        rest = read_whole(demo, "Tasks", state=state, read_path=path)
        rows = table("Tasks", output, rest.stdout)
        assert rows[victim]["Subject"] == "changed"
        store.delete("Tasks", victim)


def test_the_bin_is_looked_into_only_where_a_read_has_several_pages(
    demo: DemoOrganisation,
) -> None:
    def looks() -> int:
        return sum(call.path.endswith("/deleted") for call in demo.calls)

    bookmark = bookmarked("Tasks", datetime.now(timezone.utc))
    read_whole(demo, "Tasks", state=bookmark, read_path="coql")
    assert looks() == 1
    # With tombstones it would list all deletions at its end, however many pages it has.
    read_whole(demo, "Tasks", read_path="coql", emit_tombstones=False)
    assert looks() == 1 + 2


def queries_leave_out_converted_leads() -> contextlib.AbstractContextManager[None]:
    """Let queries be answered as if none spoke of conversion."""
    asked = b"(Converted__s = 'true' or Converted__s = 'false')"

    def alter(request: Request) -> Request:
        if not query_of(request):
            return request
        assert asked in request.body
        return dataclasses.replace(request, body=request.body.replace(asked, b"id is not null"))

    return altered_requests(alter)


def test_converted_leads_that_queries_leave_out_are_not_passed_by_a_bookmark(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize("Leads", COUNT)
    times = existing(read_whole(demo, "Leads", read_path="rest"))
    with queries_leave_out_converted_leads():
        whole = read_whole(
            demo, "Leads", state=bookmarked("Leads", min(times.values())), read_path="coql"
        )
        assert existing(whole) == times
        assert "which alone returns them" in whole.stderr
        for output, state in cuts(whole):
            rest = read_whole(demo, "Leads", state=state, read_path="coql")
            assert table("Leads", output, rest.stdout).keys() == times.keys()


def test_bookmarks_move_on_page_by_page_where_queries_give_converted_leads(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize("Leads", COUNT)
    times = existing(read_whole(demo, "Leads", read_path="rest"))
    whole = read_whole(
        demo, "Leads", state=bookmarked("Leads", min(times.values())), read_path="coql"
    )
    times_in_state = {
        state["bookmarks"]["Leads"]["replication_key_value"] for _, state in cuts(whole)
    }
    assert len(times_in_state) > COUNT // PER_PAGE


@pytest.mark.parametrize("crowd", [0, 2 * PER_PAGE])
def test_converted_leads_of_the_bookmarks_own_second_are_read_if_the_header_excludes_it(
    demo: DemoOrganisation, crowd: int
) -> None:
    store = demo.organisation.records
    store.resize("Leads", COUNT)
    at = datetime(2026, 9, 1, 12, tzinfo=timezone.utc)
    leads = [row["id"] for row in store.read("Leads", "Converted__s") if not row["Converted__s"]]
    for lead in leads[1 : 1 + crowd]:
        # More than a page of them, just before the window.
        store.convert_lead(lead, at=at - timedelta(seconds=1))
    store.convert_lead(leads[0], at=at)
    header = contextlib.nullcontext() if crowd else without_their_own_second("/crm/v8/Leads")
    with queries_leave_out_converted_leads(), header:
        run = read_whole(
            demo,
            "Leads",
            state=bookmarked("Leads", "2026-09-01T12:00:00Z"),
            read_path="coql",
            # Else the second is not the first that is asked for, and the crowd is.
            lookback=0,
        )
    assert existing(run).keys() == {leads[0]}


@thorough
def test_a_bulk_job_without_a_refused_field_is_taken_up_as_it_is(demo: DemoOrganisation) -> None:
    refusal = Fault.error(400, "INVALID_FIELD", "not supported", {"api_name": "Priority"})
    demo.inject(BULK, refusal)
    whole = read_whole(demo, "Tasks", read_path="bulk")
    assert "the field Priority" in whole.stderr
    expected = truth(demo, "Tasks", ["Subject", "Priority"])
    for output, state in cuts(whole, "bulk_jobs"):
        before = sum(call.path == BULK for call in demo.calls)
        rest = read_whole(demo, "Tasks", state=state, read_path="bulk")
        rows = table("Tasks", output, rest.stdout)
        assert {i: {k: rows[i][k] for k in expected[i]} for i in rows} == expected
        known = len(state["bookmarks"]["Tasks"]["position"]["checkpoint"]["bulk_jobs"])
        assert sum(call.path == BULK for call in demo.calls) - before == 3 - known


def test_a_deletion_that_a_killed_run_gave_is_taken_back_when_it_is_undone(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    first = read_whole(demo, "Tasks", cutoff_lag=0)
    (victim, *_) = (row["id"] for row in store.read("Tasks", "Subject"))
    store.delete("Tasks", victim)
    demo.settable_clock.advance(60)
    second = read_whole(demo, "Tasks", state=first.state, cutoff_lag=0)
    before, _, _ = second.stdout.rpartition(b'{"type":"STATE"')
    assert victim not in table("Tasks", first.stdout, before)
    states = [json.loads(line) for line in before.splitlines() if b'"type":"STATE"' in line]
    store.restore("Tasks", victim, touch=False)
    third = read_whole(demo, "Tasks", state=states[-1]["value"], cutoff_lag=0)
    assert victim in table("Tasks", first.stdout, before, third.stdout)


def test_one_that_came_back_is_not_taken_for_one_that_went_since_the_job(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    # What one job exports.
    store.resize("Tasks", 2 * PER_PAGE)
    back, gone = (row["id"] for row in itertools.islice(store.read("Tasks", "Subject"), 2))
    store.delete("Tasks", back)
    output, state = cuts(read_whole(demo, "Tasks", read_path="bulk"), "bulk_jobs")[0]
    store.restore("Tasks", back, touch=False)
    store.delete("Tasks", gone, permanent=True)
    rest = read_whole(demo, "Tasks", state=state, read_path="bulk")
    assert sum(call.path == BULK for call in demo.calls) == 1
    there = truth(demo, "Tasks", ["Subject"]).keys()
    # Its deletion is after the cutoff, and so the next run's; whether it is still read is open.
    assert there <= table("Tasks", output, rest.stdout).keys() <= there | {gone}


@thorough
def test_the_bulk_jobs_of_changes_are_taken_up_again(demo: DemoOrganisation) -> None:
    begin = bookmarked("Tasks", "2020-01-01T00:00:00Z")
    whole = read_whole(demo, "Tasks", state=begin, read_path="bulk")
    expected = existing(whole)
    assert len(expected) > 2 * PER_PAGE
    killed = cuts(whole, "bulk_jobs")
    assert len(killed) >= 4
    for output, state in killed:
        before = sum(call.path == BULK for call in demo.calls)
        rest = read_whole(demo, "Tasks", state=state, read_path="bulk")
        rows = table("Tasks", output, rest.stdout)
        assert {record_id: rows[record_id]["Modified_Time"] for record_id in rows} == expected
        known = len(state["bookmarks"]["Tasks"]["position"]["checkpoint"]["bulk_jobs"])
        made = sum(call.path == BULK for call in demo.calls) - before
        assert made == math.ceil(len(expected) / (2 * PER_PAGE)) - known
        assert "position" not in str(rest.of_type("STATE")[-1])


@pytest.mark.parametrize(
    ("path", "choice"),
    [
        ("coql", {}),
        ("rest", {}),
        ("bulk", {"replication_method": "FULL_TABLE"}),
        ("bulk", {"without": ["Subject"]}),
    ],
)
def test_the_bulk_jobs_of_changes_are_of_no_use_to_another_read(
    demo: DemoOrganisation, path: str, choice: dict[str, Any]
) -> None:
    since = bookmarked("Tasks", "2020-01-01T00:00:00Z")
    output, state = cuts(read_whole(demo, "Tasks", state=since, read_path="bulk"), "bulk_jobs")[1]
    catalog = records_catalog("Tasks", **choice)
    rest = read_whole(demo, state=state, read_path=path, catalog=catalog)
    rows = table("Tasks", output, rest.stdout)
    changed = {k for k, row in truth(demo, "Tasks", ["Modified_Time"]).items() if any(row.values())}
    assert rows.keys() >= changed
    assert "position" not in str(rest.of_type("STATE")[-1])
    # What is not read whole goes on from the bookmark, and looks back from there.
    is_full = "replication_method" in choice
    assert ("changes since 2019-12-31T23:55:00Z" in rest.stderr) == (not is_full)
