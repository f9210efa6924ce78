"""A deletion that one call shows, while others still have the record, ends as a deletion.

Nothing yet says that Zoho's calls lag behind one another; the simulation draws it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.records import (
    applied,
    cuts,
    emitted,
    read_records,
    read_whole,
    records_catalog,
    truth,
)
from support.run import Run
from support.sample import awkward_sample
from support.wire import Send, on_the_way, params_of

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request
from zohocrm_demo.clock import Clock

MODULE, PLACE = "Tasks", "/crm/v8/Tasks"


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    clock = Clock(datetime.now(timezone.utc).replace(microsecond=0) - timedelta(hours=1))
    with DemoOrganisation(awkward_sample, clock=clock) as organisation:
        organisation.organisation.records.resize(MODULE, 20)
        yield organisation


def is_by_id(request: Request) -> bool:
    return request.path == PLACE and "ids" in params_of(request)


def is_list(request: Request) -> bool:
    return request.path == PLACE and "if-modified-since" in request.headers


def still_there(
    demo: DemoOrganisation, record_id: str, at: datetime, shows: Callable[[Request], bool]
) -> contextlib.AbstractContextManager[None]:
    """Let calls that match see a record that was deleted at this time."""
    store = demo.organisation.records

    def way(request: Request, send: Send) -> Answer:
        if not shows(request):
            return send(request)
        store.restore(MODULE, record_id, touch=False)
        answer = send(request)
        store.delete(MODULE, record_id, at=at)
        return answer

    return on_the_way(way)


def read_and_delete(demo: DemoOrganisation, **settings: Any) -> tuple[Run, str, datetime]:
    """Read everything; return the run, a record that is deleted after it, and when."""
    store, clock = demo.organisation.records, demo.settable_clock
    first = read_records(demo, MODULE, read_path="rest", **settings)
    gone = next(iter(emitted(first.stdout, MODULE)))
    clock.advance(60)
    store.update(MODULE, gone, {"Subject": "Its last change"})
    store.delete(MODULE, gone, at=clock())
    return first, gone, clock()


@pytest.mark.parametrize("shows", [is_by_id, is_list])
def test_a_record_that_shows_after_its_deletion_is_deleted_by_a_later_run(
    demo: DemoOrganisation, shows: Callable[[Request], bool]
) -> None:
    first, gone, deleted = read_and_delete(demo)
    table, state, shown = emitted(first.stdout, MODULE), first.state, False
    clock = demo.settable_clock
    for lags in (shows is is_by_id, True, False):
        clock.advance(60)
        with contextlib.ExitStack() as stack:
            if lags:
                stack.enter_context(still_there(demo, gone, deleted, shows))
            run = read_whole(demo, MODULE, state=state, read_path="rest")
        state = run.state
        shown = shown or any(
            row["id"] == gone and row["_sdc_deleted_at"] is None for row in run.rows
        )
        applied(table, run.stdout, MODULE)

    assert shown
    assert table.keys() == truth(demo, MODULE, ["id"]).keys()


@pytest.mark.parametrize("ends", ["killed", "without tombstones"])
def test_a_record_that_shows_again_in_a_run_that_emits_no_deletion_is_deleted_by_the_next(
    demo: DemoOrganisation, ends: str
) -> None:
    first, gone, deleted = read_and_delete(demo)
    table, clock = emitted(first.stdout, MODULE), demo.settable_clock
    clock.advance(60)
    second = read_whole(demo, MODULE, state=first.state, read_path="rest")
    assert gone not in applied(table, second.stdout, MODULE)
    clock.advance(60)
    settings = {"read_path": "rest", "emit_tombstones": ends == "killed"}
    with still_there(demo, gone, deleted, is_list):
        third = read_whole(demo, MODULE, state=second.state, **settings)
    lines = third.stdout.splitlines(keepends=True)
    shown = next(number for number, line in enumerate(lines) if gone in emitted(line, MODULE))
    output, state = third.stdout, third.state
    if ends == "killed":
        output, reached = b"".join(lines[: shown + 1]), len(b"".join(lines[:shown]))
        state = [found for text, found in cuts(third) if len(text) <= reached][-1]
    assert gone in applied(table, output, MODULE)
    clock.advance(600)
    last = read_whole(demo, MODULE, state=state, read_path="rest")
    assert applied(table, last.stdout, MODULE).keys() == truth(demo, MODULE, ["id"]).keys()


def test_a_deletion_that_shows_late_comes_though_tombstones_were_switched_off_meanwhile(
    demo: DemoOrganisation,
) -> None:
    store, clock = demo.organisation.records, demo.settable_clock
    first = read_whole(demo, MODULE)
    table = emitted(first.stdout, MODULE)
    # It becomes visible after the read, with a time before its cutoff.
    store.delete(MODULE, next(iter(table)), at=clock() - timedelta(seconds=30))
    clock.advance(600)
    second = read_whole(demo, MODULE, state=first.state, emit_tombstones=False)
    clock.advance(600)
    third = read_whole(demo, MODULE, state=second.state)
    for run in (second, third):
        applied(table, run.stdout, MODULE)
    assert table.keys() == truth(demo, MODULE, ["id"]).keys()


def is_read_of_all(request: Request) -> bool:
    return request.path == PLACE and "ids" not in params_of(request) and not is_list(request)


def test_a_deleted_record_that_a_second_read_shows_is_gone_in_the_end(
    demo: DemoOrganisation,
) -> None:
    store, clock = demo.organisation.records, demo.settable_clock
    narrow = records_catalog(MODULE, without=["Subject"])
    first = read_records(demo, catalog=narrow, read_path="rest")
    table = emitted(first.stdout, MODULE)
    gone = next(iter(table))
    clock.advance(60)
    store.delete(MODULE, gone, at=clock())
    deleted = clock()
    clock.advance(60)
    with still_there(demo, gone, deleted, is_read_of_all):
        filled = read_records(demo, MODULE, state=first.state, read_path="rest")
    assert any("read again" in text for text in filled.logged("INFO"))
    clock.advance(60)
    last = read_records(demo, MODULE, state=filled.state, read_path="rest")
    for run in (filled, last):
        applied(table, run.stdout, MODULE)
    assert table.keys() == truth(demo, MODULE, ["id"]).keys()


def test_a_deleted_record_of_an_earlier_run_that_a_second_read_shows_is_gone_in_the_end(
    demo: DemoOrganisation,
) -> None:
    first, gone, deleted = read_and_delete(demo)
    table, clock = emitted(first.stdout, MODULE), demo.settable_clock
    clock.advance(60)
    second = read_whole(demo, MODULE, state=first.state, read_path="rest")
    assert gone not in applied(table, second.stdout, MODULE)
    # Another deletion: STATE is to have both after the third run.
    demo.organisation.records.delete(MODULE, next(iter(table)), at=clock())
    clock.advance(60)
    state = second.state
    # It is time to read everything again.
    state["bookmarks"][MODULE]["read_whole"] = "2026-01-01T00:00:00Z"
    again = {"refresh_days": 1, "refresh_modules": [MODULE], "read_path": "rest"}
    with still_there(demo, gone, deleted, is_read_of_all):
        third = read_whole(demo, MODULE, state=state, **again)
    assert gone in applied(table, third.stdout, MODULE)
    clock.advance(60)
    last = read_whole(demo, MODULE, state=third.state, read_path="rest")
    assert applied(table, last.stdout, MODULE).keys() == truth(demo, MODULE, ["id"]).keys()
