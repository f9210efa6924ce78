"""Reads a module by queries, each starting after the last record of the one before.

Nothing is believed for its position: changes and deletions meanwhile move no other record.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from functools import partial

from tap_zohocrm_modules.zoho.records.coql.ahead import Ask, PagesAhead
from tap_zohocrm_modules.zoho.records.coql.conditions import (
    EVERY_RECORD,
    among,
    any_of,
    between,
    changed_before,
    changed_since,
    filled,
    older,
    older_or_untimed,
    started,
    unchanged,
)
from tap_zohocrm_modules.zoho.records.coql.queries import KeysetSequence, Queries, no_progress
from tap_zohocrm_modules.zoho.records.get_records import RecordPage
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.queries import Place
from tap_zohocrm_modules.zoho.records.reading import (
    NEVER,
    IncompleteReadError,
    Page,
    Source,
    Window,
    changed_at,
)
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.instants import zoho_literal
from tap_zohocrm_modules.zoho.transport.texts import counted

AFTER = "after"

_BEFORE_ALL = datetime.min.replace(tzinfo=timezone.utc)

_MOST_VALUES = 50  # in a list of one condition

_BY_ID, _BY_CHANGE = "id asc", "Modified_Time asc, id asc"
_BY_NEWEST, _BY_LAST_ID = "Modified_Time desc, id desc", "id desc"


class CoqlReader:
    """Reads, lists and counts one module's records by queries; each count costs a credit.

    It delivers the fields of its source. Its methods raise PathRefusedError where the module, or a
    field, cannot be queried, and ZohoError where a query failed.

    Args:
        source: The module, and what is wanted of it.
        most: Returns how many records are wanted at a time, None for as many as there may be.
    """

    def __init__(self, source: Source, most: Callable[[], int | None] = lambda: None) -> None:
        self._source = source
        self._most = most
        self._queries = Queries(source)

    def by_id(
        self,
        window: Window,
        after: str | None = None,
        expected: Callable[[], int | None] = lambda: None,
        begin_ahead: Callable[[Ask], PagesAhead] | None = None,
    ) -> Iterator[Page]:
        """Yield the records from a window's beginning on, and those without Modified_Time, by id.

        They do not end with the window. An earlier read goes on after an id. `expected` returns
        how many there are, None while that is not known. `begin_ahead` returns what asks for pages
        before their turn.
        """
        conditions = started(window)

        def select(wanted: Sequence[str], limit: int, offset: int = 0) -> RecordPage:
            every = [] if len(wanted) > len(conditions) else [EVERY_RECORD]
            return self._queries.select([*wanted, *every], _BY_ID, limit, offset)

        asked = 0

        def limit(read: int) -> int:
            nonlocal asked
            asked = self._limit(expected(), read)
            return asked

        def ask(after: str, limit: int, offset: int) -> RecordPage:
            return select([*conditions, *between(after, None)], limit, offset)

        is_first = after is None
        with contextlib.ExitStack() as stack:
            ahead = None if begin_ahead is None else stack.enter_context(begin_ahead(ask))
            for found in self._queries.by_id(select, limit, conditions, after, ahead):
                page = self._queries.page(found)
                yield dataclasses.replace(
                    page,
                    checkpoint={AFTER: page.records[-1][ID]} if found.more else None,
                    # Only of a page with room for more it is known that no others follow.
                    is_everything=is_first and not found.more and len(found.rows) < asked,
                )
                is_first = False

    def by_change(
        self, window: Window, expected: Callable[[], int | None] = lambda: None
    ) -> Iterator[Page]:
        """Yield the records changed within a window, by `Modified_Time` and id.

        `expected` returns how many there are at most, None while that is not known.
        """
        since = window.since
        last: tuple[datetime, int] | None = None
        read = 0
        sequence = KeysetSequence(self._queries.name)
        while True:
            begin = [] if since is None else [changed_since(since)]
            going_on = (
                [f"(Modified_Time > '{zoho_literal(last[0])}' or id > {last[1]})"] if last else []
            )
            wanted = [*begin, changed_before(window.until), *going_on]
            most = expected()
            limit = self._limit(most, read)
            found = sequence.next(partial(self._queries.select, wanted, _BY_CHANGE, limit))
            page = self._queries.page(found)
            # A full page that denies that more follow is believed if so many were counted.
            is_full = len(found.rows) >= limit and (most is None or read + len(found.rows) < most)
            if not page.records or not (found.more or is_full):
                yield page
                return
            reached = self._key(page.records[-1])
            yield dataclasses.replace(page, watermark=reached[0])
            if last is not None and reached <= last:
                raise no_progress(self._queries.name, str(reached[1]))
            last, since = reached, reached[0]
            read += len(page.records)

    def unchanged(self, window: Window, above: str | None, upto: str | None) -> Iterator[Page]:
        """Yield the records of a window, its end included, with ids above one and up to one."""
        conditions = [*unchanged(self._source, window), *between(None, upto)]
        most = self._source.limits.query_credits[-1][0]

        def select(wanted: Sequence[str], limit: int) -> RecordPage:
            return self._queries.select(wanted, _BY_ID, limit)

        for found in self._queries.by_id(select, lambda _: most, conditions, above):
            yield self._queries.page(found)

    def newest_first(
        self, after: Place | None, most: Callable[[], int | None], until: datetime
    ) -> Iterator[Page]:
        """Yield all records, the newest first, as `Queries` says."""
        left: int | None = None
        if self._source.has_modified_time and (after is None or after.changed is not None):
            for page in self._older(after, most, timed=True):
                after = _place_of(page)
                yield page
            left = self._queries.count(older_or_untimed(after, until))
            after = None
        if left != 0:
            for page in self._older(after, most, timed=False):
                after = _place_of(page)
                left = None if left is None else left - len(page.records)
                yield page
        if left is None:
            left = self._queries.count(older(self._source, after, timed=False))
        if left > 0:
            raise IncompleteReadError(
                f"{self._queries.name}: a query for the next records gave no more, and"
                f" {counted(left, 'record')} are counted there. Run again to go on from there."
            )

    def count_older(self, after: Place, until: datetime) -> int:
        """Return how many records `newest_first` has after a place, changed before an instant."""
        if after.changed is None:
            return self._queries.count(older(self._source, after, timed=False))
        return self._queries.count(older_or_untimed(after, until))

    def _older(
        self, last: Place | None, most: Callable[[], int | None], *, timed: bool
    ) -> Iterator[Page]:
        """Yield the pages of the records after a place, with a time or without one."""
        # There may be few: the first query is the cheapest one.
        limit, more = self._limit(None, 0), True
        while more:
            wanted = older(self._source, last, timed=timed)
            found = self._queries.select(wanted, _BY_NEWEST if timed else _BY_LAST_ID, limit)
            more = found.more or len(found.rows) >= limit
            if found.rows:
                page = self._queries.page(found)
                place = _place_of(page)
                if last is not None and _order_of(place) >= _order_of(last):
                    raise no_progress(self._queries.name, place.id)
                last = place
                yield page
            limit = self._limit(most(), 1)

    def count(self, window: Window) -> int:
        """Return how many records a first read of the window delivers."""
        return self._queries.count(started(window))

    def count_filled(self, window: Window, names: Sequence[str]) -> int:
        """Return how many of those have a value in one of the fields of these API names."""
        return self._queries.count(filled(window, names))

    def count_unchanged(
        self, window: Window, above: str | None = None, upto: str | None = None
    ) -> int:
        """Return how many records of a window, its end included, have ids in a range.

        The range begins above one id, and ends with another; None for no bound.
        """
        return self._queries.count([*unchanged(self._source, window), *between(above, upto)])

    def present(self, ids: Sequence[str]) -> set[str]:
        """Return which of these ids records have."""
        found: set[str] = set()
        for begin in range(0, len(ids), _MOST_VALUES):
            some = ids[begin : begin + _MOST_VALUES]
            answer = self._queries.ids([among(some)], len(some))
            found.update(str(row[ID]) for row in answer.rows)
        return found

    def of(self, ids: Sequence[str]) -> Iterator[Page]:
        """Yield those of the records of these ids that are there, as many at a time as by lists."""
        size = self._source.limits.list_ids
        for begin in range(0, len(ids), size):
            some = ids[begin : begin + size]
            halves = [
                among(some[at : at + _MOST_VALUES]) for at in range(0, len(some), _MOST_VALUES)
            ]
            yield self._queries.page(self._queries.select([any_of(halves)], _BY_ID, len(some)))

    def next_change(self, since: datetime) -> datetime | None:
        """Return the first `Modified_Time` at an instant or later, None if there is none."""
        later = next(self.by_change(Window(since, NEVER, unstamped=False))).records
        return changed_at(later[0]) if later else None

    def changed_ids(
        self, since: datetime, until: datetime | None = None, by: str = MODIFIED_TIME
    ) -> Iterator[str]:
        """Yield the ids of the records changed at an instant or later, by a field with a time.

        Those that changed at `until` or later are left out, if there is such an instant.
        """
        conditions = [changed_since(since, by), *([changed_before(until, by)] if until else [])]
        queries, limit = self._queries, partial(self._queries.limit, None)
        for found in queries.by_id(queries.ids, limit, conditions):
            yield from (str(row[ID]) for row in found.rows)

    def _limit(self, expected: int | None, read: int) -> int:
        limit, most = self._queries.limit(expected, read), self._most()
        return limit if most is None else min(limit, most)

    def _key(self, record: Record) -> tuple[datetime, int]:
        changed = changed_at(record)
        if changed is None:
            raise UnreadableAnswerError(
                f"{self._queries.name}: a query by Modified_Time returned the record {record[ID]}"
                " without one."
            )
        return changed, int(record[ID])


def _place_of(page: Page) -> Place:
    record = page.records[-1]
    return Place(changed_at(record), str(record[ID]))


def _order_of(place: Place) -> tuple[datetime, int]:
    return place.changed or _BEFORE_ALL, int(place.id)
