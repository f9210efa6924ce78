"""However many rows there are to load, and however often, the loader's memory has a bound."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from support.memory import measured

from pipelines.loader_messages import SOURCE, message_of, schema

pytestmark = pytest.mark.timeout(3_600)

FILE, BLOCK = 50_000, 2_000
"""Rows."""
KINDS: list[tuple[pa.DataType, dict[str, Any], Any]] = [
    (pa.string(), {"type": ["string", "null"]}, "Brightwater Instruments, 納品書"),
    (pa.decimal128(38, 20), {"type": ["number", "null"]}, Decimal("1234567.89")),
    (
        pa.timestamp("us", "UTC"),
        {"type": ["string", "null"], "format": "date-time"},
        datetime(2026, 3, 1, tzinfo=timezone.utc),
    ),
    (pa.string(), {"type": ["object", "null"]}, '{"id":"5937104108000000035","name":"Zoë"}'),
]


def write(folder: Path, columns: int, rows: int) -> str:
    """Write a table of so many columns and rows to files; return the messages that name them."""
    found = schema("id")
    kinds = {f"c{at}": KINDS[at % len(KINDS)] for at in range(columns)}
    found["schema"]["properties"] |= {name: kind[1] for name, kind in kinds.items()}
    said = [found]
    for number, start in enumerate(range(0, rows, FILE)):
        file = folder / f"{number}.arrow"
        types = pa.schema([("id", pa.string()), *((name, kind[0]) for name, kind in kinds.items())])
        with pa.ipc.new_file(file, types) as writer:
            for first in range(start, min(start + FILE, rows), BLOCK):
                ids = [str(5 * 10**18 + row) for row in range(first, first + BLOCK)]
                values = [pa.repeat(pa.scalar(kind[2], kind[0]), BLOCK) for kind in kinds.values()]
                writer.write_batch(pa.record_batch([pa.array(ids), *values], schema=types))
        said.append(message_of(file, "arrow"))
    return "".join(json.dumps(message) + "\n" for message in said)


@pytest.mark.parametrize(
    ("columns", "rows", "megabytes"),
    [
        pytest.param(60, 200_000, 300, id="long", marks=pytest.mark.heavy),
        pytest.param(500, 10_000, 600, id="wide", marks=pytest.mark.heavy),
        pytest.param(22, 1_000_000, 300, id="a million", marks=pytest.mark.nightly),
    ],
)
def test_it_stays_below_in_a_later_run_too(
    tmp_path: Path, columns: int, rows: int, megabytes: int
) -> None:
    config, said = tmp_path / "config.json", tmp_path / "messages.jsonl"
    config.write_text(json.dumps({"path": str(tmp_path / "warehouse.duckdb")}), "utf-8")
    for _ in range(2):
        # The loader removes the files.
        said.write_text(write(tmp_path, columns, rows), "utf-8")
        code, peak, log, spent = measured(
            [sys.executable, SOURCE, "--config", config], stdin=said, timeout=3_000
        )
        assert code == 0, log
        # For people who run it with -s.
        print(f"{rows:,} rows of {columns}: {peak / 1_000:.0f} MB, {spent:.0f} CPU s")  # noqa: T201
        assert peak < megabytes * 1_000
