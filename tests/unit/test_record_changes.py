"""Following changes by time: nothing is missed, whatever the times and the width."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from tap_zohocrm_modules.zoho.records.reading import Executors, Window
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.records.rest.changes import ChangePage, ChangeQueries, Changes
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339

pytestmark = pytest.mark.thorough

_BEGINNING = datetime(2025, 3, 30, tzinfo=timezone.utc)
_PAGE = 5


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


class List:
    """Records at these seconds, five a page, in the order of their times."""

    def __init__(
        self, seconds: list[int], *, exclusive: bool = False, knows_newest: bool = True
    ) -> None:
        self.exclusive = exclusive
        self.knows_newest = knows_newest
        self.records: list[dict[str, Any]] = sorted(
            (
                {"id": str(n), "Modified_Time": rfc3339(_BEGINNING + timedelta(seconds=second))}
                for n, second in enumerate(seconds)
            ),
            key=lambda record: (record["Modified_Time"], int(record["id"])),
        )
        self.calls = 0
        self.asked_for_the_newest = 0

    def queries(self) -> ChangeQueries:
        return ChangeQueries(self.since, self.tied_second, self.newest, self.everything)

    def everything(self) -> Iterator[list[dict[str, Any]]]:
        for begin in range(0, len(self.records), _PAGE):
            yield self.records[begin : begin + _PAGE]

    def newest(self) -> datetime | None:
        self.asked_for_the_newest += 1
        if not self.records or not self.knows_newest:
            return None
        return parse(self.records[-1]["Modified_Time"])

    def since(self, instant: datetime) -> ChangePage:
        self.calls += 1
        first = instant + timedelta(seconds=self.exclusive)
        later = [r for r in self.records if r["Modified_Time"] >= rfc3339(first)]
        page = later[:_PAGE]
        last = parse(page[-1]["Modified_Time"]) if page else None
        return ChangePage(Rows(page), len(later) > _PAGE, last, len(page) < _PAGE)

    def tied_second(self, instant: datetime) -> tuple[list[dict[str, Any]], datetime]:
        begin = rfc3339(instant)
        later = [r for r in self.records if r["Modified_Time"] > begin]
        tied = [r for r in self.records if r["Modified_Time"] == begin]
        return tied, parse(later[0]["Modified_Time"]) if later else instant


@settings(deadline=None)
@given(
    seconds=st.lists(st.integers(0, 6) | st.integers(0, 60) | st.integers(0, 5_000), max_size=80),
    window=st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)).map(sorted),
    width=st.integers(1, 8),
    exclusive=st.booleans(),
)
def test_every_change_of_the_window_comes_once_and_in_order(
    pool: ThreadPoolExecutor, seconds: list[int], window: list[int], width: int, exclusive: bool
) -> None:
    source = List(seconds, exclusive=exclusive)
    since, until = (_BEGINNING + timedelta(seconds=second) for second in window)
    changes = Changes(
        source.queries(), since, Window(since, until, unstamped=False), Executors(pool, pool, width)
    )
    pages = list(changes.followed())
    found = [record for page in pages for record in page.records]
    wanted = [
        record
        for record in source.records
        if rfc3339(since) <= record["Modified_Time"] < rfc3339(until)
    ]
    assert [record["id"] for record in found] == [record["id"] for record in wanted]
    assert [page.watermark is None for page in pages] == [False] * (len(pages) - 1) + [True]
    read_so_far: set[str] = set()
    for page in pages[:-1]:
        assert page.watermark is not None
        read_so_far |= {record["id"] for record in page.records}
        before = {r["id"] for r in wanted if parse(r["Modified_Time"]) < page.watermark}
        assert before <= read_so_far


class Denying(List):
    """The same, but some calls deny that more follow."""

    def __init__(self, seconds: list[int], denying: set[int]) -> None:
        super().__init__(seconds)
        self.denying = denying

    @override
    def since(self, instant: datetime) -> ChangePage:
        page = super().since(instant)
        return dataclasses.replace(page, more=page.more and self.calls not in self.denying)


@settings(deadline=None)
@given(
    seconds=st.lists(st.integers(0, 6) | st.integers(0, 60) | st.integers(0, 5_000), max_size=80),
    denying=st.sets(st.integers(1, 20), max_size=4),
    width=st.integers(1, 8),
)
@example(seconds=[1, 1, 2, 2, 2, 2, 2, 2, 2, 2], denying={2}, width=1)
def test_a_full_page_that_denies_that_more_follow_loses_none(
    pool: ThreadPoolExecutor, seconds: list[int], denying: set[int], width: int
) -> None:
    source = Denying(seconds, denying)
    window = Window(_BEGINNING, _BEGINNING + timedelta(days=1), unstamped=False)
    changes = Changes(source.queries(), _BEGINNING, window, Executors(pool, pool, width))
    found = [record["id"] for page in changes.followed() for record in page.records]
    assert found == [record["id"] for record in source.records]


class Flaky(List):
    """The same, but some calls get nothing, as if there were no records."""

    def __init__(self, seconds: list[int], failing: set[int]) -> None:
        super().__init__(seconds)
        self.failing = failing

    @override
    def since(self, instant: datetime) -> ChangePage:
        page = super().since(instant)
        return (
            ChangePage(Rows(), more=False, last_time=None) if self.calls in self.failing else page
        )


@settings(deadline=None, max_examples=200)
@given(
    seconds=st.lists(st.integers(0, 60) | st.integers(0, 5_000), min_size=40, max_size=80),
    failing=st.sets(st.integers(2, 20), max_size=4),
    width=st.integers(1, 8),
)
def test_an_answer_without_the_records_that_were_announced_loses_none(
    pool: ThreadPoolExecutor, seconds: list[int], failing: set[int], width: int
) -> None:
    source = Flaky(seconds, failing)
    window = Window(_BEGINNING, _BEGINNING + timedelta(days=1), unstamped=False)
    changes = Changes(source.queries(), _BEGINNING, window, Executors(pool, pool, width))
    try:
        found = [record["id"] for page in changes.followed() for record in page.records]
    except UnreadableAnswerError:
        return
    assert found == [record["id"] for record in source.records]


@pytest.mark.parametrize("exclusive", [False, True])
def test_what_follows_a_tie_is_not_lost_where_a_page_was_guessed_to_begin(
    pool: ThreadPoolExecutor, *, exclusive: bool
) -> None:
    source = List([*[1] * 12, 2, 2, 7], exclusive=exclusive)
    window = Window(_BEGINNING, _BEGINNING + timedelta(days=1), unstamped=False)
    changes = Changes(source.queries(), _BEGINNING, window, Executors(pool, pool, 8))
    found = [record["id"] for page in changes.followed() for record in page.records]
    assert found == [record["id"] for record in source.records]


@pytest.mark.parametrize("records", [3, 8, 9, 12, 13, 30, 80, 1_000])
def test_pages_read_at_a_time_cost_hardly_more_calls(
    pool: ThreadPoolExecutor, records: int
) -> None:
    def read(width: int) -> List:
        source = List([60 * number for number in range(records)])
        # Long after the last change, as first reads end.
        window = Window(_BEGINNING, _BEGINNING + timedelta(days=365), unstamped=False)
        changes = Changes(source.queries(), _BEGINNING, window, Executors(pool, pool, width))
        assert sum(len(page.records) for page in changes.followed()) == records
        return source

    alone, together = read(1), read(8)
    assert together.calls <= max(alone.calls + 1, 1.05 * alone.calls)
    assert together.asked_for_the_newest == (alone.calls > 2)
    assert alone.asked_for_the_newest == 0


def test_times_without_changes_cost_few_calls_each(pool: ThreadPoolExecutor) -> None:
    def read(width: int) -> int:
        # As after imports: many changes within seconds, and none for a month.
        days = [30 * number for number in range(6)]
        source = List([86_400 * day + second for day in days for second in range(100)])
        window = Window(_BEGINNING, _BEGINNING + timedelta(days=365), unstamped=False)
        changes = Changes(source.queries(), _BEGINNING, window, Executors(pool, pool, width))
        assert sum(len(page.records) for page in changes.followed()) == 600
        return source.calls

    most_in_a_gap = 2 * 8
    assert read(8) <= read(1) + 6 * most_in_a_gap


def test_without_the_newest_time_pages_are_read_ahead_up_to_the_end(
    pool: ThreadPoolExecutor,
) -> None:
    source = List([60 * number for number in range(1_000)], knows_newest=False)
    window = Window(_BEGINNING, _BEGINNING + timedelta(days=30), unstamped=False)
    read = Changes(source.queries(), _BEGINNING, window, Executors(pool, pool, 8))
    assert sum(len(page.records) for page in read.followed()) == 1_000


def test_instants_are_parsed_whatever_their_offset() -> None:
    assert parse("2025-03-30T02:30:00+02:00") == parse("2025-03-30T00:30:00Z")


class Changing(List):
    """The same, but records are changed once more before they are read whole."""

    @override
    def since(self, instant: datetime) -> ChangePage:
        page = super().since(instant)
        later = rfc3339(_BEGINNING + timedelta(hours=20))
        return dataclasses.replace(
            page, records=Rows({**record, "Modified_Time": later} for record in page.records)
        )


def test_a_page_whose_records_all_changed_meanwhile_is_no_measure_of_the_next(
    pool: ThreadPoolExecutor,
) -> None:
    source = Changing([second * 60 for second in range(20)])
    window = Window(_BEGINNING, _BEGINNING + timedelta(days=1), unstamped=False)
    changes = Changes(source.queries(), _BEGINNING, window, Executors(pool, pool, 4))
    found = {record["id"] for page in changes.followed() for record in page.records}
    assert found == {record["id"] for record in source.records}
