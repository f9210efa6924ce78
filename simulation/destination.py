"""What a destination holds after the messages of all runs: one row an id, tombstones remove."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Table = dict[str, dict[str, Any]]


class Destination:
    """Applies messages as a loader with upserts does.

    Attributes:
        tables: By stream, the rows by id.
        state: The STATE for the next run.
        columns: By stream, the columns of the last SCHEMA.
    """

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.state: dict[str, Any] = {}
        self.columns: dict[str, set[str]] = {}

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
                self.columns[stream] = set(message["schema"]["properties"])
            elif kind == "RECORD":
                record = message["record"]
                if unknown := record.keys() - self.columns.get(stream, set()):
                    wrong.append(f"{stream}: the SCHEMA lacks {sorted(unknown)}")
                self._upsert(self.tables.setdefault(stream, {}), record)
        return wrong

    def truncate(self, stream: str) -> None:
        """Empty a table and forget its part of STATE, as a user does to load it anew."""
        self.tables.pop(stream, None)
        self.state.get("bookmarks", {}).pop(stream, None)

    def alter(self, stream: str, column: str) -> None:
        """Turn a column into text, as a user does whose field has become text."""
        for row in self.tables.get(stream, {}).values():
            if row.get(column) is not None:
                row[column] = str(row[column])

    @staticmethod
    def _upsert(table: Table, record: dict[str, Any]) -> None:
        if record.get("_sdc_deleted_at") is not None:
            table.pop(record["id"], None)
        else:
            table.setdefault(record["id"], {}).update(record)
