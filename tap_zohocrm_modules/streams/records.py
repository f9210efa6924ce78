"""The records of one module: one class for all modules.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any, TypeAlias

from singer_sdk import Tap
from singer_sdk.helpers.types import Context
from singer_sdk.singerlib import RecordMessage
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from typing_extensions import override

from tap_zohocrm_modules.config.choices import ReadPath
from tap_zohocrm_modules.streams.pagewise import PagewiseStream
from tap_zohocrm_modules.streams.record_schema import record_schema
from tap_zohocrm_modules.sync.progress import Progress
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import (
    POSITION,
    BinSnapshot,
    Checkpoint,
    ReadStart,
    RecordState,
    digest,
)
from tap_zohocrm_modules.sync.tombstones import Tombstones, emits_tombstones
from tap_zohocrm_modules.zoho.records.engine import PATH, ModuleReader
from tap_zohocrm_modules.zoho.records.model import (
    DELETED_AT,
    ID,
    MODIFIED_TIME,
    RecordField,
    RecordModule,
)
from tap_zohocrm_modules.zoho.records.path_names import BULK
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Page, Source, Window
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.texts import one_line

Shape: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
Item: TypeAlias = "Page | BinSnapshot | Checkpoint | list[Record]"

_RECORDS_A_STATE = 2_000


class RecordStream(PagewiseStream):
    """The records of a module."""

    primary_keys = (ID,)
    selected_by_default = False

    def __init__(self, tap: Tap, run: Run, name: str, module: RecordModule) -> None:
        schema = record_schema(module, tombstones=run.settings.emit_tombstones)
        super().__init__(tap, run, name=name, schema=schema)
        self.module = module
        self._misfits: set[str] = set()
        self._reader: ModuleReader | None = None
        self.replication_key = MODIFIED_TIME if module.has_modified_time else None

    @override
    def settle_replication(self) -> None:
        """Read by `Modified_Time` where the module has it, unless the catalog says FULL_TABLE."""
        self.primary_keys = (ID,)
        asked = self.replication_key
        full = self.forced_replication_method == REPLICATION_FULL_TABLE
        if full or not self.module.has_modified_time:
            self.replication_key, self.forced_replication_method = None, REPLICATION_FULL_TABLE
            return
        self.replication_key, self.forced_replication_method = MODIFIED_TIME, None
        if asked not in {None, MODIFIED_TIME}:
            self._unusable = ZohoError(
                f"replication-key {asked!r}: changes of records can only be asked for by"
                f" {MODIFIED_TIME}. Choose it in the catalog, or FULL_TABLE."
            )

    @override
    def tell_failure(self, error: ZohoError) -> None:
        self.run.report.module_failed(self.name, error)

    @override
    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Yield the records as they are emitted."""
        return self.emitted(None)

    @override
    def emitted(self, context: Context | None) -> Iterator[dict[str, Any]]:
        self._check_catalog()
        progress = Progress(self.name, self.run.client.credits, self._expected)
        shape = self._shape()
        state = RecordState(
            self,
            self.replication_key,
            self._standing,
            emits_tombstones=emits_tombstones(self.run, self.module),
        )
        resumable = not self.makes_version
        since_state = 0
        if resumable:
            state.begun()
            self._write_state_message()
        for item in self._items(progress):
            if isinstance(item, Checkpoint):
                state.settled(item)
                continue
            if isinstance(item, BinSnapshot):
                state.noticed(item)
                if resumable:
                    self._write_state_message()
                continue
            if not isinstance(item, Page):
                yield from self._buried(item)
                continue
            yield from map(shape, item.records)
            progress.add(len(item.records))
            if resumable:
                state.reached(item)
                since_state += len(item.records)
            if since_state >= _RECORDS_A_STATE or (resumable and not item.records):
                self._write_state_message()
                since_state = 0

    def _items(self, progress: Progress) -> Iterator[Item]:
        try:
            yield from self.run.records_ahead.items(self, progress.tick)
        finally:
            progress.end()
            left_out = {name for name in self._misfits if name.startswith("$")}
            self._tell_of(self._misfits - left_out)
            if left_out:
                self.logger.info(
                    "Stream %s: left out, since only Get Records gives them: %s.",
                    self.name,
                    ", ".join(map(one_line, sorted(left_out))),
                )

    def _expected(self) -> int | None:
        return None if self._reader is None else self._reader.expected

    def read(self) -> Iterator[Item]:
        """Yield pages of records, deletions, and up to when everything has been given.

        It changes no STATE and writes nothing, so that any thread may do it.

        Raises:
            ZohoError: Zoho refuses, or a call failed.
        """
        standing = self._standing
        source = self._source()
        whole = self.replication_key is None
        # Of a table that is read whole this time only, increments will go on.
        remembered = None if whole and not standing.has_bookmark else standing.recycled
        tombstones = Tombstones(self.run, source, remembered, whole=whole)
        is_bin_known = standing.is_bin_known
        has_looked = False
        for page in self._window(source, standing, self._path()):
            if not has_looked and _goes_on(page):
                has_looked = True
                binned = tombstones.noticed(standing.deleted_until, first=not is_bin_known)
                if binned is not None:
                    yield BinSnapshot(binned)
            yield page
        cut = self.run.cut
        if self.module.has_modified_time and standing.until < cut:
            # The first read began in an earlier run, at that run's cut.
            if self.replication_key is not None:
                yield Checkpoint(standing.until, standing.deleted_until)
            rest = dataclasses.replace(
                standing, is_first=False, since=standing.until, until=cut, position=None
            )
            # The little that is left is no work for a bulk job.
            path = self._path()
            yield from self._window(source, rest, None if path == BULK else path)
        buried = tombstones.since(standing.deleted_until, first=not is_bin_known)
        if buried and tombstones.remembered:
            # Should the run be killed after them, and one of these records be restored.
            yield BinSnapshot(dict(tombstones.remembered))
        yield buried
        yield Page(list(tombstones.restored()))
        late = (standing.deleted_until or standing.until) if tombstones.refused else None
        yield Checkpoint(cut, late, tombstones.remembered)

    def _path(self) -> str | None:
        path = self.run.settings.read_path
        return None if path is ReadPath.AUTO else path.value

    def _window(self, source: Source, standing: ReadStart, path: str | None) -> Iterator[Page]:
        reader = ModuleReader(source, path, self.run.calls, self.run.pacer)
        self._reader = reader
        window = Window(
            standing.since,
            standing.until,
            unstamped=standing.is_first,
            # A table that is read whole each time would lack what changes meanwhile.
            unending=self.replication_key is None,
        )
        try:
            yield from reader.pages(window, first=standing.is_first, position=standing.position)
        finally:
            self._misfits |= reader.mismatches

    @functools.cached_property
    def _standing(self) -> ReadStart:
        """Where the run's read begins, as STATE told before the run changed it."""
        start = self.run.settings.start_date if self.module.has_modified_time else None
        of = digest(self._wanted(), start)
        told: Mapping[str, Any] = self.tap_state.get("bookmarks", {}).get(self.name, {})
        if self.makes_version:
            # It is made of one run's records.
            told = {name: value for name, value in told.items() if name != POSITION}
        return ReadStart.told(told, self.replication_key, start, self.run.cut, of)

    def _source(self) -> Source:
        return Source(
            client=self.run.client, module=self.module, fields=self._wanted(), stream=self.name
        )

    def _wanted(self) -> tuple[RecordField, ...]:
        """Return the fields of the columns that are chosen, and those that tell of changes."""
        known = self.effective_schema["properties"]
        chosen = [
            field
            for field in self.module.fields
            if field.api_name in {ID, MODIFIED_TIME}
            or (field.column in known and self.mask.get(("properties", field.column), True))
        ]
        return tuple(chosen)

    @functools.cached_property
    def _columns(self) -> tuple[str, ...]:
        """The chosen columns, in the catalog's order."""
        return tuple(
            column
            for column in self.effective_schema["properties"]
            if column == ID or self.mask.get(("properties", column), True)
        )

    def _buried(self, tombstones: list[Record]) -> list[Record]:
        # Without its column a deletion would look like a record that has become empty.
        return tombstones if DELETED_AT in self._columns else []

    @override
    def _generate_record_messages(self, record: Record) -> Generator[RecordMessage, None, None]:
        """Yield the record as it is: it has the chosen columns only, as their schema says.

        The SDK would look for columns to take out of it, and types to normalize, once more.
        """
        extracted = datetime.now(timezone.utc)
        for stream_map in self.stream_maps:
            mapped = stream_map.transform(record)
            if mapped is not None:
                yield RecordMessage(
                    stream=stream_map.stream_alias,
                    record=mapped,
                    version=self._stream_version,
                    time_extracted=extracted,
                )

    def _shape(self) -> Shape:
        """Return what gives a record every chosen column of the catalog, in its order."""
        empty = dict.fromkeys(self._columns)

        def shape(record: dict[str, Any]) -> dict[str, Any]:
            # Three times as fast as asking for each column, which a record has but for a few.
            shaped = empty | record
            if len(shaped) > len(empty):
                for column in record.keys() - empty.keys():
                    del shaped[column]
            return shaped

        return shape

    def _check_catalog(self) -> None:
        """Make sure that the catalog's types are still those of the fields.

        Raises:
            ZohoError: one is not, so that loaders would be given values of another type.
        """
        catalog = self.effective_schema["properties"]
        changed = [
            name
            for name, column in self.schema["properties"].items()
            if name in catalog and _type_of(catalog[name]) != _type_of(column)
        ]
        if changed:
            raise ZohoError(
                f"The catalog is older than the fields {', '.join(changed)}, whose types have"
                " changed since: run discovery again."
            )
        if newer := [name for name in self.schema["properties"] if name not in catalog]:
            self.logger.warning(
                "Stream %s: not read, being newer than the catalog: %s. Run discovery again.",
                self.name,
                ", ".join(newer),
            )


def _goes_on(page: Page) -> bool:
    """Whether STATE will say that what was in the recycle bin needs no reading any more."""
    if page.position is not None:
        # What bulk jobs lack is found out in the end.
        return str(page.position[PATH]) != BULK
    return page.watermark is not None


def _type_of(column: Mapping[str, Any]) -> tuple[frozenset[str], Any]:
    kinds = column.get("type", [])
    names = [kinds] if isinstance(kinds, str) else kinds
    return frozenset(names) - {"null"}, column.get("format")
