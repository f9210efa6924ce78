"""What a destination holds after the messages of all runs: one row an id, tombstones remove."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_CALLED = re.compile(r"Zoho calls it (\w+): ")

Table = dict[str, dict[str, Any]]


class Destination:
    """Applies messages as a loader with upserts does.

    Args:
        folds_case: Columns that differ only in case are one.

    Attributes:
        tables: By stream, the rows by id.
        state: The STATE for the next run.
        columns: By stream, the columns of the last SCHEMA.
        fields: By stream, those of them that are called otherwise than their fields, by the field.
    """

    def __init__(self, *, folds_case: bool = False) -> None:
        self.tables: dict[str, Table] = {}
        self.state: dict[str, Any] = {}
        self.columns: dict[str, set[str]] = {}
        self.fields: dict[str, dict[str, str]] = {}
        self._folds_case = folds_case
        self._versions: dict[tuple[str, str], Any] = {}

    def apply(self, messages: Iterable[Mapping[str, Any]]) -> list[str]:
        """Apply messages in their order; return what is wrong with them."""
        wrong = []
        for message in messages:
            kind = message["type"]
            if kind == "STATE":
                self.state = message["value"]
                continue
            stream = message.get("stream", "")
            if kind == "SCHEMA":
                columns = message["schema"]["properties"]
                self.columns[stream] = set(columns)
                self.fields[stream] = {
                    found[1]: column
                    for column, schema in columns.items()
                    if (found := _CALLED.search(schema.get("description", ""))) is not None
                }
            elif kind == "RECORD":
                record = message["record"]
                if unknown := record.keys() - self.columns.get(stream, set()):
                    wrong.append(f"{stream}: the SCHEMA lacks {sorted(unknown)}")
                self._upsert(self.tables.setdefault(stream, {}), record)
                self._versions[stream, record["id"]] = message.get("version")
            elif kind == "ACTIVATE_VERSION":
                self._activate(stream, message["version"])
        return wrong

    @property
    def has_bookmarks(self) -> bool:
        """Whether a stream has been read up to some instant, so that the next run reads changes."""
        parts = self.state.get("bookmarks", {}).values()
        return any("replication_key_value" in part and "position" not in part for part in parts)

    def truncate(self, stream: str) -> None:
        """Empty a table and forget its part of STATE, as a user does to load it anew."""
        self.tables.pop(stream, None)
        self.forget(stream)

    def forget(self, stream: str) -> bool:
        """Forget a stream's part of STATE and leave its table; returns whether there was one."""
        return self.state.get("bookmarks", {}).pop(stream, None) is not None

    def alter(self, stream: str, column: str) -> None:
        """Turn a column into text, as a user does whose field has become text."""
        for row in self.tables.get(stream, {}).values():
            if row.get(self.name(column)) is not None:
                row[self.name(column)] = str(row[self.name(column)])

    def rename(self, stream: str, column: str, new: str) -> None:
        """Rename a column; a loader makes the old name anew, empty."""
        for row in self.tables.get(stream, {}).values():
            if self.name(column) in row:
                row[self.name(new)], row[self.name(column)] = row[self.name(column)], None

    def name(self, column: str) -> str:
        """Return what a column is called here."""
        return column.lower() if self._folds_case else column

    def _upsert(self, table: Table, record: dict[str, Any]) -> None:
        if record.get("_sdc_deleted_at") is not None:
            table.pop(record["id"], None)
        else:
            named = {self.name(column): value for column, value in record.items()}
            table.setdefault(record["id"], {}).update(named)

    def _activate(self, stream: str, version: Any) -> None:
        """Remove the rows of other versions."""
        table = self.tables.get(stream, {})
        for key in [key for key in table if self._versions.get((stream, key)) != version]:
            del table[key]
