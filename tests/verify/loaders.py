"""Loads messages into databases as loaders do: each its own names, types and ways to delete."""

from __future__ import annotations

import abc
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from support.records import decoded
from typing_extensions import override

DELETED_AT = "_sdc_deleted_at"

Row = dict[str, Any]


def kind_of(schema: Mapping[str, Any]) -> str:
    kinds = schema["type"]
    kind = next(one for one in ([kinds] if isinstance(kinds, str) else kinds) if one != "null")
    return str(schema.get("format", kind))


class Loader(abc.ABC):
    """A database, and what fills it. Tables have no keys, so that a row may come twice."""

    types: ClassVar[Mapping[str, str]]
    """The type of a column by its kind."""
    marks = False
    """Whether a deleted record's row stays, marked."""
    place = "?"
    """What stands for a value in a statement."""

    def __init__(self) -> None:
        self.schemas: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, list[str]] = {}

    @property
    @abc.abstractmethod
    def url(self) -> str:
        """What `--verify` is given."""

    @abc.abstractmethod
    def execute(self, sql: str, rows: Sequence[Sequence[Any]] = ((),)) -> None:
        """Execute a statement for each of these rows of values."""

    def table(self, stream: str) -> str:
        return f'"{stream}"'

    def column(self, name: str) -> str:
        return f'"{name}"'

    def value(self, value: Any, kind: str) -> Any:
        """Return a value as the column has it."""
        if value is None:
            return None
        if kind in {"object", "array"}:
            return json.dumps(value, default=float)
        return value

    def load(self, stdout: bytes) -> None:
        """Apply messages in their order."""
        pending: dict[str, dict[tuple[str, ...], Row]] = {}
        for message in decoded(stdout):
            stream = message.get("stream", "")
            if message["type"] == "SCHEMA":
                self._create(stream, message["schema"]["properties"], message["key_properties"])
            elif message["type"] == "RECORD":
                row = message["record"]
                key = tuple(row[name] for name in self.keys[stream])
                pending.setdefault(stream, {})[key] = row
        for stream, rows in pending.items():
            self._merge(stream, [*rows.values()])

    def _create(self, stream: str, schema: dict[str, Any], keys: list[str]) -> None:
        known = self.schemas.get(stream)
        self.keys[stream] = keys
        if known is None:
            self.schemas[stream] = dict(schema)
            columns = (
                f"{self.column(name)} {self.types[kind_of(one)]}" for name, one in schema.items()
            )
            self.execute(f"CREATE TABLE {self.table(stream)} ({', '.join(columns)})")
            return
        for name in schema.keys() - known.keys():
            known[name] = schema[name]
            kind = self.types[kind_of(schema[name])]
            column = f"{self.column(name)} {kind}"
            self.execute(f"ALTER TABLE {self.table(stream)} ADD COLUMN {column}")

    def _merge(self, stream: str, rows: list[Row]) -> None:
        keys, schema = self.keys[stream], self.schemas[stream]
        where = " AND ".join(f"{self.column(key)} = {self.place}" for key in keys)
        self.execute(
            f"DELETE FROM {self.table(stream)} WHERE {where}",
            [[row[key] for key in keys] for row in rows],
        )
        live = [row for row in rows if self.marks or row.get(DELETED_AT) is None]
        self.insert(stream, [{name: row.get(name) for name in schema} for row in live])

    def insert(self, stream: str, rows: Iterable[Row]) -> None:
        schema = self.schemas[stream]
        places = ", ".join(self.place for _ in schema)
        self.execute(
            f"INSERT INTO {self.table(stream)} ({', '.join(map(self.column, schema))})"
            f" VALUES ({places})",
            [
                [self.value(row.get(name), kind_of(one)) for name, one in schema.items()]
                for row in rows
            ],
        )

    def delete(self, stream: str, record_id: str) -> None:
        self.execute(
            f"DELETE FROM {self.table(stream)} WHERE {self.column('id')} = {self.place}",
            [[record_id]],
        )

    def set(self, stream: str, record_id: str, **values: Any) -> None:
        schema = self.schemas[stream]
        for name, value in values.items():
            self.execute(
                f"UPDATE {self.table(stream)} SET {self.column(name)} = {self.place}"
                f" WHERE {self.column('id')} = {self.place}",
                [[self.value(value, kind_of(schema[name])), record_id]],
            )

    def close(self) -> None:
        """Let go of the database, where that is open."""
        self.schemas.clear()


class SqliteLoader(Loader):
    """As target-sqlite: times as texts, JSON as text, booleans and numbers as SQLite has them."""

    types: ClassVar[Mapping[str, str]] = {
        "string": "VARCHAR",
        "date-time": "TIMESTAMP",
        "date": "DATE",
        "integer": "INTEGER",
        "number": "NUMERIC",
        "boolean": "BOOLEAN",
        "object": "VARCHAR",
        "array": "VARCHAR",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._path = folder / "warehouse.sqlite"

    @property
    @override
    def url(self) -> str:
        return f"sqlite:///{self._path}"

    @override
    def value(self, value: Any, kind: str) -> Any:
        if kind == "date-time" and value is not None:
            return value.replace("T", " ").replace("Z", ".000000")
        return float(value) if isinstance(value, Decimal) else super().value(value, kind)

    @override
    def execute(self, sql: str, rows: Sequence[Sequence[Any]] = ((),)) -> None:
        with sqlite3.connect(self._path) as database:
            database.executemany(sql, rows) if rows != ((),) else database.execute(sql)
        database.close()


class DuckDBLoader(Loader):
    """As the example: everything as Zoho spells it, times with a zone, numbers as doubles."""

    types: ClassVar[Mapping[str, str]] = {
        "string": "VARCHAR",
        "date-time": "TIMESTAMP WITH TIME ZONE",
        "date": "DATE",
        "integer": "BIGINT",
        "number": "DOUBLE",
        "boolean": "BOOLEAN",
        "object": "JSON",
        "array": "JSON",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._path = folder / "warehouse.duckdb"

    @property
    @override
    def url(self) -> str:
        return str(self._path)

    @override
    def execute(self, sql: str, rows: Sequence[Sequence[Any]] = ((),)) -> None:
        with duckdb.connect(str(self._path)) as database:
            if rows == ((),):
                database.execute(sql)
            elif rows and sql.startswith("INSERT"):
                # One by one would take minutes.
                columns = [
                    pa.array(map(_text, column), pa.string()) for column in zip(*rows, strict=True)
                ]
                found = pa.table(dict(zip(map(str, range(len(columns))), columns, strict=True)))
                database.register("part", found)
                database.execute(f"{sql.partition(' VALUES ')[0]} SELECT * FROM part")
            elif rows:
                database.executemany(sql, rows)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


class PostgresLoader(Loader):
    """As pipelinewise does: names in lower case, JSON in jsonb; deleted rows stay, marked."""

    types: ClassVar[Mapping[str, str]] = {
        "string": "varchar",
        "date-time": "timestamp",
        "date": "date",
        "integer": "numeric",
        "number": "float8",
        "boolean": "bool",
        "object": "jsonb",
        "array": "jsonb",
    }
    marks = True
    place = "%s"

    def __init__(self, port: int, user: str, password: str, database: str) -> None:
        super().__init__()
        self._address = f"{user}:{password}@127.0.0.1:{port}/{database}"
        self._database = psycopg.connect(f"postgresql://{self._address}", autocommit=True)

    @property
    @override
    def url(self) -> str:
        return f"postgresql://{self._address}"

    @override
    def table(self, stream: str) -> str:
        return f'"raw_{stream.lower()}"'

    @override
    def column(self, name: str) -> str:
        return f'"{name.lower()}"'

    @override
    def execute(self, sql: str, rows: Sequence[Sequence[Any]] = ((),)) -> None:
        with self._database.cursor() as cursor:
            cursor.execute(sql) if rows == ((),) else cursor.executemany(sql, rows)

    @override
    def close(self) -> None:
        self._database.close()


class ParquetFolder:
    """A folder to which each load adds a file, as loaders of files do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, stream: str, rows: Sequence[Row], name: str, extracted: datetime) -> None:
        columns = {key: [row.get(key) for row in rows] for key in rows[0]}
        at = [extracted.astimezone(timezone.utc)] * len(rows)
        table = pa.table({**columns, "_sdc_extracted_at": at})
        pq.write_table(table, self.folder / f"{stream}-{name}.parquet")
