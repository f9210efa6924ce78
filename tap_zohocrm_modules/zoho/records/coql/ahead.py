"""Asks for further pages of a module's records, by id, before those in front of them have come.

A page ahead is found by its position (OFFSET), which changes and deletions move. So it is asked
for from the last row of the page in front of it on, and counts only if it has that row, or one
before it: then nothing lies between them, as nothing does between two queries by id. What lies
between them otherwise is asked for by id.

https://www.zoho.com/crm/developer/docs/api/v8/COQL-Overview.html
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

from typing_extensions import Self

from tap_zohocrm_modules.zoho.records.get_records import RecordPage
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.reading import Executors, PathRefusedError

_AT_A_TIME = 4
"""Pages that are under way, or wait to be taken: each may have 2,000 wide records."""


class Ask(Protocol):
    """Asks for the first records after an id and an offset, by id."""

    def __call__(self, after: str, limit: int, offset: int, /) -> RecordPage:
        """Return at most so many of them; PathRefusedError: Zoho refuses the query."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class _Begun:
    """A page under way: its first row's position among all rows, and what was asked for."""

    first: int
    limit: int
    offset: int
    answer: Future[RecordPage]


class PagesAhead:
    """The pages of one read that are under way.

    Args:
        ask: Asks for a page.
        executors: Where pages are asked for.
        limits: How many records Zoho returns at a time.
        expected: Returns how many there are, None while that is not known.
        affords: Whether the run can pay for so many more records.
    """

    def __init__(
        self,
        ask: Ask,
        executors: Executors,
        limits: Limits,
        expected: Callable[[], int | None],
        affords: Callable[[int], bool],
    ) -> None:
        self._ask = ask
        self._expected = expected
        self._pool = executors.single
        self._width = min(_AT_A_TIME, executors.width)
        self._limits = limits
        self._affords = affords
        self._begun: collections.deque[_Begun] = collections.deque()
        self._is_of_use = self._width > 1
        self._is_behind_gap = False

    @property
    def are_begun(self) -> bool:
        """Whether pages are under way, so that what is lacking in front of them is little."""
        return bool(self._begun)

    def begin(self, after: str, read: int, came: int) -> None:
        """Ask for further pages, up to as many as may be under way.

        Args:
            after: The last id that was read.
            read: How many records were read.
            came: How many of them came last: Zoho is seen to return fewer than asked for.
        """
        expected, most = self._expected(), self._limits.query_credits[-1][0]
        if expected is None or not self._is_of_use:
            return
        if not self._begun and (came < most or not self._is_worth_it(expected - read, most)):
            return
        while len(self._begun) < self._width:
            last = self._begun[-1] if self._begun else None
            # With the last row of the page in front, of which there must be more than that.
            first = read if last is None else last.first + last.limit - 1
            left = expected - first
            if first < read or left <= (last is not None):
                return
            limit, offset = self._limits.query_limit(left), first - read
            answer = self._pool.submit(self._ask, after, limit, offset)
            self._begun.append(_Begun(first, limit, offset, answer))

    def _is_worth_it(self, left: int, most: int) -> bool:
        """Whether there are several pages, and the rows that come twice cost no credit."""
        twice = -(-(left - most) // (most - 1))
        price = self._limits.query_price
        return left > most and price(left + twice) == price(left) and self._affords(left)

    def take(self, after: str) -> RecordPage | None:
        """Return what the next page has after an id; None if it does not follow, or there is none.

        Raises:
            ZohoError: the query failed.
        """
        if not self._begun:
            return None
        page = self._begun[0]
        try:
            found = page.answer.result()
            ids = [int(row[ID]) for row in found.rows]
        except (PathRefusedError, KeyError, ValueError, TypeError):
            # Not with an OFFSET; of any other query the one by id will say so, and why.
            self._give_up()
            return None
        fresh = _after(int(after), ids, found.rows)
        if not fresh:
            # The list has become shorter, or the offset does not reach Zoho.
            self._give_up()
            return None
        if page.offset and ids[0] > int(after):
            if self._is_behind_gap:
                self._give_up()
            self._is_behind_gap = True
            return None
        self._begun.popleft()
        self._is_behind_gap = False
        return RecordPage(fresh, found.more)

    def _give_up(self) -> None:
        self._is_of_use = False
        self._drop()

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ask for no further page."""
        self._drop()

    def _drop(self) -> None:
        while self._begun:
            self._begun.pop().answer.cancel()


def _after(
    last: int, ids: Sequence[int], rows: Sequence[dict[str, Any]]
) -> Sequence[dict[str, Any]]:
    """Return the rows with ids above the last one."""
    return [row for row, number in zip(rows, ids, strict=True) if number > last]
