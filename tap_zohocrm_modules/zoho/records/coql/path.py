"""The read path `coql`: increments, and modules with many fields.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from typing_extensions import override

from tap_zohocrm_modules.zoho.records.coql.ahead import Ask, PagesAhead
from tap_zohocrm_modules.zoho.records.coql.queries import COQL_SCOPE
from tap_zohocrm_modules.zoho.records.coql.reader import AFTER, CoqlReader
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.path_names import COQL, REST
from tap_zohocrm_modules.zoho.records.read_path import Reading, ReadPath, is_only_listed
from tap_zohocrm_modules.zoho.records.reading import Page, Source


def _affordable(source: Source, lacking: Sequence[RecordField]) -> int | None:
    """Return of how many records the run can pay what they lack, None for any number."""
    left, limits = source.credits_left, source.limits
    if left is None or not lacking:
        return None
    slices = limits.slices(len(lacking))
    # Records that cannot be completed are of no use.
    source.client.credits.afford(limits.query_credits[0][1] + slices)
    calls = (left - limits.query_credits[-1][1]) // slices
    return max(1, calls) * limits.list_ids


def _ahead(reading: Reading, ask: Ask) -> PagesAhead:
    def affords(records: int) -> bool:
        left = reading.source.credits_left
        return left is None or left >= reading.plan.credits(records)

    limits = reading.source.limits
    return PagesAhead(ask, reading.executors, limits, reading.expected, affords)


class CoqlPath(ReadPath):
    """Reads by queries, up to 2,000 records for 3 credits."""

    name = COQL
    label = "queries (COQL)"
    rank = 0
    scopes = COQL_SCOPE
    benefit = "COQL, the cheapest way to read changes"
    queries = CoqlReader
    fallbacks = (REST,)

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.max_fields = limits.query_fields

    @override
    def reads(self, module: RecordModule) -> bool:
        return not is_only_listed(module)

    @override
    def credits(self, fields: Sequence[RecordField], records: int) -> int:
        return self._limits.query_price(records)

    @override
    def credits_to_checkpoint(
        self, fields: Sequence[RecordField], records: int, *, by_time: bool
    ) -> int:
        return self._limits.query_price(min(records, self._limits.query_credits[-1][0]))

    @override
    def pages(self, reading: Reading) -> Iterator[Page]:
        most = functools.partial(_affordable, reading.source, reading.plan.lacking)
        reader = CoqlReader(reading.part, most)
        if not reading.window.unstamped:
            return reader.by_change(reading.window, reading.expected)
        after = (reading.checkpoint or {}).get(AFTER)
        if after is None:
            begin_ahead = functools.partial(_ahead, reading)
            return reader.by_id(reading.window, None, reading.expected, begin_ahead)
        if not str(after).isdecimal():
            raise reading.wrong_checkpoint(after)
        return reader.by_id(reading.window, str(after))
