"""Reads a module by Get Records, whatever changes meanwhile.

Pages and page tokens may be positions in a list that others edit: a record that is changed or
deleted moves all behind it forward, and one of them from a page not yet read to one that was. So
records with `Modified_Time` are read by it, each call asking anew for those changed since the last
one read; and what can only be read by position is read until two passes agree.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Calls, Page, Source, Window, by_key
from tap_zohocrm_modules.zoho.records.rest.changes import ChangePage, Changes
from tap_zohocrm_modules.zoho.records.rest.changes import Pages as ChangePages
from tap_zohocrm_modules.zoho.records.rest.field_slices import FieldSliceJoiner
from tap_zohocrm_modules.zoho.records.rest.get_records import GetRecordsRequest, RecordPage
from tap_zohocrm_modules.zoho.records.rest.rich_text import RichTexts
from tap_zohocrm_modules.zoho.records.rest.stable_scan import stable_scan
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339


class RestReader:
    """Reads one module's records by Get Records.

    Args:
        source: The module, and what is wanted of it.
        calls: Where calls are made at the same time.
        converted: Converted leads only.
    """

    def __init__(self, source: Source, calls: Calls, *, converted: bool = False) -> None:
        self._source = source
        self._calls = calls
        self._joiner = FieldSliceJoiner(source, calls.single)
        self._rich_texts = RichTexts(source)
        first = self._joiner.field_slices[0]
        self._by_id = GetRecordsRequest(source, first, converted=converted)
        self._by_time = dataclasses.replace(self._by_id, sort_by=MODIFIED_TIME)

    @property
    def mismatches(self) -> set[str]:
        """Columns of which a value did not fit, so far."""
        return self._joiner.mismatches

    @property
    def is_short(self) -> bool:
        """Whether all records of a first read fit in one page.

        Raises:
            ZohoError: Zoho refuses.
        """
        return not self._opening.more

    @functools.cached_property
    def _opening(self) -> ChangePage:
        """The first page of a first read."""
        return self._whole_page(self._by_time if self._source.has_modified_time else self._by_id)

    def pages(self, window: Window) -> Iterator[Page]:
        """Yield the records of a window, in the order of their changes where they tell it.

        Args:
            window: What is wanted.

        Raises:
            ZohoError: Zoho refuses, or it cannot be made sure that nothing is missing.
        """
        if window.unstamped and self.is_short:
            yield Page(self._wanted(self._opening.records, window))
            return
        if not self._source.has_modified_time:
            for records in self._by_position(self._by_id):
                yield Page(records)
            return
        since = rfc3339(window.since) if window.since else ""
        first: ChangePage | None = None
        if window.unstamped:
            opening = self._opening
            yield from self._unstamped(opening.records)
            since = since or _first_time(opening.records) or rfc3339(_BEGINNING)
            first = opening if (opening.last_time or "") > since else None
        pages = ChangePages(
            lambda instant: self._whole_page(dataclasses.replace(self._by_time, since=instant)),
            self._crowd,
            self._newest,
            first,
        )
        yield from Changes(pages, parse(since), window, self._calls).followed()

    def _wanted(self, records: Sequence[Record], window: Window) -> list[Record]:
        if not self._source.has_modified_time:
            return list(records)
        since = rfc3339(window.since) if window.since else ""
        return _within(records, since, window.end, unstamped=window.unstamped)

    def _crowd(self, since: datetime) -> tuple[list[Record], str]:
        """Return more than a page of records changed in one second, and the next change's time.

        Without any later change that is the same second.
        """
        begin = rfc3339(since)
        # Should the header exclude its own second.
        listing = dataclasses.replace(self._by_time, since=since - timedelta(seconds=1))
        found: dict[str, Record] = {}
        later: list[str] = []
        is_empty = True
        for records in self._by_position(listing, until=begin):
            for record in records:
                is_empty = False
                if record[MODIFIED_TIME] == begin:
                    found[record[ID]] = record
                elif record[MODIFIED_TIME] > begin:
                    later.append(record[MODIFIED_TIME])
        # The crowd may be all of the second before.
        if is_empty:
            raise UnreadableAnswerError(
                f"{self._source.module.api_name}: Get Records gave nothing of {begin}, of which it"
                " had announced more than a page: run again."
            )
        return list(found.values()), min(later, default=begin)

    def _unstamped(self, first: Sequence[Record]) -> Iterator[Page]:
        """Yield the records without Modified_Time, which an order by it has at either end."""
        listing = self._by_time
        if not first or first[0][MODIFIED_TIME] is not None:
            listing = dataclasses.replace(self._by_time, descending=True)
            if not self._last_rows or self._last_rows[0].get(MODIFIED_TIME) is not None:
                return
        for records in self._by_position(listing, until=""):
            unstamped = [record for record in records if record[MODIFIED_TIME] is None]
            yield Page(unstamped)

    @functools.cached_property
    def _last_rows(self) -> Sequence[Mapping[str, Any]]:
        """The first page of the list the other way round."""
        keys = self._source.key_fields()
        return dataclasses.replace(self._by_time, descending=True, fields=keys).page().rows

    def _newest(self) -> str | None:
        """Return the time of the last change, None where rows without one come last."""
        time = self._last_rows[0].get(MODIFIED_TIME) if self._last_rows else None
        return None if time is None else self._second(time)

    def _by_position(
        self, listing: GetRecordsRequest, until: str | None = None
    ) -> Iterator[list[Record]]:
        """Yield a list's records up to those changed after `until`, missing none."""

        def read(token: str | None) -> RecordPage:
            return listing.page(token)

        def beyond(row: Mapping[str, Any]) -> bool:
            time = row.get(MODIFIED_TIME)
            return until is not None and time is not None and self._second(time) > until

        for rows in stable_scan(read, beyond, self._source.module.api_name):
            yield self._finished(self._joiner.completed(rows))

    def _whole_page(self, listing: GetRecordsRequest) -> ChangePage:
        reads = [
            functools.partial(dataclasses.replace(listing, fields=part).page)
            for part in self._joiner.field_slices
        ]
        parts: list[RecordPage] = self._joiner.at_once(reads)
        records = self._finished(self._joiner.join([part.rows for part in parts]))
        times = [row.get(MODIFIED_TIME) for row in parts[0].rows]
        return ChangePage(records, parts[0].more, self._last(times))

    def _last(self, times: Sequence[str | None]) -> str | None:
        """Return the last of a page's times, which nothing on a later page precedes."""
        known = [self._second(time) for time in times if time is not None]
        if known != sorted(known):
            raise UnreadableAnswerError(
                f"{self._source.module.api_name}: Get Records did not sort by Modified_Time, so"
                " that records could be missed."
            )
        return known[-1] if known else None

    def _second(self, time: str) -> str:
        try:
            return rfc3339(parse(str(time)))
        except ValueError as error:
            raise UnreadableAnswerError(
                f"{self._source.module.api_name}: Get Records gave {str(time)[:40]!r} as"
                " Modified_Time, so that records could be missed."
            ) from error

    def _finished(self, records: Iterable[Record]) -> list[Record]:
        return sorted(self._rich_texts.completed([*records]), key=by_key)


_BEGINNING = parse("1970-01-01T00:00:00Z")


def _first_time(records: Sequence[Record]) -> str | None:
    return min((r[MODIFIED_TIME] for r in records if r[MODIFIED_TIME] is not None), default=None)


def _within(
    records: Iterable[Record], since: str, until: str, *, unstamped: bool = False
) -> list[Record]:
    return [
        record
        for record in records
        if (unstamped if (time := record[MODIFIED_TIME]) is None else since <= time < until)
    ]
