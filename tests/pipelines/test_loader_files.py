"""Rows that come to the embedded destination in Arrow or Parquet files."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.loader_messages import (
    DELETED,
    Destination,
    activate,
    destination,
    kind,
    message_of,
    record,
    schema,
    write,
)

__all__ = ["destination", "kind"]


def batch(
    folder: Path, kind: str, rows: list[dict[str, Any]], version: int | None = None
) -> dict[str, Any]:
    types = [
        ("id", pa.string()),
        ("label", pa.string()),
        ("seen", pa.timestamp("us", "UTC")),
        ("amount", pa.decimal128(38, 20)),
        ("owner", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("_sdc_deleted_at", pa.timestamp("us", "UTC")),
    ]
    file = folder / f"{len([*folder.iterdir()])}.{kind}"
    write(pa.Table.from_pylist(rows, pa.schema(types)), file, kind)
    return {**message_of(file, kind), **({"version": version} if version else {})}


TAGS = {"type": ["array", "null"], "items": {"type": "string"}}


def test_a_file_is_loaded_as_its_records_would_be_and_removed(
    destination: Destination, tmp_path: Path, kind: str
) -> None:
    seen = datetime(2025, 4, 24, 17, 32, 20, tzinfo=timezone.utc)
    amount = Decimal("9007199254740993.37")
    row = {"id": "a", "seen": seen, "amount": amount, "tags": ["x"], "owner": '{"n":1}'}
    message = batch(tmp_path, kind, [{"id": "a", "label": "old"}, {"id": "b"}, row])
    destination.load(schema("id", tags=TAGS), record(id="a", label="older"), message)
    found = destination.query(
        "SELECT id, label, epoch(seen), amount, owner->>'n', tags::VARCHAR FROM things ORDER BY id"
    )
    assert found == [
        ("a", None, 1745515940.0, float(amount), "1", '["x"]'),
        ("b", None, None, None, None, None),
    ]
    assert [*tmp_path.glob(f"*.{kind}")] == []


def test_a_tombstone_in_a_file_removes_its_row(
    destination: Destination, tmp_path: Path, kind: str
) -> None:
    deleted = {"id": "a", "_sdc_deleted_at": datetime(2026, 1, 1, tzinfo=timezone.utc)}
    destination.load(
        schema("id", _sdc_deleted_at=DELETED),
        record(id="a"),
        record(id="b"),
        batch(tmp_path, kind, [deleted]),
    )
    assert destination.query("SELECT id FROM things") == [("b",)]


def test_activate_version_keeps_the_rows_of_files(
    destination: Destination, tmp_path: Path, kind: str
) -> None:
    destination.load(schema("id"), record(id="gone"))
    destination.load(schema("id"), batch(tmp_path, kind, [{"id": "a"}], version=2), activate(2))
    assert destination.query("SELECT id FROM things") == [("a",)]


def test_columns_of_files_that_differ_by_case_only_are_columns_of_their_own(
    destination: Destination, tmp_path: Path, kind: str
) -> None:
    text = {"type": ["string", "null"]}
    file = tmp_path / f"1.{kind}"
    rows = pa.table({"id": ["a"], "label": ["1"], "Label": ["2"], "LABEL": ["3"]})
    write(rows, file, kind)
    destination.load(schema("id", Label=text, LABEL=text), message_of(file, kind))

    assert destination.query("SELECT label, Label_2, LABEL_3 FROM things") == [("1", "2", "3")]
