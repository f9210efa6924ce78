"""Queries that check other reads: how many records there are, and which.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tap_zohocrm_modules.zoho.records.coql.conditions import (
    between,
    changed_since,
    started,
    unchanged,
)
from tap_zohocrm_modules.zoho.records.coql.keyset import by_id
from tap_zohocrm_modules.zoho.records.coql.queries import Queries
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.reading import Source, Window


class CoqlChecks:
    """Counts and lists one module's records; each count costs a credit.

    Every method raises PathRefusedError where the module cannot be queried, and ZohoError where a
    query failed.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._queries = Queries(source.of_fields(source.key_fields()))

    def count(self, window: Window) -> int:
        """Return how many records a first read of the window delivers."""
        return self._queries.count(started(window))

    def count_unchanged(
        self, window: Window, above: str | None = None, upto: str | None = None
    ) -> int:
        """Return how many records of a range of ids belong to a window, its end included.

        Args:
            window: The window.
            above: The id below the range; None for no bound.
            upto: The last id of the range; None for no bound.
        """
        return self._queries.count([*unchanged(self._source, window), *between(above, upto)])

    def changed_ids(self, since: datetime) -> Iterator[str]:
        """Yield the ids of the records changed at an instant or later."""
        queries = self._queries

        def limit(read: int) -> int:
            return queries.limit(None, read)

        for found in by_id(queries.name, queries.ids, limit, [changed_since(since)]):
            for row in found.rows:
                yield str(row[ID])
