"""Records without Modified_Time that are made after the first read."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from support.demo import sample_demo
from support.pages import small_pages
from support.records import (
    applied,
    cuts,
    emitted,
    read_records,
    read_whole,
    records_catalog,
    truth,
)
from support.wire import (
    Send,
    after,
    altered_answers,
    before,
    lists_lack,
    on_the_way,
    query_of,
)

from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.answers import NO_CONTENT, Answer
from zohocrm_demo.calls import Request


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with sample_demo(profile=profile) as organisation:
        # Five of them have no time.
        organisation.organisation.records.resize("Partners", 30, unstamped=5)
        yield organisation


def make(demo: DemoOrganisation) -> str:
    """Make a record without Modified_Time."""
    made: str = demo.organisation.records.insert("Partners", {"Name": "made"}, stamped=False)
    demo.settable_clock.advance(60)
    return made


def test_they_come_with_the_next_run_where_there_were_such_before(demo: DemoOrganisation) -> None:
    first = read_whole(demo, "Partners")
    table = emitted(first.stdout, "Partners")
    assert first.state["bookmarks"]["Partners"]["unstamped"] is True
    idle = read_whole(demo, "Partners", state=first.state)
    assert idle.rows == []
    made = make(demo)
    second = read_whole(demo, "Partners", state=idle.state)
    assert [row["id"] for row in second.rows] == [made]
    applied(table, second.stdout, "Partners")
    assert table.keys() == truth(demo, "Partners", ["id"]).keys()
    assert read_whole(demo, "Partners", state=second.state).rows == []


def test_a_deletion_meanwhile_hides_none_that_a_first_read_has_passed(
    demo: DemoOrganisation,
) -> None:
    first_id = next(iter(truth(demo, "Partners", ["id"])))
    made: list[str] = []

    def change() -> None:
        demo.organisation.records.delete("Partners", first_id)
        made.append(make(demo))

    def lists_deletions(request: Request) -> bool:
        return request.path.endswith("/deleted")

    with small_pages(5), before(lists_deletions, change, times=1):
        run = read_whole(demo, "Partners", read_path="rest")

    assert made[0] in emitted(run.stdout, "Partners")


def test_a_killed_run_without_a_column_leaves_none_of_them_without_it(
    demo: DemoOrganisation,
) -> None:
    """It was selected before, and is again."""
    first = read_whole(demo, "Partners")
    table = emitted(first.stdout, "Partners")
    made = make(demo)
    without = records_catalog("Partners", without=["Name"])
    second = read_records(demo, catalog=without, state=first.state)
    for output, state in cuts(second):
        killed = applied(dict(table), output, "Partners")
        third = read_whole(demo, "Partners", state=state)
        assert applied(killed, third.stdout, "Partners")[made]["Name"] == "made"


@pytest.mark.parametrize("path", ["rest", "bulk"])
def test_a_warning_names_what_helps_where_they_cannot_be_asked_for(
    demo: DemoOrganisation, path: str
) -> None:
    first = read_whole(demo, "Partners", read_path=path)
    demo.inject("*/coql", Fault.error(403, "NO_PERMISSION"), times=None)
    second = read_whole(demo, "Partners", read_path=path, state=first.state)
    (line,) = [text for text in second.logged("WARNING") if "Modified_Time" in text]
    assert "refresh_days" in line
    assert "Partners in refresh_modules" in line


@pytest.mark.thorough
@pytest.mark.parametrize("path", ["coql", "rest"])
def test_a_sweep_finds_them_whatever_the_start_date(demo: DemoOrganisation, path: str) -> None:
    demo.organisation.records.resize("Partners", 30)
    settings = {"read_path": path, "start_date": "2020-01-01", "delete_sweep_days": 1}
    first = read_whole(demo, "Partners", **settings)
    made = make(demo)
    first.state["bookmarks"]["Partners"]["swept"] = "2026-01-01T00:00:00Z"
    second = read_whole(demo, "Partners", state=first.state, **settings)
    assert [row["id"] for row in second.rows] == [made]


def listed(request: Request) -> bool:
    return request.path == "/crm/v8/Partners" or request.path.endswith("/result")


@pytest.mark.thorough
@pytest.mark.parametrize("path", ["rest", "bulk"])
def test_those_made_while_all_are_read_are_read_as_well(demo: DemoOrganisation, path: str) -> None:
    # None of them was there when the read began.
    demo.organisation.records.resize("Partners", 30)
    with small_pages(8), after(listed, functools.partial(make, demo)):
        first = read_whole(demo, "Partners", read_path=path)
    found = {row["id"] for row in first.rows}
    assert first.state["bookmarks"]["Partners"]["unstamped"] is True
    second = read_whole(demo, "Partners", read_path=path, state=first.state)
    there = truth(demo, "Partners", ["id"]).keys()
    assert found | {row["id"] for row in second.rows} == there
    assert found - {*list(there)[:30]}


@pytest.mark.thorough
def test_one_that_is_missing_with_a_time_is_not_made_up_for(demo: DemoOrganisation) -> None:
    timed = next(
        row["id"]
        for row in demo.organisation.records.read("Partners", "Name", "Modified_Time")
        if row["Modified_Time"]
    )
    with (
        small_pages(8),
        after(listed, functools.partial(make, demo)),
        lists_lack("Partners", timed),
    ):
        first = read_records(demo, "Partners", read_path="rest")
    assert "some are missing" in first.error


@pytest.mark.thorough
def test_those_that_do_not_come_when_asked_for_again_are_missing(demo: DemoOrganisation) -> None:
    def alone(request: Request, answer: Answer) -> Answer:
        is_asked = "Modified_Time >= '9999" in (query := query_of(request))
        return NO_CONTENT if is_asked and "COUNT" not in query else answer

    making = after(listed, functools.partial(make, demo))
    with small_pages(8), making, altered_answers(alone):
        first = read_records(demo, "Partners", read_path="rest")
    assert "some are missing" in first.error


@pytest.mark.thorough
def test_a_second_read_in_several_runs_makes_up_for_none(demo: DemoOrganisation) -> None:
    first = read_whole(demo, "Partners", catalog=records_catalog("Partners", without=["Name"]))
    settings: dict[str, Any] = {"read_path": "rest", "backfill_new_columns": True}
    with small_pages(8):
        second = read_records(demo, "Partners", state=first.state, **settings)
        begun = next(
            state
            for _, state in cuts(second)
            if state["bookmarks"]["Partners"].get("reload", {}).get("after")
        )
        rows = demo.organisation.records.read("Partners", "Name", "Modified_Time")
        timed = max((row["Modified_Time"], row["id"]) for row in rows if row["Modified_Time"])[1]
        make(demo)
        with lists_lack("Partners", timed):
            third = read_records(demo, "Partners", state=begun, **settings)
    assert "some are missing" in third.error


def test_one_that_gets_a_time_while_everything_is_read_is_not_counted_as_one_without(
    demo: DemoOrganisation,
) -> None:
    """Of the five without a time one gets one, and another one is made, after they were read."""
    store = demo.organisation.records
    untimed = next(
        row["id"]
        for row in store.read("Partners", "id", "Modified_Time")
        if not row["Modified_Time"]
    )

    def change() -> None:
        store.update("Partners", untimed, {"Name": "has a time now"})
        store.insert("Partners", {"Name": "made"}, stamped=False)

    lists = itertools.count(1)

    def is_due(request: Request) -> bool:
        return request.path == "/crm/v8/Partners" and next(lists) == 2

    with small_pages(8), after(is_due, change):
        run = read_whole(demo, "Partners", read_path="rest")
    assert run.code == 0, run.stderr
    assert emitted(run.stdout, "Partners").keys() == truth(demo, "Partners", ["id"]).keys()


@pytest.mark.thorough
def test_a_deleted_one_that_lagging_queries_show_does_not_come_with_those_asked_for_again(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    rows = store.read("Partners", "id", "Modified_Time")
    gone = next(row["id"] for row in rows if not row["Modified_Time"])
    deleted = demo.settable_clock()
    store.delete("Partners", gone, at=deleted)
    demo.settable_clock.advance(60)
    made: list[str] = []

    def way(request: Request, send: Send) -> Answer:
        query = query_of(request)
        if query and "COUNT" not in query:
            store.restore("Partners", gone, touch=False)
            answer = send(request)
            store.delete("Partners", gone, at=deleted)
            return answer
        answer = send(request)
        if listed(request):
            made.append(make(demo))
        return answer

    with small_pages(8), on_the_way(way):
        run = read_whole(demo, "Partners", read_path="rest")
    assert any(row["id"] == gone for row in run.rows)
    table = emitted(run.stdout, "Partners")
    last = read_whole(demo, "Partners", state=run.state, read_path="rest")
    expected = truth(demo, "Partners", ["id"]).keys()
    assert applied(table, last.stdout, "Partners").keys() == expected
    assert {*made} <= expected
