"""The read path `coql`: increments, and modules with many fields.

Each query starts after the last record of the one before. Nothing is believed for its position:
changes and deletions meanwhile move no other record.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Iterator, Sequence
from datetime import datetime

from typing_extensions import override

from tap_zohocrm_modules.zoho.records.coql.ahead import Ask, PagesAhead
from tap_zohocrm_modules.zoho.records.coql.conditions import (
    EVERY_RECORD,
    between,
    changed_before,
    changed_since,
    started,
)
from tap_zohocrm_modules.zoho.records.coql.queries import (
    COQL_SCOPE,
    KeysetSequence,
    Queries,
    no_progress,
)
from tap_zohocrm_modules.zoho.records.coql.reader import BY_CHANGE, BY_ID, CoqlReader, key_of
from tap_zohocrm_modules.zoho.records.get_records import RecordPage
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import ID, RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.path_names import COQL, REST
from tap_zohocrm_modules.zoho.records.read_path import Reading, ReadPath, is_only_listed
from tap_zohocrm_modules.zoho.records.reading import Page, Source
from tap_zohocrm_modules.zoho.transport.instants import zoho_literal

_AFTER = "after"


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
        source = reading.plan.part_of(reading.source)
        # What is to be completed is so record by record.
        columnar = source.columnar and not reading.plan.lacking
        queries = Queries(dataclasses.replace(source, columnar=columnar))
        if not reading.window.unstamped:
            return _by_change(queries, reading)
        after = (reading.checkpoint or {}).get(_AFTER)
        if after is not None and not str(after).isdecimal():
            raise reading.wrong_checkpoint(after)
        return _by_id(queries, reading, None if after is None else str(after))


def _by_id(queries: Queries, reading: Reading, after: str | None) -> Iterator[Page]:
    """Yield the records from a window's beginning on, and those without Modified_Time, by id.

    They do not end with the window. An earlier read goes on after an id.
    """
    conditions = started(reading.window)

    def select(wanted: Sequence[str], limit: int, offset: int = 0) -> RecordPage:
        every = [] if len(wanted) > len(conditions) else [EVERY_RECORD]
        return queries.select([*wanted, *every], BY_ID, limit, offset)

    asked = 0

    def limit(read: int) -> int:
        nonlocal asked
        asked = _limit(queries, reading, reading.expected(), read)
        return asked

    def ask(after: str, limit: int, offset: int) -> RecordPage:
        return select([*conditions, *between(after, None)], limit, offset)

    is_first = after is None
    with contextlib.ExitStack() as stack:
        ahead = stack.enter_context(_ahead(reading, ask)) if is_first else None
        for found in queries.by_id(select, limit, conditions, after, ahead):
            page = queries.page(found)
            yield dataclasses.replace(
                page,
                checkpoint={_AFTER: page.records[-1][ID]} if found.more else None,
                # Only of a page with room for more it is known that no others follow.
                is_everything=is_first and not found.more and len(found.rows) < asked,
            )
            is_first = False


def _by_change(queries: Queries, reading: Reading) -> Iterator[Page]:
    """Yield the records changed within a window, by `Modified_Time` and id."""
    since, until = reading.window.since, reading.window.until
    last: tuple[datetime, int] | None = None
    read = 0
    sequence = KeysetSequence(queries.name)
    while True:
        most = reading.expected()
        limit = _limit(queries, reading, most, read)
        begin = [] if since is None else [changed_since(since)]
        going_on = (
            [f"(Modified_Time > '{zoho_literal(last[0])}' or id > {last[1]})"] if last else []
        )
        wanted = [*begin, changed_before(until), *going_on]
        found = sequence.next(functools.partial(queries.select, wanted, BY_CHANGE, limit))
        page = queries.page(found)
        # A full page that denies that more follow is believed if so many were counted.
        is_full = len(found.rows) >= limit and (most is None or read + len(found.rows) < most)
        if not page.records or not (found.more or is_full):
            yield page
            return
        reached = key_of(queries.name, page.records[-1])
        yield dataclasses.replace(page, watermark=reached[0])
        if last is not None and reached <= last:
            raise no_progress(queries.name, str(reached[1]))
        last, since = reached, reached[0]
        read += len(page.records)


def _limit(queries: Queries, reading: Reading, expected: int | None, read: int) -> int:
    """Return the LIMIT of the next query, when so many of the expected records are read."""
    limit, most = queries.limit(expected, read), _affordable(reading.source, reading.plan.lacking)
    return limit if most is None else min(limit, most)


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
