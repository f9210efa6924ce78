"""Compares metadata, and children of records, with their table: every row and value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from tap_zohocrm_modules.streams.base import RowStream
from tap_zohocrm_modules.streams.children import ChildStream
from tap_zohocrm_modules.verify.columns import key_text
from tap_zohocrm_modules.verify.faults import Fault, FaultKind, StreamResult, in_order
from tap_zohocrm_modules.verify.instants import rfc3339_of, stamp_of
from tap_zohocrm_modules.verify.loaded_table import LoadedTable, Row, key_of
from tap_zohocrm_modules.verify.records import differing
from tap_zohocrm_modules.zoho.records.model import DELETED_AT

WholeStream: TypeAlias = RowStream | ChildStream
"""A stream whose rows are compared whole."""

EmittedRows = dict[str, dict[str, Any]]
"""Rows as RECORD messages have them, by key."""


class RowComparison:
    """The comparison of one stream of metadata or children."""

    def __init__(self, stream: WholeStream, table: LoadedTable) -> None:
        self._stream = stream
        self._table = table
        self._schema: Mapping[str, Mapping[str, Any]] = stream.sent_columns
        self.emitted: EmittedRows = {}
        """The rows as Zoho had them last."""
        self.surplus_keys: dict[str, dict[str, str]] = {}
        """The key columns of rows that Zoho does not have."""

    def result(self) -> StreamResult:
        """Return what differs; ZohoError: one side cannot be read, or they cannot be compared."""
        result = StreamResult(self._stream.name, self._table.table.name, absent=self._table.absent)
        losses: dict[str, int] = {}
        faults = self._faults(result, losses)
        if faults:
            # Either side may have changed between the reads: what stays is a fault.
            losses.clear()
            again = self._faults(result, losses)
            faults = {
                key: fault
                for key, fault in faults.items()
                if key in again and again[key].kind is fault.kind
            }
        result.faults = in_order([*faults.values()])
        result.losses, result.sampled = losses, result.zoho or 0
        return result

    def _faults(self, result: StreamResult, losses: dict[str, int]) -> dict[str, Fault]:
        self.emitted = {
            key_of(row, self._table.keys): row for row in self._stream.rows_as_emitted()
        }
        loaded = self._table.all_rows([name for name in self._schema if name != DELETED_AT])
        result.zoho, result.rows = len(self.emitted), sum(map(len, loaded.values()))
        result.newest = self._newest(loaded)
        faults = {}
        for key in {*self.emitted, *loaded}:
            fault = self._fault(key, self.emitted.get(key), loaded.get(key, []), losses)
            if fault is not None:
                faults[key] = fault
            if fault is not None and fault.kind is FaultKind.SURPLUS:
                row = loaded[key][0]
                self.surplus_keys[key] = {name: key_text(row[name]) for name in self._table.keys}
        return faults

    def _fault(
        self, key: str, emitted: Row | None, loaded: list[Row], losses: dict[str, int]
    ) -> Fault | None:
        if emitted is None:
            return Fault(key, FaultKind.SURPLUS)
        if not loaded:
            return Fault(key, FaultKind.MISSING)
        if len(loaded) > 1:
            return Fault(key, FaultKind.DOUBLED)
        fields = differing(emitted, loaded[0], self._schema, losses)
        return Fault(key, FaultKind.DIFFERENT, tuple(fields)) if fields else None

    def _newest(self, loaded: Mapping[str, list[Row]]) -> str | None:
        key = self._stream.replication_key
        if key is None or key not in self._table.columns:
            return None
        times = (stamp_of(row.get(key)) for rows in loaded.values() for row in rows)
        return rfc3339_of(max(times, default=0))
