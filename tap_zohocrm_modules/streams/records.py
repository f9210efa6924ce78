"""The records of one module: one class for all modules.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from singer_sdk import Tap
from singer_sdk.helpers.types import Context
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from singer_sdk.streams._state import StreamStateManager
from typing_extensions import override

from tap_zohocrm_modules.schema import record_schema
from tap_zohocrm_modules.settings import ReadPath
from tap_zohocrm_modules.streams.base import ZohoStream
from tap_zohocrm_modules.streams.record_state import PageStateManager, RecordState, digest
from tap_zohocrm_modules.streams.run import Run
from tap_zohocrm_modules.streams.tombstones import Tombstones
from tap_zohocrm_modules.zoho.errors import ZohoError
from tap_zohocrm_modules.zoho.records.fields import (
    ID,
    MODIFIED_TIME,
    Path,
    RecordField,
    RecordModule,
)
from tap_zohocrm_modules.zoho.records.module_reader import ModuleReader
from tap_zohocrm_modules.zoho.records.reading import Source, Window

Shape: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]

_RECORDS_A_STATE = 2_000


class RecordStream(ZohoStream):
    """The records of a module."""

    primary_keys = (ID,)
    selected_by_default = False

    def __init__(self, tap: Tap, run: Run, name: str, module: RecordModule) -> None:
        schema = record_schema(module, tombstones=run.settings.emit_tombstones)
        super().__init__(tap, run, name=name, schema=schema)
        self.module = module
        self.replication_key = MODIFIED_TIME if module.tells_changes else None

    @property
    @override
    def state_manager(self) -> StreamStateManager:
        if self._state_manager is None:
            self._state_manager = PageStateManager(
                tap_name=self.tap_name, stream_name=self.name, tap_state=self._tap_state
            )
        return self._state_manager

    @override
    def settle_replication(self) -> None:
        """Read by `Modified_Time` where the module has it, unless the catalog says FULL_TABLE."""
        self.primary_keys = (ID,)
        asked = self.replication_key
        full = self.forced_replication_method == REPLICATION_FULL_TABLE
        if full or not self.module.tells_changes:
            self.replication_key, self.forced_replication_method = None, REPLICATION_FULL_TABLE
            return
        self.replication_key, self.forced_replication_method = MODIFIED_TIME, None
        if asked not in {None, MODIFIED_TIME}:
            self._unusable = ZohoError(
                f"replication-key {asked!r}: changes of records can only be asked for by"
                f" {MODIFIED_TIME}. Choose it in the catalog, or FULL_TABLE."
            )

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return nothing: the stream keeps its own position, page by page."""

    @override
    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Yield the records as they are emitted."""
        return self.emitted(None)

    @override
    def emitted(self, context: Context | None) -> Iterator[dict[str, Any]]:
        self._check_catalog()
        source = self._source()
        start = self.run.settings.start_date if self.module.tells_changes else None
        state = RecordState(
            self, self.replication_key, start, self.run.cut, digest(source.fields, start)
        )
        tombstones = Tombstones(self.run, source, state.memory)
        for tombstone in tombstones.since(state.since, first=state.is_first):
            yield self._within(tombstone)
        shape = self._shape()
        yield from self._window(source, state, shape)
        if self.replication_key is not None and state.until < self.run.cut:
            # The first read began in an earlier run, at that run's cut.
            state = RecordState(self, self.replication_key, start, self.run.cut, "")
            yield from self._window(source, state, shape)
        for record in tombstones.restored():
            yield shape(record)

    def _window(self, source: Source, state: RecordState, shape: Shape) -> Iterator[dict[str, Any]]:
        """Yield the records of a window, and keep where the reading stands."""
        path = self.run.settings.read_path
        reader = ModuleReader(
            source,
            None if path is ReadPath.AUTO else Path(path.value),
            self.run.executor,
            self.run.pacer,
        )
        window = Window(since=state.since, until=state.until, unstamped=state.is_first)
        resumable = self.replication_key is not None or self._stream_version is None
        since_state = 0
        try:
            for page in reader.pages(window, first=state.is_first, position=state.position):
                yield from map(shape, page.records)
                if not resumable:
                    continue
                state.reached(page)
                since_state += len(page.records)
                if since_state >= _RECORDS_A_STATE or not page.records:
                    self._write_state_message()
                    since_state = 0
        finally:
            self._tell_of(reader.misfits)
        state.complete()

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

    def _within(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return a record without what the catalog does not know."""
        known = self.effective_schema["properties"]
        return {column: value for column, value in record.items() if column in known}

    def _shape(self) -> Shape:
        """Return what gives a record every chosen column of the catalog, in its order."""
        columns = tuple(
            column
            for column in self.effective_schema["properties"]
            if column == ID or self.mask.get(("properties", column), True)
        )

        def shape(record: dict[str, Any]) -> dict[str, Any]:
            get = record.get
            return {column: get(column) for column in columns}

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


def _type_of(column: Mapping[str, Any]) -> tuple[frozenset[str], Any]:
    kinds = column.get("type", [])
    names = [kinds] if isinstance(kinds, str) else kinds
    return frozenset(names) - {"null"}, column.get("format")
