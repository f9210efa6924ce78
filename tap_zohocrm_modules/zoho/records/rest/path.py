"""The read path `rest`: small modules, and what the other paths refuse.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from typing_extensions import override

from tap_zohocrm_modules.zoho.records.coql.reader import CoqlReader
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.path_names import COQL, REST
from tap_zohocrm_modules.zoho.records.read_path import Reading, ReadPath
from tap_zohocrm_modules.zoho.records.reading import (
    NEVER,
    Page,
    PathRefusedError,
    Window,
    changed_at,
)
from tap_zohocrm_modules.zoho.records.rest.missing_fields import MissingFieldFetcher
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
        tied_second = functools.partial(_by_queries, reading)
        reader = RestReader(reading.source, reading.executors, tied_second=tied_second)
        return reader.pages(reading.window)


def _by_queries(reading: Reading, second: datetime) -> TiedSecond | None:
    """Return what was changed in one second, read once, by id; None where queries lack it."""
    if COQL not in reading.usable:
        return None
    source, plan = reading.source, reading.plans[COQL]
    end = second + timedelta(seconds=1)
    fetcher = MissingFieldFetcher(source, plan.lacking, reading.executors)
    queries = CoqlReader(source.of_fields(plan.fields))
    keys = CoqlReader(source.of_fields(source.key_fields()))
    try:
        tied = [
            record
            for page in queries.unchanged(Window(second, end, unstamped=False), None, None)
            for record in fetcher.completed(page.records, page.ambiguous)
        ]
        later = next(keys.by_change(Window(end, NEVER, unstamped=False))).records
    except PathRefusedError:
        return None
    return (tied, (changed_at(later[0]) if later else None) or second) if tied else None
