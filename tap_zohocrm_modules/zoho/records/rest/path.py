"""The read path `rest`: small modules, and what the other paths refuse.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from typing_extensions import override

from tap_zohocrm_modules.zoho.records.completing.absences import Absences
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.path_names import REST
from tap_zohocrm_modules.zoho.records.queries import WholeQueries
from tap_zohocrm_modules.zoho.records.read_path import Reading, ReadPath
from tap_zohocrm_modules.zoho.records.reading import Page, PathRefusedError, Window
from tap_zohocrm_modules.zoho.records.rest.reader import RestReader, TiedSecond


class RestPath(ReadPath):
    """Reads by Get Records, 200 records and 50 fields a call."""

    name = REST
    label = "Get Records"
    rank = 1
    is_complete = True

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    @override
    def reads(self, module: RecordModule) -> bool:
        return True

    @override
    def credits(self, fields: Sequence[RecordField], records: int) -> int:
        pages = -(-max(records, 1) // self._limits.page_rows)
        slices = self._limits.slices(len(fields))
        # Half of the rich texts are taken to be cut, and nulls may stand at the list's other end.
        texts = -(-records // self._limits.list_ids // 2) if any(f.rich for f in fields) else 0
        return slices * pages + texts + (pages > 1)

    @override
    def credits_to_checkpoint(
        self, fields: Sequence[RecordField], records: int, *, by_time: bool
    ) -> int:
        # Without times, or where the whole module is one read, only its end can be resumed from.
        return self.credits(fields, min(records, self._limits.page_rows) if by_time else records)

    @override
    def pages(self, reading: Reading) -> Iterator[Page]:
        source, executors, queries = reading.source, reading.executors, reading.queries
        if reading.converted:
            return RestReader(source, executors, converted=True).pages(reading.window)
        absences = Absences(source, None if queries is None else queries.still_listed)
        tied_second = functools.partial(_by_queries, queries)
        reader = RestReader(source, executors, absences=absences, tied_second=tied_second)
        return reader.pages(reading.window)


def _by_queries(queries: WholeQueries | None, second: datetime) -> TiedSecond | None:
    """Return what was changed in one second, read once, by id; None where queries lack it."""
    if queries is None or not queries.usable:
        return None
    end = second + timedelta(seconds=1)
    window = Window(second, end, unstamped=False)
    try:
        tied = [record for records in queries.unchanged(window) for record in records]
        later = queries.keys.next_change(end)
    except PathRefusedError:
        return None
    return (tied, later or second) if tied else None
