"""The records of one module: one class for all modules.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from singer_sdk import Tap
from singer_sdk.helpers.types import Context
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, Catalog
from singer_sdk.streams._state import StreamStateManager
from typing_extensions import override

from tap_zohocrm_modules.schema import record_schema
from tap_zohocrm_modules.streams.base import ZohoStream
from tap_zohocrm_modules.streams.record_state import PageStateManager, RecordState
from tap_zohocrm_modules.streams.run import Run
from tap_zohocrm_modules.zoho.errors import ZohoError
from tap_zohocrm_modules.zoho.instants import rfc3339
from tap_zohocrm_modules.zoho.records.fields import ID, MODIFIED_TIME, RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.reading import Source, Window
from tap_zohocrm_modules.zoho.records.rest import RestReader


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
    def apply_catalog(self, catalog: Catalog) -> None:
        super().apply_catalog(catalog)
        # A catalog may leave out what follows from the module.
        self.primary_keys = (ID,)
        if self.forced_replication_method != REPLICATION_FULL_TABLE:
            self.replication_key = MODIFIED_TIME if self.module.tells_changes else None
            self.forced_replication_method = None

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
        cut = self.run.cut
        state = RecordState(self, self.settled_start, cut)
        reader = RestReader(self._source(), self.run.executor)
        window = Window(since=state.since, until=cut, unstamped=state.is_first)
        shape = self._shape()
        try:
            for page in reader.pages(window):
                for record in page.records:
                    yield shape(record)
                state.reached(page)
        finally:
            self._tell_of(reader.misfits)
        state.complete(rfc3339(cut))

    @property
    def settled_start(self) -> str | None:
        """The date before which nothing is wanted, if there is one."""
        start = self.run.settings.start_date
        return None if start is None or not self.module.tells_changes else rfc3339(start)

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

    def _shape(self) -> Callable[[dict[str, Any]], dict[str, Any]]:
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
