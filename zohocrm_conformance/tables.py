"""What a loader would make of a connector's messages: a table a stream."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zohocrm_conformance.messages import Described, Failure, Message, Row, State, Version

# A row with one of them is gone.
GONE = ("_sdc_deleted_at", "_ab_cdc_deleted_at", "_deleted_at")
_LOAD = "_dlt_load_id"
_NUMBERS = (int, float, Decimal)


@dataclass(slots=True)
class Table:
    """The rows of one stream by their ids."""

    keyed: bool = False  # whether the connector says what tells its rows apart
    rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)  # the schemas of the columns
    doubled: set[str] = field(default_factory=set)  # ids of rows that came twice in one load
    broken: Counter[str] = field(default_factory=Counter)  # values unlike the schema, by column
    _seen: dict[Any, Mapping[str, Any]] = field(default_factory=dict)
    _versions: dict[str, int | None] = field(default_factory=dict)

    def begin(self) -> None:
        """A load begins."""
        self._seen.clear()

    def describe(self, described: Described) -> None:
        """Take over what the stream says of itself."""
        self.keyed = self.keyed or bool(described.keys)
        self.columns = described.schema.get("properties") or {}

    def put(self, row: Row) -> None:
        """Insert, replace or remove a row."""
        values = row.values
        record_id = next((str(v) for k, v in values.items() if k.lower() == "id"), "")
        for name, value in values.items():
            if not _fits(self.columns.get(name), value):
                self.broken[name] += 1
        if any(values.get(name) is not None for name in GONE):
            self.rows.pop(record_id, None)
            return
        place = values.get(_LOAD), record_id
        # What has changed between two pages is not a double; what is the same, is.
        if not self.keyed and self._seen.get(place) == values:
            self.doubled.add(record_id)
        self._seen[place] = values
        self.rows[record_id] = values
        self._versions[record_id] = row.version

    def activate(self, version: int) -> None:
        """Drop the rows of other versions."""
        gone = [one for one in self.rows if self._versions.get(one) != version]
        for record_id in gone:
            del self.rows[record_id]


@dataclass(slots=True)
class Destination:
    """The tables, and the state, that are left when a run has ended."""

    described: dict[str, Described] = field(default_factory=dict)  # when it was discovered
    replaced: frozenset[str] = frozenset()  # streams whose tables are written anew by each run
    replaces_all: bool = False
    tables: dict[str, Table] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def load(self, messages: Iterable[Message]) -> dict[str, Table]:
        """Take the messages of one run; returns the tables that `replace` puts in place."""
        anew: dict[str, Table] = {}
        for table in self.tables.values():
            table.begin()
        for message in messages:
            if isinstance(message, State):
                self.state[message.part] = message.value
            elif isinstance(message, Failure):
                self.failures.append(message.text)
            else:
                self._apply(self._table(message.stream, anew), message)
        return anew

    def replace(self, anew: Mapping[str, Table]) -> None:
        """Put the tables in place that a complete run has written anew."""
        self.tables.update(anew)

    def _table(self, stream: str, anew: dict[str, Table]) -> Table:
        tables = anew if self.replaces_all or stream in self.replaced else self.tables
        if stream not in tables:
            tables[stream] = Table()
            if stream in self.described:
                tables[stream].describe(self.described[stream])
        return tables[stream]

    @staticmethod
    def _apply(table: Table, message: Row | Described | Version) -> None:
        if isinstance(message, Row):
            table.put(message)
        elif isinstance(message, Described):
            table.describe(message)
        else:
            table.activate(message.version)


def _fits(schema: Any, value: Any) -> bool:
    # The type and the choices of a column; what lies below is the loader's business.
    if not isinstance(schema, dict):
        return True
    kinds = schema.get("type")
    if "anyOf" in schema or "oneOf" in schema:
        return any(_fits(one, value) for one in schema.get("anyOf") or schema["oneOf"])
    if "enum" in schema and value not in schema["enum"]:
        return False
    return kinds is None or any(_is(one, value) for one in _listed(kinds))


def _listed(kinds: Any) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _is(kind: str, value: Any) -> bool:
    if kind == "integer":
        return isinstance(value, _NUMBERS) and not isinstance(value, bool) and value == int(value)
    if kind == "number":
        return isinstance(value, _NUMBERS) and not isinstance(value, bool)
    return isinstance(value, _TYPES[kind]) if kind in _TYPES else True


_TYPES: Mapping[str, type] = {
    "null": type(None),
    "string": str,
    "boolean": bool,
    "array": list,
    "object": dict,
}


def columns_of(described: Described) -> dict[str, str]:
    """The columns and their types, as texts that can be compared."""
    properties = described.schema.get("properties") or {}
    return {name: _type_text(schema) for name, schema in properties.items()}


def _type_text(schema: Any) -> str:
    kinds = sorted(_listed(schema.get("type") or [])) if isinstance(schema, dict) else []
    more = schema.get("format") if isinstance(schema, dict) else None
    return json.dumps([kinds, more])
