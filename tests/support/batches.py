"""Batch files read back into the RECORD messages that they stand for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.request import url2pathname

import pyarrow as pa
import pyarrow.parquet as pq

from tap_zohocrm_modules.zoho.transport.json_text import json_bytes


def as_records(stdout: bytes) -> bytes:
    """The output with RECORD messages in place of each BATCH message."""
    lines: list[bytes] = []
    schemas: dict[str, dict[str, Any]] = {}
    for line in stdout.split(b"\n"):
        message = json.loads(line) if line else {}
        if message.get("type") == "SCHEMA":
            schemas[message["stream"]] = message["schema"]["properties"]
        if message.get("type") != "BATCH":
            lines.append(line)
            continue
        version = {"version": message["version"]} if "version" in message else {}
        for record in rows(message, schemas[message["stream"]]):
            record_message = {"type": "RECORD", "stream": message["stream"], "record": record}
            lines.append(json_bytes({**record_message, **version}))
    return b"\n".join(lines)


def files(message: dict[str, Any]) -> list[Path]:
    """The files that a BATCH message names."""
    return [Path(url2pathname(url.removeprefix("file://"))) for url in message["manifest"]]


def table(message: dict[str, Any]) -> pa.Table:
    """The rows of a BATCH message's only file."""
    [file] = files(message)
    return read(file, message["encoding"]["format"])


def read(file: Path, kind: str) -> pa.Table:
    return pq.read_table(file) if kind == "parquet" else pa.ipc.open_file(file).read_all()


def rows(message: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for file in files(message):
        found = read(file, message["encoding"]["format"])
        assert found.column_names == [*schema]
        for row in found.to_pylist():
            yield {name: _value(value, schema[name]) for name, value in row.items()}


def _value(value: Any, schema: dict[str, Any]) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    kinds = {schema["type"]} if isinstance(schema["type"], str) else {*schema["type"]}
    if isinstance(value, str) and "string" not in kinds:
        return json.loads(value)
    return value
