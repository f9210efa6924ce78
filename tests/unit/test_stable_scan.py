"""A list that is read by position is whole, although its rows move up meanwhile."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_zohocrm_modules.zoho.records.get_records import RecordPage
from tap_zohocrm_modules.zoho.records.stable_scan import Scan, stable_scan
from tap_zohocrm_modules.zoho.transport.errors import (
    ApiError,
    OutOfCreditsError,
    Refusal,
    UnreadableAnswerError,
)

_PAGE = 3


class List:
    """Rows by position, some of which are deleted before the calls of some numbers."""

    def __init__(self, count: int, deletions: dict[int, int]) -> None:
        self.rows: list[dict[str, Any]] = [{"id": str(number)} for number in range(count)]
        self.deletions = deletions
        self.calls = 0

    def read(self, token: str | None) -> RecordPage:
        self.calls += 1
        place = self.deletions.get(self.calls)
        if place is not None and self.rows:
            del self.rows[place % len(self.rows)]
        begin = int(token or 0)
        some = self.rows[begin : begin + _PAGE]
        return RecordPage(some, begin + _PAGE < len(self.rows), str(begin + _PAGE))


def ids(found: list[list[Any]]) -> list[str]:
    return [row["id"] for rows in found for row in rows]


@given(st.integers(0, 20), st.dictionaries(st.integers(1, 30), st.integers(0, 20), max_size=4))
def test_every_row_that_stays_comes_once(count: int, deletions: dict[int, int]) -> None:
    source = List(count, deletions)
    try:
        found = ids(list(stable_scan(source.read, lambda _: False, "Things")))
    except UnreadableAnswerError:
        assert deletions
        return
    assert len(found) == len(set(found))
    assert {row["id"] for row in source.rows} <= set(found)


@given(
    st.integers(0, 20),
    st.dictionaries(st.integers(1, 30), st.integers(0, 20), max_size=3),
    st.sets(st.integers(1, 30)),
)
def test_a_list_that_is_read_in_parts_is_whole(
    count: int, deletions: dict[int, int], ends: set[int]
) -> None:
    source, scan, found = List(count, deletions), Scan(), list[list[Any]]()
    asked = 0

    def read(token: str | None) -> RecordPage:
        nonlocal asked
        asked += 1
        if asked in ends:
            raise OutOfCreditsError("the budget ends here")
        return source.read(token)

    try:
        while not scan.is_whole:
            with contextlib.suppress(OutOfCreditsError):
                for rows in stable_scan(read, lambda _: False, "Things", scan):
                    found.append(rows)
    except UnreadableAnswerError:
        assert deletions
        return
    assert len(ids(found)) == len(set(ids(found)))
    assert {row["id"] for row in source.rows} <= set(ids(found))


def test_a_row_that_moves_to_a_page_already_read_is_met_in_another_pass() -> None:
    # The first row is gone when the second page is asked for, which the fourth was to begin.
    found = ids(list(stable_scan(List(7, {2: 0}).read, lambda _: False, "Things")))
    assert sorted(found) == [str(number) for number in range(7)]


def test_a_token_that_is_spent_begins_another_pass() -> None:
    source = List(7, {})

    def read(token: str | None) -> RecordPage:
        listed = source.read(token)
        if source.calls == 2:
            raise ApiError("expired", Refusal(400, "EXPIRED_VALUE"))
        return listed

    assert len(ids(list(stable_scan(read, lambda _: False, "Things")))) == 7


def test_a_list_that_never_stays_is_an_error() -> None:
    source = List(100, dict.fromkeys(range(1, 1_000), 0))
    with pytest.raises(UnreadableAnswerError, match="run again when there is less going on"):
        list(stable_scan(source.read, lambda _: False, "Things"))


def test_a_list_that_never_stayed_in_an_earlier_run_is_read_once_it_does() -> None:
    source, scan = List(100, dict.fromkeys(range(1, 1_000), 0)), Scan()
    with pytest.raises(UnreadableAnswerError):
        list(stable_scan(source.read, lambda _: False, "Things", scan))
    source.deletions = {}
    left = {row["id"] for row in source.rows}
    list(stable_scan(source.read, lambda _: False, "Things", scan))
    assert left
    assert left <= scan.known


def test_a_list_that_grows_by_many_pages_at_its_beginning_meanwhile_is_read() -> None:
    source = List(21, {})

    def read(token: str | None) -> RecordPage:
        if source.calls == 5:
            source.rows[:0] = [{"id": str(number)} for number in range(100, 100 + 4 * _PAGE)]
        return source.read(token)

    found = ids(list(stable_scan(read, lambda _: False, "Things")))
    assert {*found} == {row["id"] for row in source.rows}


@pytest.mark.parametrize("pages", [1, 4])
def test_a_list_that_repeats_its_pages_for_ever_is_an_error(pages: int) -> None:
    source, calls = List(pages * _PAGE, {}), 0

    def read(_: str | None) -> RecordPage:
        nonlocal calls
        calls += 1
        rows = source.read(str(_PAGE * ((calls - 1) % pages))).rows
        return RecordPage(rows, more=True, token=str(calls))

    with pytest.raises(UnreadableAnswerError, match="would never end"):
        list(stable_scan(read, lambda _: False, "Things"))
    assert calls <= 2 * pages + 3
