"""A deletion that one call shows, while others still have the record, ends as a deletion.

Nothing yet says that Zoho's calls lag behind one another; the simulation draws it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest
from support.records import applied, emitted, read_whole, truth
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


@pytest.mark.parametrize("shows", [is_by_id, is_list])
def test_a_record_that_shows_after_its_deletion_is_deleted_by_a_later_run(
    demo: DemoOrganisation, shows: Callable[[Request], bool]
) -> None:
    store, clock = demo.organisation.records, demo.settable_clock
    first = read_whole(demo, MODULE, read_path="rest")
    table = emitted(first.stdout, MODULE)
    gone = next(iter(table))
    clock.advance(60)
    store.update(MODULE, gone, {"Subject": "Its last change"})
    store.delete(MODULE, gone, at=clock())
    deleted, state, shown = clock(), first.state, False
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
