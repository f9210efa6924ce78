"""Reads one module's records the cheapest way there is, and the next one where Zoho refuses."""

from __future__ import annotations

import dataclasses
import itertools
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tap_zohocrm_modules.zoho.records import count as counting
from tap_zohocrm_modules.zoho.records.bulk.jobs import DownloadPacer
from tap_zohocrm_modules.zoho.records.bulk.reader import BulkReader
from tap_zohocrm_modules.zoho.records.coql.reader import AFTER, CoqlReader
from tap_zohocrm_modules.zoho.records.path_names import BULK, COQL, REST
from tap_zohocrm_modules.zoho.records.planner import ReadPlan, cheapest, never, ways
from tap_zohocrm_modules.zoho.records.reading import (
    Calls,
    Page,
    PathRefusedError,
    Source,
    Window,
)
from tap_zohocrm_modules.zoho.records.reconcile import missing
from tap_zohocrm_modules.zoho.records.rest import get_records as lists
from tap_zohocrm_modules.zoho.records.rest.converted_leads import ConvertedLeads
from tap_zohocrm_modules.zoho.records.rest.missing_fields import MissingFieldFetcher
from tap_zohocrm_modules.zoho.records.rest.reader import RestReader
from tap_zohocrm_modules.zoho.transport.instants import parse

logger = logging.getLogger(__name__)

_USUAL_INCREMENT = 100
# So many changes are read without asking how many there are, which costs a credit.
_UNCOUNTED = 2_000

PATH, WITHOUT = "path", "without"


class ModuleReader:
    """Reads one module's records.

    Args:
        source: The module, and what is wanted of it.
        path: The only path to use, None for the cheapest.
        calls: Where calls are made at the same time.
        pacer: What keeps downloads apart.
    """

    def __init__(
        self, source: Source, path: str | None, calls: Calls, pacer: DownloadPacer
    ) -> None:
        self._source = source
        self._calls = calls
        self._pacer = pacer
        self._forced = path
        self._allowed = {REST, COQL, BULK} if path is None else {path, REST}
        if path == BULK:
            self._allowed.add(COQL)
        self._allowed -= never(source.module)
        self._refused: dict[str, set[str]] = {}
        self.expected: int | None = None
        """How many records a first read will give, once that is known."""
        self.mismatches: set[str] = set()
        """Columns of which a value did not fit."""

    def pages(
        self, window: Window, *, first: bool, position: Mapping[str, Any] | None
    ) -> Iterator[Page]:
        """Yield the records of a window.

        Args:
            window: What is wanted.
            first: Whether nothing has been read to its end before.
            position: Where an earlier, unfinished read goes on.

        Raises:
            ZohoError: Zoho refuses every way, or a call failed.
        """
        try:
            way = self._resumed(position)
            if way is not None:
                self._explain(way, "going on where an earlier run ended")
                yield from self._read(way, window, first=first, position=position)
            elif first:
                yield from self._first(window)
            else:
                yield from self._increment(window)
        except PathRefusedError as refused:
            self._do_without(refused)
            yield from self.pages(window, first=first, position=None)

    def _do_without(self, refused: PathRefusedError) -> None:
        known = self._refused.setdefault(refused.path, set())
        fresh = refused.fields - known
        if fresh:
            known.update(fresh)
        elif refused.path in self._allowed:
            self._allowed.discard(refused.path)
        else:
            raise refused.error
        self._say(
            "not all read by %s, since Zoho refuses %s there (%s)",
            _NAMES[refused.path],
            f"the field {', '.join(sorted(fresh))}" if fresh else "the module",
            refused.error.refusal,
        )

    def _options(self) -> list[ReadPlan]:
        paths = self._allowed
        if self._forced in self._allowed:
            paths = {self._forced}
        return ways(self._source.fields, paths, self._refused)

    def _resumed(self, position: Mapping[str, Any] | None) -> ReadPlan | None:
        """Return the way in which an earlier run's read goes on, None if it does not."""
        if position is None or PATH not in position:
            return None
        path = str(position[PATH])
        # Bulk jobs that are taken up again do not give them.
        self._refused[path] = {str(name) for name in position.get(WITHOUT, ())}
        return next((way for way in self._options() if way.path == path), None)

    def _increment(self, window: Window) -> Iterator[Page]:
        options = self._options()
        if self._forced == BULK and BULK in self._allowed:
            way = options[0]
        else:
            small = [way for way in options if way.path != BULK]
            way = cheapest(small, _USUAL_INCREMENT)
        self._explain(way, f"changes since {window.since:%Y-%m-%dT%H:%M:%SZ}")
        leads = None if way.path == REST else self._leads(window)
        given = 0
        counted = len(options) == 1
        for page in self._read(way, window, first=False, leads=leads):
            yield page
            given += len(page.records)
            if counted or page.watermark is None or given <= _UNCOUNTED:
                continue
            counted = True
            rest = dataclasses.replace(window, since=parse(page.watermark))
            left = counting.count_by_query(self._source, rest, self._allowed)
            if left is None:
                continue
            self.expected = given + left
            better, why = self._compared(options, left)
            if better is not way:
                self._explain(better, f"many changes: {why}")
                yield from self._read(better, rest, first=False, leads=leads)
                return

    def _first(self, window: Window) -> Iterator[Page]:
        options = self._options()
        if len(options) == 1:
            is_forced = options[0].path == self._forced
            self._explain(options[0], "as read_path says" if is_forced else "it is the only way")
            yield from self._read(options[0], window, first=True)
            return
        if self.expected is not None:
            # Counted before one of the ways was refused.
            way, why = self._compared(options, self.expected)
            self._explain(way, why)
            yield from self._read(way, window, first=True)
            return
        begun = cheapest([way for way in options if way.path != BULK], lists.PER_PAGE)
        pages, is_whole = self._begun(begun, window)
        opening = next(pages)
        if is_whole:
            self._explain(begun, f"{len(opening.records):,} records, which one call gives")
        else:
            # What has been given counts, should this be the cheapest way to go on.
            self.expected = counting.count(self._source, window, self._allowed)
            way, why = self._compared(options, self.expected, begun, len(opening.records))
            self._explain(way, why)
            if way is not begun:
                yield from self._read(way, window, first=True)
                return
        yield opening
        yield from pages

    def _begun(self, way: ReadPlan, window: Window) -> tuple[Iterator[Page], bool]:
        """Return what a way reads, and whether the first page of it is all there is."""
        if way.path == REST:
            reader = RestReader(self._source, self._calls)
            return self._listed(reader, window), reader.is_short
        pages = self._read(way, window, first=True)
        opening = next(pages)
        return itertools.chain([opening], pages), opening.position is None

    def _compared(
        self,
        options: Sequence[ReadPlan],
        records: int | None,
        begun: ReadPlan | None = None,
        given: int = 0,
    ) -> tuple[ReadPlan, str]:
        """Return the cheapest way to read so many records, and why it is."""
        if records is None:
            way = next((way for way in options if way.path == COQL), options[0])
            return way, "Zoho does not say how many records there are"
        why = f"{records:,} records, and " + ", ".join(
            f"{_NAMES[option.path]} would take {option.credits(records)} credits"
            for option in options
        )
        return cheapest(options, records, begun, given), why

    def _leads(self, window: Window) -> ConvertedLeads:
        return ConvertedLeads(self._source, window, self._calls)

    def _read(
        self,
        way: ReadPlan,
        window: Window,
        *,
        first: bool,
        position: Mapping[str, Any] | None = None,
        leads: ConvertedLeads | None = None,
    ) -> Iterator[Page]:
        """Yield what a way reads; `leads` has looked out since before the window."""
        if way.path == REST:
            yield from self._listed(RestReader(self._source, self._calls), window)
            return
        leads = leads or self._leads(window)
        fetcher = MissingFieldFetcher(self._source, way.lacking, self._calls)
        part = self._source.of_fields(way.fields)
        pages = (
            self._queried(part, window, first=first, position=position)
            if way.path == COQL
            else self._exported(part, window, position)
        )
        try:
            for page in pages:
                records = fetcher.completed(page.records, page.ambiguous)
                leads.note(records)
                where = None if page.position is None else self._place(way, page.position)
                watermark = leads.reached(page.watermark)
                yield dataclasses.replace(
                    page, records=records, watermark=watermark, position=where
                )
        finally:
            self.mismatches |= fetcher.mismatches
        yield from (Page(page.records) for page in leads.missing())

    def _place(self, way: ReadPlan, position: Mapping[str, Any]) -> Mapping[str, Any]:
        refused = sorted(self._refused.get(way.path, ()))
        return {**position, PATH: way.path, **({WITHOUT: refused} if refused else {})}

    def _listed(self, reader: RestReader, window: Window) -> Iterator[Page]:
        try:
            yield from reader.pages(window)
        finally:
            self.mismatches |= reader.mismatches

    def _queried(
        self, part: Source, window: Window, *, first: bool, position: Mapping[str, Any] | None
    ) -> Iterator[Page]:
        reader = CoqlReader(part)
        try:
            if first:
                after = str(position[AFTER]) if position and AFTER in position else None
                yield from reader.by_id(
                    window, after, lambda: self.expected if after is None else None
                )
            else:
                yield from reader.by_change(window, lambda: self.expected)
        finally:
            self.mismatches |= reader.mismatches

    def _exported(
        self, part: Source, window: Window, position: Mapping[str, Any] | None
    ) -> Iterator[Page]:
        reader = BulkReader(part, self._pacer)
        try:
            yield from reader.pages(window, position)
        finally:
            self.mismatches |= reader.mismatches
        yield from self._reconciled(reader, window)

    def _reconciled(self, reader: BulkReader, window: Window) -> Iterator[Page]:
        """Yield what Bulk Read lacked."""
        way = next(iter(ways(self._source.fields, {COQL}, self._refused)))
        queries = CoqlReader(self._source.of_fields(way.fields))
        fetcher = MissingFieldFetcher(self._source, way.lacking, self._calls)
        for page in missing(queries, reader, window, self._source):
            yield Page(fetcher.completed(page.records))

    def _explain(self, way: ReadPlan, why: str) -> None:
        more = f", {len(way.lacking)} of {len(self._source.fields)} fields by Get Records"
        self._say("read by %s%s: %s", _NAMES[way.path], more if way.lacking else "", why)

    def _say(self, text: str, *values: object) -> None:
        logger.info(f"%s: {text}.", self._source.stream, *values)  # noqa: G004 - the text is ours


_NAMES = {REST: "Get Records", COQL: "queries (COQL)", BULK: "Bulk Read"}
