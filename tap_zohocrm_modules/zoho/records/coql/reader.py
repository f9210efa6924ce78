"""Reads a module by queries, each starting after the last record of the one before.

Nothing is read by position: changes and deletions meanwhile move no other record.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from tap_zohocrm_modules.zoho.records.coql.answers import KeysetSequence, Rows
from tap_zohocrm_modules.zoho.records.coql.conditions import (
    EVERY_RECORD,
    between,
    changed_before,
    changed_since,
    started,
    unchanged,
)
from tap_zohocrm_modules.zoho.records.coql.keyset import by_id, no_progress
from tap_zohocrm_modules.zoho.records.coql.queries import Queries
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Page, Source, Window, changed_at
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.instants import zoho_literal

AFTER = "after"

_BY_ID, _BY_CHANGE = "id asc", "Modified_Time asc, id asc"


class CoqlReader:
    """Reads one module's records by queries.

    Args:
        source: The module, and what queries are to deliver of it.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._queries = Queries(source)
        self._projection = source.projection(source.fields)

    def by_id(
        self,
        window: Window,
        after: str | None = None,
        expected: Callable[[], int | None] = lambda: None,
    ) -> Iterator[Page]:
        """Yield all records of a window's beginning, and those without Modified_Time, by id.

        Args:
            window: What is wanted; the read does not end at `until`.
            after: The id after which an earlier read goes on.
            expected: Returns how many there are, None while that is not known.

        Raises:
            PathRefusedError: the module, or a field, cannot be queried.
            ZohoError: a query failed.
        """
        conditions = started(window)

        def select(wanted: Sequence[str], limit: int) -> Rows:
            every = [] if len(wanted) > len(conditions) else [EVERY_RECORD]
            return self._queries.select([*wanted, *every], _BY_ID, limit)

        def limit(read: int) -> int:
            return self._queries.limit(expected(), read)

        is_first = after is None
        for found in by_id(self._queries.name, select, limit, conditions, after):
            page = self._page(found)
            checkpoint = {AFTER: page.records[-1][ID]} if found.more else None
            yield Page(
                page.records,
                checkpoint=checkpoint,
                ambiguous=page.ambiguous,
                is_everything=is_first and not found.more,
            )
            is_first = False

    def by_change(
        self, window: Window, expected: Callable[[], int | None] = lambda: None
    ) -> Iterator[Page]:
        """Yield the records changed within a window, by `Modified_Time` and id.

        Args:
            window: What is wanted.
            expected: Returns how many there are at most, None while that is not known.

        Raises:
            PathRefusedError: the module, or a field, cannot be queried.
            ZohoError: a query failed.
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
            limit = self._queries.limit(expected(), read)
            found = sequence.next(partial(self._queries.select, wanted, _BY_CHANGE, limit))
            page = self._page(found)
            if not found.more or not page.records:
                yield page
                return
            reached = self._key(page.records[-1])
            yield Page(page.records, watermark=reached[0], ambiguous=page.ambiguous)
            if last is not None and reached <= last:
                raise no_progress(self._queries.name, str(reached[1]))
            last, since = reached, reached[0]
            read += len(page.records)

    def unchanged(self, window: Window, above: str | None, upto: str | None) -> Iterator[Page]:
        """Yield the records of a range of ids that belong to a window, its end included.

        Args:
            window: The window.
            above: The id below the range; None for no bound.
            upto: The last id of the range; None for no bound.
        """
        conditions = [*unchanged(self._source, window), *between(None, upto)]

        def select(wanted: Sequence[str], limit: int) -> Rows:
            return self._queries.select(wanted, _BY_ID, limit)

        for found in by_id(self._queries.name, select, self._most, conditions, above):
            yield self._page(found)

    def _most(self, read: int) -> int:  # noqa: ARG002 - however many have been read
        return self._source.limits.query_credits[-1][0]

    def _page(self, found: Rows) -> Page:
        records = []
        ambiguous = set()
        for record, is_clear in self._projection.from_rows(found.rows):
            records.append(record)
            if not is_clear:
                ambiguous.add(record[ID])
        return Page(records, ambiguous=frozenset(ambiguous))

    def _key(self, record: Record) -> tuple[datetime, int]:
        changed = changed_at(record)
        if changed is None:
            raise UnreadableAnswerError(
                f"{self._queries.name}: a query by Modified_Time returned the record {record[ID]}"
                " without one."
            )
        return changed, int(record[ID])
