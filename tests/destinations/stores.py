"""The destinations that run for real: how each is loaded, and what it then holds."""

from __future__ import annotations

import abc
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import duckdb
from typing_extensions import override

from destinations.plugins import run
from destinations.postgres_server import PASSWORD, USER, PostgresServer

Table = list[dict[str, Any]]
ASIDE = "_until_2026_11"


class Store(abc.ABC):
    """A destination and the loader that fills it."""

    types: ClassVar[Mapping[str, str]]
    """The destination's type of each kind of property."""
    removing: ClassVar[bool]
    """Whether rows disappear that Zoho no longer has."""
    burying: ClassVar[bool]
    """Whether a deleted record's row disappears; it is marked otherwise."""
    widening: ClassVar[bool] = False
    """Whether a column takes the values of a wider type."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program = program
        self.path = folder / "config.json"  # The loader's.
        self.path.write_text(json.dumps(self.config()), "utf-8")

    def load(self, messages: Path, timeout: float = 240) -> dict[str, Any]:
        """Load the messages; return the last state that the loader has confirmed."""
        done = run([self.program, "--config", self.path], stdin=messages, timeout=timeout)
        # Not splitlines(), which also splits at line separators inside texts.
        state: dict[str, Any] = json.loads(done.stdout.strip().split("\n")[-1])
        return state

    @abc.abstractmethod
    def make_way(self, stream: str, name: str) -> None:
        """Put a column aside whose type is about to change, unless the loader widens it."""

    def type_of(self, kind: str) -> str:
        return self.types[kind] if kind in self.types else self.types[kind.split(maxsplit=1)[0]]

    def column(self, name: str) -> str:
        """What a property's column is called."""
        return name

    def text(self, value: str) -> str | None:
        """What becomes of a text."""
        return value

    @abc.abstractmethod
    def config(self) -> dict[str, Any]: ...

    @abc.abstractmethod
    def table(self, stream: str) -> Table:
        """The rows, their values as in JSON; nulls are None, whatever kind of null they are."""

    @abc.abstractmethod
    def columns(self, stream: str) -> dict[str, str]:
        """The types of the columns."""


class PostgresStore(Store):
    """A PostgreSQL database filled by meltanolabs-target-postgres."""

    # What is in one database is of one pipeline.
    schema = "zoho"
    removing = True
    burying = False
    types: ClassVar[Mapping[str, str]] = {
        "string": "text",
        "date-time": "timestamp",
        "date": "date",
        "integer": "int8",
        "number": "numeric",
        "boolean": "bool",
        "object": "jsonb",
        "array of object": "_jsonb",
        "array of string": "_text",
    }

    def __init__(self, program: Path, folder: Path, server: PostgresServer, database: str) -> None:
        self.server = server
        self.database = database
        server.create(database)
        super().__init__(program, folder)

    @override
    def config(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": self.server.port,
            "user": USER,
            "password": PASSWORD,
            "database": self.database,
            "default_target_schema": self.schema,
            "hard_delete": True,
        }

    @override
    def table(self, stream: str) -> Table:
        return self.server.rows(
            self.database, f'SELECT * FROM {self.schema}."{self.column(stream)}"'
        )

    @override
    def columns(self, stream: str) -> dict[str, str]:
        rows = self.server.rows(
            self.database,
            "SELECT column_name AS name, udt_name AS type FROM information_schema.columns"
            f" WHERE table_schema = '{self.schema}' AND table_name = '{self.column(stream)}'",
        )
        return {row["name"]: row["type"] for row in rows}

    def rows_of(self, sql: str) -> Table:
        return self.server.rows(self.database, sql)

    @override
    def make_way(self, stream: str, name: str) -> None:
        table, column = f'{self.schema}."{self.column(stream)}"', self.column(name)
        self.server.query(
            self.database, f'ALTER TABLE {table} RENAME COLUMN "{column}" TO "{column}{ASIDE}"'
        )

    def primary_key(self, stream: str) -> list[str]:
        rows = self.server.rows(
            self.database,
            "SELECT attname AS name FROM pg_index JOIN pg_attribute"
            " ON attrelid = indrelid AND attnum = ANY (indkey)"
            f""" WHERE indrelid = '{self.schema}."{self.column(stream)}"'::regclass"""
            " AND indisprimary",
        )
        return sorted(row["name"] for row in rows)


class PipelinewiseStore(PostgresStore):
    """A PostgreSQL database filled by pipelinewise-target-postgres, which has no SDK beneath it."""

    # It ignores ACTIVATE_VERSION.
    removing = False
    burying = True
    types: ClassVar[Mapping[str, str]] = {
        "string": "varchar",
        "date-time": "timestamp",
        "date": "varchar",
        "integer": "numeric",
        "number": "float8",
        "boolean": "bool",
        "object": "jsonb",
        "array": "jsonb",
    }

    @override
    def config(self) -> dict[str, Any]:
        config = super().config()
        config["dbname"] = config.pop("database")
        return {**config, "add_metadata_columns": True}

    @override
    def column(self, name: str) -> str:
        return name.lower()

    @override
    def text(self, value: str) -> str | None:
        # It writes texts as JSON into CSV, so that a line break lands as a backslash and an n.
        escaped = json.dumps(value, ensure_ascii=False)[1:-1]
        return re.sub(r'\\(["\\])', r"\1", escaped) or None


class DuckDBStore(Store):
    """The DuckDB file of the README."""

    removing = True
    burying = True
    widening = True
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

    def __init__(self, program: Path, folder: Path) -> None:
        self.file = folder / "warehouse.duckdb"
        super().__init__(program, folder)

    @override
    def make_way(self, stream: str, name: str) -> None:
        pass  # It widens an integer to a number.

    @override
    def config(self) -> dict[str, Any]:
        return {"path": str(self.file)}

    @override
    def table(self, stream: str) -> Table:
        with duckdb.connect(str(self.file), read_only=True) as database:
            database.execute("SET TimeZone = 'UTC'")
            query = f'SELECT to_json(found) FROM "{stream}" AS found'
            return [json.loads(row) for (row,) in database.execute(query).fetchall()]

    @override
    def columns(self, stream: str) -> dict[str, str]:
        with duckdb.connect(str(self.file), read_only=True) as database:
            described = database.execute(f'DESCRIBE FROM "{stream}"').fetchall()
        return {name: kind for name, kind, *_ in described}
