"""Reads a module by Get Records, whatever changes meanwhile.

Pages and page tokens may be positions in a list that others edit: a record that is changed or
deleted moves all behind it forward, and one of them from a page not yet read to one that was. So
records with `Modified_Time` are read by it, each call asking anew for those changed since the last
one read; and what can only be read by position is read until two passes agree.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records.completing.absences import Absences
from tap_zohocrm_modules.zoho.records.completing.field_slices import FieldSliceJoiner
from tap_zohocrm_modules.zoho.records.completing.rich_texts import RichTexts
from tap_zohocrm_modules.zoho.records.get_records import GetRecordsRequest, RecordPage
from tap_zohocrm_modules.zoho.records.model import MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import (
    Executors,
    Page,
    Source,
    Window,
    by_key,
    changed_at,
)
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.records.rest.changes import (
    ChangePage,
    ChangeQueries,
    Changes,
    SinceIgnoredError,
)
from tap_zohocrm_modules.zoho.records.stable_scan import stable_scan
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339, utc_each

TiedSecond: TypeAlias = tuple[list[Record], datetime]
"""All records changed in one second, and the time of the next change; that second without any."""

_SECOND = timedelta(seconds=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=timezone.utc)


class RestReader:
    """Reads one module's records by Get Records, or its converted leads only.

    `tied_second` is a better way to read more than a page of records of one second, if there is.
    """

    def __init__(
        self,
        source: Source,
        executors: Executors,
        *,
        absences: Absences | None = None,
        converted: bool = False,
        tied_second: Callable[[datetime], TiedSecond | None] = lambda _: None,
    ) -> None:
        self._source = source
        self._executors = executors
        self._tied_elsewhere = tied_second
        self._joiner = FieldSliceJoiner(source, executors.single, absences)
        self._rich_texts = RichTexts(source, absences)
        first = self._joiner.field_slices[0]
        self._by_id = GetRecordsRequest(source, first, converted=converted)
        self._by_time = dataclasses.replace(self._by_id, sort_by=MODIFIED_TIME)

    @functools.cached_property
    def _opening(self) -> ChangePage:
        """The first page of a first read."""
        return self._whole_page(self._by_time if self._source.has_modified_time else self._by_id)

    def pages(self, window: Window) -> Iterator[Page]:
        """Yield the records of a window, by time of change where the module has it."""
        if window.unstamped and not self._opening.more and self._opening.has_room:
            opened: Sequence[Record] = self._opening.records
            if self._source.has_modified_time:
                opened = [one for one in opened if window.holds(changed_at(one))]
            yield Page(Rows(opened), is_everything=True)
            return
        if not self._source.has_modified_time:
            for records in self._by_position(self._by_id):
                yield Page(Rows(records))
            return
        since = window.since
        first: ChangePage | None = None
        if window.unstamped:
            opening = self._opening
            yield from self._unstamped(opening.records)
            since = since or min(filter(None, map(changed_at, opening.records)), default=None)
            is_later = opening.last_time is not None and opening.last_time > (since or _BEGINNING)
            first = opening if is_later else None
        queries = ChangeQueries(
            lambda instant: self._whole_page(dataclasses.replace(self._by_time, since=instant)),
            self._tied_second,
            self._newest,
            lambda: self._by_position(self._by_time),
            first,
            self._affordable,
            knows_newest="_last_rows" in vars(self),
        )
        yield from Changes(queries, since or _BEGINNING, window, self._executors).followed()

    def _tied_second(self, second: datetime) -> TiedSecond:
        """Return more than a page of records changed in one second, and the next change's time."""
        elsewhere = self._tied_elsewhere(second)
        if elsewhere is not None:
            return elsewhere
        # Should the header exclude its own second.
        listing = dataclasses.replace(self._by_time, since=second - _SECOND)
        found: list[Record] = []
        later: list[datetime] = []
        what = f"{rfc3339(second)}, of which it had announced more than a page"
        for record in itertools.chain.from_iterable(
            self._by_position(listing, until=second, what=what)
        ):
            changed = changed_at(record)
            if changed == second:
                found.append(record)
            elif changed is not None and changed > second:
                later.append(changed)
        return found, min(later, default=second)

    def _unstamped(self, first: Sequence[Record]) -> Iterator[Page]:
        """Yield the records without Modified_Time, which an order by it has at either end."""
        listing = self._by_time
        if not first or changed_at(first[0]) is not None:
            listing = dataclasses.replace(self._by_time, descending=True)
            if not self._last_rows or self._last_rows[0].get(MODIFIED_TIME) is not None:
                return
        for records in self._by_position(listing, until=_BEGINNING):
            yield Page(Rows(one for one in records if changed_at(one) is None))

    @functools.cached_property
    def _last_rows(self) -> Sequence[Mapping[str, Any]]:
        """The first page of the list the other way round."""
        keys = self._source.key_fields()
        return dataclasses.replace(self._by_time, descending=True, fields=keys).page().rows

    def _newest(self) -> datetime | None:
        """Return the time of the last change, None where rows without one come last."""
        time = self._last_rows[0].get(MODIFIED_TIME) if self._last_rows else None
        return None if time is None else self._instant(time)

    def _by_position(
        self,
        listing: GetRecordsRequest,
        until: datetime | None = None,
        what: str = "a list that had records before",
    ) -> Iterator[list[Record]]:
        """Yield a list's records up to those changed after `until`, missing none.

        UnreadableAnswerError: it is empty all at once.
        """

        def beyond(row: Mapping[str, Any]) -> bool:
            time = row.get(MODIFIED_TIME)
            return until is not None and time is not None and self._instant(time) > until

        is_empty = True
        for rows in stable_scan(listing.page, beyond, self._source.module.api_name):
            is_empty = False
            yield self._finished(self._joiner.completed(rows))
        if is_empty:
            raise UnreadableAnswerError(
                f"{self._source.module.api_name}: Get Records returned nothing of {what}: run"
                " again."
            )

    def _affordable(self) -> int | None:
        """Return how many pages the run can pay for, None for any number."""
        left = self._source.credits_left
        return None if left is None else left // len(self._joiner.field_slices)

    def _whole_page(self, listing: GetRecordsRequest) -> ChangePage:
        # A page of which some slices are paid for is of no use.
        self._source.client.credits.afford(len(self._joiner.field_slices))
        reads = [
            functools.partial(dataclasses.replace(listing, fields=part).page)
            for part in self._joiner.field_slices
        ]
        parts: list[RecordPage] = self._joiner.at_once(reads)
        records = self._finished(self._joiner.join([part.rows for part in parts]))
        times = [row.get(MODIFIED_TIME) for row in parts[0].rows]
        known = [time for time in times if time is not None]
        instants = self._comparable(known)
        if instants != sorted(instants):
            raise UnreadableAnswerError(
                f"{self._source.module.api_name}: Get Records did not sort by Modified_Time, so"
                " that records could be missed."
            )
        if known and listing.since is not None:
            self._check_since(listing.since, self._instant(known[0]))
        # Nothing on a later page precedes the last of them.
        last = self._instant(known[-1]) if known else None
        has_room = len(parts[0].rows) < self._source.limits.page_rows
        return ChangePage(Rows(records), parts[0].more, last, has_room)

    def _check_since(self, since: datetime, first: datetime) -> None:
        if first < since - _SECOND:
            raise SinceIgnoredError(
                f"{self._source.module.api_name}: Get Records was asked for changes since"
                f" {rfc3339(since)} and sent one of {rfc3339(first)}: If-Modified-Since does not"
                " reach Zoho. Check the proxies in between."
            )

    def _comparable(self, times: Sequence[str]) -> list[Any]:
        """Return times as what sorts like them: texts in UTC where it can be, which is faster."""
        if all(times) and {str}.issuperset(map(type, times)):
            with contextlib.suppress(ValueError):
                return [*utc_each(times)]
        return [self._instant(time) for time in times]

    def _instant(self, time: str) -> datetime:
        try:
            return parse(str(time))
        except ValueError as error:
            raise UnreadableAnswerError(
                f"{self._source.module.api_name}: Get Records sent {str(time)[:40]!r} as"
                " Modified_Time, so that records could be missed."
            ) from error

    def _finished(self, records: Iterable[Record]) -> list[Record]:
        return sorted(self._rich_texts.completed([*records]), key=by_key)
