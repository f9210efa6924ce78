"""Killed after any STATE, the next run emits the rest: nothing is lost, and little read twice."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from support.demo import config_for
from support.pages import paged_demo
from support.records import (
    applied,
    bookmarked,
    cuts,
    read_records,
    read_whole,
    records_catalog,
    table,
    truth,
)
from support.run import FAST, Run, run_tap
from support.wire import lists_lack

from zohocrm_demo import DemoOrganisation, Fault

pytestmark = pytest.mark.thorough

BULK = "/crm/bulk/v8/read"
STATE_OF_JOB = f"{BULK}/[0-9]*[0-9]"
PER_PAGE = 20
COUNT = 90


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with paged_demo("Tasks", COUNT, PER_PAGE, unstamped=2, profile=profile) as organisation:
        yield organisation


def calls(demo: DemoOrganisation) -> list[tuple[str, str]]:
    """The calls for records, job states not among them."""
    paths = [(call.method, call.path) for call in demo.calls]
    return [
        (method, path)
        for method, path in paths
        if "settings" not in path
        and "oauth" not in path
        and not (path.startswith(f"{BULK}/") and not path.endswith("/result"))
    ]


def jobs(demo: DemoOrganisation) -> int:
    return sum(call == ("POST", BULK) for call in calls(demo))


def counted_cuts(run: Run) -> list[tuple[bytes, dict[str, Any]]]:
    """The output up to each STATE that says how many records were emitted, and that STATE."""
    found = cuts(run, '"emitted"')
    return [cut for cut in found if cut[1]["bookmarks"]["Tasks"]["position"]["emitted"]]


def assert_truth(demo: DemoOrganisation, found: dict[str, Any]) -> None:
    expected = truth(demo, "Tasks", ["Subject", "Modified_Time"])
    assert found.keys() == expected.keys()
    for record_id, values in expected.items():
        assert {name: found[record_id][name] for name in values} == values


@pytest.mark.parametrize("path", ["rest", "coql", "bulk"])
def test_a_first_read_goes_on_from_any_state(demo: DemoOrganisation, path: str) -> None:
    whole = read_whole(demo, "Tasks", read_path=path)
    spent, paid = len(calls(demo)), jobs(demo)
    assert len(cuts(whole)) > 4
    for output, state in cuts(whole):
        before, jobs_before = len(calls(demo)), jobs(demo)
        rest = read_whole(demo, "Tasks", state=state, read_path=path)
        assert_truth(demo, table("Tasks", output, rest.stdout))
        position = state["bookmarks"]["Tasks"].get("position", {})
        known = position.get("checkpoint", {}).get("bulk_jobs", [])
        assert jobs(demo) - jobs_before == paid - len(known) or state == cuts(whole)[-1][1]
        if path != "bulk":
            emitted = output.count(b'"type":"RECORD"')
            read_again = len(rest.rows) + emitted - len(whole.rows)
            assert read_again <= PER_PAGE
            # What was changed since, the two lists of deletions, and the count to compare with.
            assert len(calls(demo)) - before <= spent - emitted // PER_PAGE + 5


@pytest.mark.parametrize("path", ["rest", "coql"])
def test_an_increment_goes_on_from_any_state_with_its_deletions(
    demo: DemoOrganisation, path: str
) -> None:
    store = demo.organisation.records
    rows = sorted(
        (row["Modified_Time"], row["id"])
        for row in store.read("Tasks", "Modified_Time")
        if row["Modified_Time"] is not None
    )
    since = rows[0][0]
    # Deleted early in the window, which the bookmark passes before deletions are asked for.
    store.delete("Tasks", rows[-1][1], at=since + timedelta(minutes=1))
    whole = read_whole(demo, "Tasks", state=bookmarked("Tasks", since), read_path=path)
    deleted = {row["id"] for row in whole.rows if row.get("_sdc_deleted_at")}
    assert rows[-1][1] in deleted
    assert len(cuts(whole)) > 4
    for output, state in cuts(whole):
        rest = read_whole(demo, "Tasks", state=state, read_path=path)
        both = [*map(json.loads, output.splitlines()), *rest.messages]
        found = [message["record"] for message in both if message["type"] == "RECORD"]
        assert {row["id"] for row in found} == {row["id"] for row in whole.rows}
        assert {row["id"] for row in found if row.get("_sdc_deleted_at")} >= deleted
        assert len(found) - len(whole.rows) <= PER_PAGE + len(deleted)
    assert "deleted_until" not in cuts(whole)[-1][1]["bookmarks"]["Tasks"]


GONE = {
    "404": Fault.error(404, "RESOURCE_NOT_FOUND"),
    "404 of another name": Fault.error(404, "INVALID_DATA"),
    "410": Fault.html(410, "Gone"),
}
USELESS = {
    **GONE,
    "400": Fault.error(400, "INVALID_DATA"),
    "403": Fault.error(403, "NO_PERMISSION"),
}


@pytest.mark.parametrize("fault", USELESS)
def test_a_job_of_an_earlier_run_that_is_of_no_use_is_made_again(
    demo: DemoOrganisation, fault: str
) -> None:
    output, state = next(
        cut for cut in cuts(read_records(demo, "Tasks", read_path="bulk")) if b"bulk" in cut[0]
    )
    before = jobs(demo)
    demo.inject(STATE_OF_JOB, USELESS[fault])
    rest = read_whole(demo, "Tasks", state=state, read_path="bulk")
    assert_truth(demo, table("Tasks", output, rest.stdout))
    assert jobs(demo) - before == 3


@pytest.mark.parametrize("fault", GONE)
@pytest.mark.parametrize("call", [STATE_OF_JOB, f"{BULK}/*/result"])
def test_jobs_that_are_always_lost_are_not_paid_for_without_end(
    demo: DemoOrganisation, call: str, fault: str
) -> None:
    demo.inject(call, GONE[fault], times=None)
    run = read_records(demo, "Tasks", read_path="bulk")
    assert "Zoho has lost the bulk jobs" in run.error
    assert jobs(demo) <= 6


def test_a_result_that_expires_between_two_jobs_is_fetched_anew(demo: DemoOrganisation) -> None:
    demo.inject(f"{BULK}/*/result", GONE["404"], nth=2)
    run = read_whole(demo, "Tasks", read_path="bulk")
    assert_truth(demo, table("Tasks", run.stdout))


def test_a_token_that_expires_between_two_jobs_begins_anew(demo: DemoOrganisation) -> None:
    demo.inject(BULK, Fault.error(400, "EXPIRED_VALUE"), nth=2)
    run = read_whole(demo, "Tasks", read_path="bulk")
    assert "not all read by Bulk Read" not in run.stderr
    assert_truth(demo, table("Tasks", run.stdout))


@pytest.mark.parametrize(
    "part",
    [
        {"replication_key": "Modified_Time", "replication_key_value": "2026-01-01"},
        {"replication_key": "Modified_Time", "replication_key_value": "last Tuesday"},
        {"replication_key_value": "2026-01-01T00:00:00Z", "deleted_until": None},
    ],
)
def test_a_state_that_the_tap_has_not_written_is_refused_in_one_line(
    demo: DemoOrganisation, part: dict[str, Any]
) -> None:
    run = read_records(demo, "Tasks", state={"bookmarks": {"Tasks": part}})
    assert run.error.startswith("Tasks: STATE has ")
    assert run.rows == []


@pytest.mark.parametrize("path", ["rest", "coql", "bulk"])
@pytest.mark.parametrize("change", ["fields", "start_date"])
def test_a_first_read_of_something_else_begins_anew(
    demo: DemoOrganisation, path: str, change: str
) -> None:
    fewer = records_catalog("Tasks", without=["Subject"] if change == "fields" else [])
    more = {"start_date": "2025-01-01"} if change == "start_date" else {}
    killed = run_tap(config=config_for(demo, read_path=path, **more), catalog=fewer, policy=FAST)
    for output, state in cuts(killed)[:-1]:
        again = read_whole(demo, "Tasks", state=state, read_path=path)
        assert_truth(demo, table("Tasks", again.stdout))
        # Killed once more, at once.
        rest = read_records(demo, "Tasks", state=cuts(again)[0][1], read_path=path)
        assert_truth(demo, table("Tasks", output, rest.stdout))


@pytest.mark.parametrize("path", ["coql", "bulk"])
def test_what_a_resumed_read_lacks_is_missed_at_its_end(demo: DemoOrganisation, path: str) -> None:
    first = read_records(demo, "Tasks", read_path=path)
    output, state = counted_cuts(first)[0]
    found = table("Tasks", output)
    assert state["bookmarks"]["Tasks"]["position"]["emitted"] == len(found)
    whole = read_whole(demo, "Tasks", state=copy.deepcopy(state), read_path=path)
    applied(found, whole.stdout, "Tasks")
    assert found.keys() == truth(demo, "Tasks", ["id"]).keys()
    # As if the earlier run had passed over a record.
    state["bookmarks"]["Tasks"]["position"]["emitted"] -= 1
    lacking = read_records(demo, "Tasks", state=state, read_path=path)
    assert "some are missing" in lacking.error


@pytest.mark.parametrize("keeps_ids", [True, False])
def test_what_a_first_read_lacks_that_goes_on_by_its_bookmark_is_missed(
    demo: DemoOrganisation, *, keeps_ids: bool
) -> None:
    first = read_records(demo, "Tasks", read_path="rest")
    output, state = counted_cuts(first)[0]
    part = state["bookmarks"]["Tasks"]
    # Those of the bookmark's own second will be emitted again.
    assert 0 < part["position"]["emitted"] < len(applied({}, output, "Tasks"))
    assert "replication_key_value" in part
    if not keeps_ids:
        del part["ids"]
    read_whole(demo, "Tasks", state=copy.deepcopy(state), read_path="rest")
    later = truth(demo, "Tasks", ["id"]).keys() - applied({}, output, "Tasks").keys()

    with lists_lack("Tasks", min(later)):
        lacking = read_records(demo, "Tasks", state=state, read_path="rest")
    assert "some are missing" in lacking.error
