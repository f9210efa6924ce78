"""Of a read in several runs nothing is counted twice, so that nothing makes up for what it lacks.

STATE has no ids here, as of a module with too many of them.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.pages import limited, paged_demo
from support.records import applied, cuts, read_records, read_whole, records_catalog, truth
from support.run import Run
from support.wire import lists_lack

from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation

pytestmark = pytest.mark.thorough

PER_PAGE = 20


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with paged_demo("Tasks", 90, PER_PAGE) as organisation:
        yield organisation


def without_ids(run: Run, part: str, number: int) -> tuple[bytes, dict[str, Any]]:
    """The output up to one of the STATEs that have a part, and that STATE without ids."""
    output, state = [
        (output, state)
        for output, state in cuts(run)
        if state["bookmarks"]["Tasks"].get(part, {}).get("emitted")
    ][number]
    state["bookmarks"]["Tasks"].pop("ids", None)
    return output, state


def assert_missed(demo: DemoOrganisation, output: bytes, state: Any, **more: Any) -> None:
    """Records that no run emits are missed; and with all of them there, nothing is."""
    read_whole(demo, "Tasks", state=copy.deepcopy(state), **more)
    later = truth(demo, "Tasks", ["id"]).keys() - applied({}, output, "Tasks").keys()
    with lists_lack("Tasks", min(later)):
        lacking = read_records(demo, "Tasks", state=state, **more)
    assert "some are missing" in lacking.error


def test_what_was_changed_within_the_lookback(demo: DemoOrganisation) -> None:
    lately = datetime.now(timezone.utc) - timedelta(minutes=2)
    for one in sorted(truth(demo, "Tasks", ["id"]), key=int)[:10]:
        demo.organisation.records.update("Tasks", one, {"Subject": "changed"}, at=lately)
    output, state = without_ids(read_records(demo, "Tasks", read_path="coql"), "position", 1)
    # They are emitted once more, since the next cutoff looks back.
    assert_missed(demo, output, state, read_path="coql")


def test_what_another_path_begins_anew(demo: DemoOrganisation) -> None:
    output, state = without_ids(read_records(demo, "Tasks", read_path="coql"), "position", 1)
    assert_missed(demo, output, state, read_path="rest")


def test_what_a_second_read_goes_on_with_by_time(demo: DemoOrganisation) -> None:
    fewer = records_catalog("Tasks", without=["Subject"])
    first = read_whole(demo, "Tasks", catalog=fewer)
    filling = read_records(
        demo, "Tasks", state=first.state, read_path="rest", backfill_new_columns=True
    )
    output, state = without_ids(filling, "reload", 0)
    assert state["bookmarks"]["Tasks"]["reload"]["after"]
    again = {"read_path": "rest", "backfill_new_columns": True}
    assert_missed(demo, output, state, **again)


def test_a_first_read_in_three_runs_is_still_counted(demo: DemoOrganisation) -> None:
    _, state = without_ids(read_records(demo, "Tasks", read_path="rest"), "position", 0)
    # So many changes are left that a job is cheaper, which does not go by time.
    limits = Limits(
        page_rows=2,
        query_credits=((1, 9),),
        job_credits=1,
        uncounted_changes=0,
        records_per_state=1,
    )
    with limited(limits):
        second = read_records(demo, "Tasks", state=state)
        _, state = without_ids(second, "position", -1)
        assert state["bookmarks"]["Tasks"]["position"]["checkpoint"]
        read_whole(demo, "Tasks", state=copy.deepcopy(state))
        # As if an earlier run had passed over a record.
        state["bookmarks"]["Tasks"]["position"]["emitted"] -= 1
        lacking = read_records(demo, "Tasks", state=state)
    assert "some are missing" in lacking.error


def test_a_first_read_by_time_of_which_another_path_begins_the_rest_anew(
    demo: DemoOrganisation,
) -> None:
    _, state = without_ids(read_records(demo, "Tasks", read_path="rest"), "position", 1)
    settled = state["bookmarks"]["Tasks"]["position"]["emitted"]
    # The job's rows will be emitted again, and those before it will not.
    second = read_records(demo, "Tasks", state=state, read_path="bulk")
    _, state = without_ids(second, "position", -1)
    position = state["bookmarks"]["Tasks"]["position"]
    assert position["settled"] == settled
    read_whole(demo, "Tasks", state=copy.deepcopy(state), read_path="rest")
    position["settled"] -= 1
    lacking = read_records(demo, "Tasks", state=state, read_path="rest")
    assert "some are missing" in lacking.error


def test_what_an_earlier_start_date_wanted_is_counted_where_the_read_begins_anew(
    demo: DemoOrganisation,
) -> None:
    rows = truth(demo, "Tasks", ["id", "Modified_Time"]).values()
    by_time = sorted(rows, key=lambda row: (row["Modified_Time"], int(row["id"])))
    middle = by_time[len(by_time) // 2]["Modified_Time"]
    with lists_lack("Tasks", by_time[0]["id"]):
        first = read_records(demo, "Tasks", read_path="coql")
        assert "some are missing" in first.error
        second = read_records(demo, "Tasks", state=first.state, read_path="coql", start_date=middle)
    assert "some are missing" in second.error
