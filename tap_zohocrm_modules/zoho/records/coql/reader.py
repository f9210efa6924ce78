"""What can be asked about one module's records by queries.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from functools import partial

from tap_zohocrm_modules.zoho.records.coql.conditions import (
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
from tap_zohocrm_modules.zoho.records.coql.queries import Queries, no_progress
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
from tap_zohocrm_modules.zoho.transport.texts import counted

_BEFORE_ALL = datetime.min.replace(tzinfo=timezone.utc)

_MOST_VALUES = 50  # in a list of one condition

BY_ID, BY_CHANGE = "id asc", "Modified_Time asc, id asc"
_BY_NEWEST, _BY_LAST_ID = "Modified_Time desc, id desc", "id desc"


class CoqlReader:
    """Lists and counts one module's records by queries; each count costs a credit.

    It delivers the fields of its source. Its methods raise PathRefusedError where the module, or a
    field, cannot be queried, and ZohoError where a query failed.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._queries = Queries(source)

    def unchanged(self, window: Window, above: str | None, upto: str | None) -> Iterator[Page]:
        """Yield the records of a window, its end included, with ids above one and up to one."""
        conditions = [*unchanged(self._source, window), *between(None, upto)]
        most = self._source.limits.query_credits[-1][0]

        def select(wanted: Sequence[str], limit: int) -> RecordPage:
            return self._queries.select(wanted, BY_ID, limit)

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
        limit, more = self._queries.limit(None, 0), True
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
            limit = self._queries.limit(most(), 1)

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

    def by_ids(self, ids: Sequence[str]) -> Iterator[Page]:
        """Yield those of the records of these ids that are there, as many at a time as by lists."""
        size = self._source.limits.list_ids
        for begin in range(0, len(ids), size):
            some = ids[begin : begin + size]
            halves = [
                among(some[at : at + _MOST_VALUES]) for at in range(0, len(some), _MOST_VALUES)
            ]
            yield self._queries.page(self._queries.select([any_of(halves)], BY_ID, len(some)))

    def next_change(self, since: datetime) -> datetime | None:
        """Return the first `Modified_Time` at an instant or later, None if there is none."""
        wanted = [changed_since(since), changed_before(NEVER)]
        later = self._queries.select(wanted, BY_CHANGE, self._queries.limit(None, 0))
        if not later.rows:
            return None
        return key_of(self._queries.name, self._queries.page(later).records[0])[0]

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


def _place_of(page: Page) -> Place:
    record = page.records[-1]
    return Place(changed_at(record), str(record[ID]))


def _order_of(place: Place) -> tuple[datetime, int]:
    return place.changed or _BEFORE_ALL, int(place.id)


def key_of(name: str, record: Record) -> tuple[datetime, int]:
    """Return the time and id of a record of a module, by which a query of changes goes on."""
    changed = changed_at(record)
    if changed is None:
        raise UnreadableAnswerError(
            f"{name}: a query by Modified_Time returned the record {record[ID]} without one."
        )
    return changed, int(record[ID])
