"""The embedded destination on a file of its own, and the messages and files that it is given."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from target_duckdb_file import TargetDuckDBFile

SOURCE = Path(__file__).parents[2] / "examples" / "target-duckdb-file"
SCHEMA: dict[str, Any] = {
    "id": {"type": "string"},
    "label": {"type": ["string", "null"]},
    "seen": {"type": ["string", "null"], "format": "date-time"},
    "amount": {"type": ["number", "null"]},
    "owner": {"type": ["object", "null"]},
}
DELETED = {"type": ["string", "null"], "format": "date-time"}


class Destination:
    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self, *messages: dict[str, Any], **config: Any) -> None:
        target = TargetDuckDBFile(config={"path": str(self.path), **config})
        try:
            target.listen(io.StringIO("".join(json.dumps(message) + "\n" for message in messages)))
        finally:
            target.database.close()

    def opened(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.path))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as database:
            database.execute("SET TimeZone = 'UTC'")
            return database.execute(sql).fetchall()


@pytest.fixture
def destination(tmp_path: Path) -> Destination:
    return Destination(tmp_path / "made" / "on" / "demand.duckdb")


def schema(*keys: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "SCHEMA",
        "stream": "things",
        "key_properties": list(keys),
        "schema": {"properties": SCHEMA | properties},
    }


def record(version: int = 1, **values: Any) -> dict[str, Any]:
    return {"type": "RECORD", "stream": "things", "version": version, "record": values}


def activate(version: int) -> dict[str, Any]:
    return {"type": "ACTIVATE_VERSION", "stream": "things", "version": version}


def state(**value: Any) -> dict[str, Any]:
    return {"type": "STATE", "value": value}


@pytest.fixture(params=["arrow", "parquet"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def write(table: pa.Table, file: Path, kind: str) -> None:
    if kind == "parquet":
        pq.write_table(table, file)
    else:
        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)


def message_of(file: Path, kind: str) -> dict[str, Any]:
    encoding = {"format": kind}
    message = {"type": "BATCH", "stream": "things", "encoding": encoding}
    return {**message, "manifest": [file.as_uri()]}
