"""Queries that are asked for before their turn bring what those would that wait for each other."""

from __future__ import annotations

import collections
import dataclasses
import json
import re
import threading
from collections.abc import Iterator

import pytest
from support.altered import refusal, rows_of, with_rows
from support.pages import limited
from support.records import read_whole
from support.run import Run
from support.wire import Send, Way, on_the_way, query_of

from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.answers import NO_CONTENT, Answer
from zohocrm_demo.calls import Request

pytestmark = pytest.mark.thorough

MODULE = "Tasks"
FIRST, SIZE = 5, 40
# A page that costs less, one that shows that Zoho returns so many, and seven ahead, of which the
# last has room for the rows that come twice.
COUNT = FIRST + SIZE + 6 * SIZE + 20
_AHEAD = re.compile(r" limit \d+, (?P<limit>\d+)$")


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    few = Limits(page_rows=FIRST, query_credits=((FIRST, 1), (SIZE, 3)), records_per_state=1)
    with DemoOrganisation() as organisation, limited(few):
        organisation.organisation.records.resize(MODULE, COUNT)
        yield organisation


def is_ahead(request: Request) -> bool:
    return _AHEAD.search(query_of(request)) is not None


def ids_of(demo: DemoOrganisation) -> list[str]:
    return sorted((row["id"] for row in demo.organisation.records.read(MODULE)), key=int)


def assert_whole(run: Run, demo: DemoOrganisation) -> None:
    """Assert that a run has emitted what there is at its end, and no record twice."""
    shown = collections.Counter(
        row["id"] for row in run.rows_of(MODULE) if row.get("_sdc_deleted_at") is None
    )
    assert set(ids_of(demo)) <= shown.keys()
    assert set(shown.values()) == {1}


def test_several_queries_are_under_way_at_a_time(demo: DemoOrganisation) -> None:
    together = threading.Barrier(3)
    first = iter(range(together.parties))

    def way(request: Request, send: Send) -> Answer:
        if is_ahead(request) and next(first, None) is not None:
            together.wait(timeout=30)
        return send(request)

    with on_the_way(way):
        assert_whole(read_whole(demo, MODULE), demo)
    assert not together.broken


@pytest.mark.parametrize("more", [0, 15, -SIZE, 2 * SIZE - COUNT])
def test_they_take_no_more_credits_than_one_after_the_other(
    demo: DemoOrganisation, more: int
) -> None:
    demo.organisation.records.resize(MODULE, COUNT + more)
    together = read_whole(demo, MODULE)
    calls = len(demo.calls)
    alone = read_whole(demo, MODULE, max_concurrency=1)
    assert together.credits == alone.credits
    assert calls == len(demo.calls) - calls
    assert_whole(together, demo)


@pytest.mark.parametrize("nth", [1, 3, 5])
@pytest.mark.parametrize(("begin", "number"), [(3, 1), (60, 1), (130, 2), (100, 90), (200, 85)])
def test_records_that_are_deleted_meanwhile_hide_no_others(
    demo: DemoOrganisation, nth: int, begin: int, number: int
) -> None:
    gone = ids_of(demo)[begin : begin + number]
    seen, lock = iter(range(1, 1_000)), threading.Lock()

    def way(request: Request, send: Send) -> Answer:
        with lock:
            if " id > " in query_of(request) and next(seen) == nth:
                for record_id in gone:
                    demo.organisation.records.delete(MODULE, record_id)
        return send(request)

    with on_the_way(way):
        run = read_whole(demo, MODULE)
    assert not set(gone) & set(ids_of(demo))
    assert_whole(run, demo)


def ignored(request: Request, send: Send) -> Answer:
    query = _AHEAD.sub(r" limit \g<limit>", query_of(request))
    return send(dataclasses.replace(request, body=json.dumps({"select_query": query}).encode()))


def refused(_: Request, __: Send) -> Answer:
    return refusal("INVALID_QUERY", clause="limit")


def nothing(_: Request, __: Send) -> Answer:
    return NO_CONTENT


def cut_short(request: Request, send: Send) -> Answer:
    answer = send(request)
    return with_rows(answer, rows_of(answer)[:7])


def begun_too_late(request: Request, send: Send) -> Answer:
    answer = send(request)
    return with_rows(answer, rows_of(answer)[3:])


@pytest.mark.parametrize("way", [ignored, refused, nothing, cut_short, begun_too_late])
def test_pages_ahead_that_are_not_as_they_should_be_are_done_without(
    demo: DemoOrganisation, way: Way
) -> None:
    met: list[Request] = []

    def altered(request: Request, send: Send) -> Answer:
        if not is_ahead(request):
            return send(request)
        met.append(request)
        return way(request, send)

    with on_the_way(altered):
        run = read_whole(demo, MODULE)
    assert met
    assert "refuses" not in run.stderr
    assert_whole(run, demo)
