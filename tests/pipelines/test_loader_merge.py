"""The embedded destination merges by column: what is not sent stays, a null that is sent is one."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.loader_messages import (
    DELETED,
    Destination,
    activate,
    destination,
    kind,
    message_of,
    record,
    schema,
    state,
    write,
)

__all__ = ["destination", "kind"]

DELETABLE = {"_sdc_deleted_at": DELETED}
WHEN = datetime(2026, 1, 1, tzinfo=timezone.utc)
ROWS = "SELECT id, label, amount FROM things ORDER BY id"


def of_columns(folder: Path, kind: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """A BATCH message whose file has the columns of its rows only."""
    file = folder / f"{len([*folder.iterdir()])}.{kind}"
    write(pa.Table.from_pylist([*rows]), file, kind)
    return message_of(file, kind)


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_a_column_that_a_record_leaves_out_keeps_its_value(
    destination: Destination, batch: int
) -> None:
    destination.load(
        schema("id"),
        record(id="a", label="1", amount=1),
        record(id="b", label="1", amount=1),
        record(id="a", label="2"),
        record(id="b", amount=None),
        record(id="c", label="3"),
        batch_size_rows=batch,
    )
    assert destination.query(ROWS) == [("a", "2", 1.0), ("b", "1", None), ("c", "3", None)]

    destination.load(schema("id"), record(id="a", amount=3), record(id="b", label=None))
    assert destination.query(ROWS) == [("a", "2", 3.0), ("b", None, None), ("c", "3", None)]


def test_a_column_that_a_file_leaves_out_keeps_its_value(
    destination: Destination, tmp_path: Path, kind: str
) -> None:
    destination.load(schema("id"), *(record(id=key, label="1", amount=1) for key in "ab"))
    file = of_columns(tmp_path, kind, {"id": "a", "label": "2"}, {"id": "c", "label": None})
    destination.load(schema("id"), file)

    assert destination.query(ROWS) == [("a", "2", 1.0), ("b", "1", 1.0), ("c", None, None)]


def test_a_column_that_the_schema_lacks_keeps_its_values(
    destination: Destination, tmp_path: Path, kind: str
) -> None:
    destination.load(schema("id"), *(record(id=key, label="1", amount=1) for key in "ab"))
    narrower = schema("id")
    del narrower["schema"]["properties"]["amount"]
    file = of_columns(tmp_path, kind, {"id": "b", "label": "2"})
    destination.load(narrower, record(id="a", label="2"), file)

    assert destination.query(ROWS) == [("a", "2", 1.0), ("b", "2", 1.0)]


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_nothing_of_a_deleted_row_returns_with_it(destination: Destination, batch: int) -> None:
    destination.load(schema("id", **DELETABLE), record(id="a", label="1", amount=1))
    gone = record(id="a", _sdc_deleted_at="2026-01-01T00:00:00Z")
    back = record(id="a", label="2")
    destination.load(schema("id", **DELETABLE), gone, back, batch_size_rows=batch)

    assert destination.query(ROWS) == [("a", "2", None)]


@pytest.mark.parametrize("batch", [1, 2, 3, 1000])
def test_a_row_that_returned_keeps_what_a_later_record_leaves_out(
    destination: Destination, batch: int
) -> None:
    gone = record(id="a", _sdc_deleted_at="2026-01-01T00:00:00Z")
    destination.load(
        schema("id", **DELETABLE),
        record(id="a", label="old", amount=1),
        gone,
        record(id="a", label="new"),
        record(id="a", amount=2),
        record(id="b", label="1"),
        record(id="b", amount=3),
        gone | {"record": gone["record"] | {"id": "b"}},
        batch_size_rows=batch,
    )

    assert destination.query(ROWS) == [("a", "new", 2.0)]


def test_nothing_of_a_row_returns_that_was_deleted_in_the_same_file(
    destination: Destination, tmp_path: Path, kind: str
) -> None:
    destination.load(
        schema("id", **DELETABLE), *(record(id=key, label="1", amount=1) for key in "abc")
    )
    alive: dict[str, Any]
    dead, alive = {"label": None, "_sdc_deleted_at": WHEN}, {"_sdc_deleted_at": None}
    rows: list[dict[str, Any]] = [
        {"id": "a", **dead},
        {"id": "c", "label": "2", **alive},
        {"id": "b", **dead},
    ]
    file = of_columns(tmp_path, kind, *rows, {"id": "a", "label": "2", **alive})
    destination.load(schema("id", **DELETABLE), file)

    assert destination.query(ROWS) == [("a", "2", None), ("c", "2", 1.0)]


def test_a_null_in_a_key_is_a_key(destination: Destination, tmp_path: Path, kind: str) -> None:
    nullable = {"label": {"type": ["string", "null"]}}
    row: dict[str, Any] = {"id": "a", "label": None, "amount": 1}
    for _ in range(2):
        destination.load(schema("id", "label", **nullable), record(**row))
    destination.load(
        schema("id", "label"),
        of_columns(tmp_path, kind, {**row, "amount": 2.0}),
    )
    assert destination.query(ROWS) == [("a", None, 2.0)]


@pytest.mark.parametrize("last", ["record", "file", "tombstone", "version"])
def test_rows_keep_their_order_across_a_second_schema(
    destination: Destination, tmp_path: Path, last: str
) -> None:
    newer = {
        "record": record(id="a", label="new"),
        "file": of_columns(tmp_path, "arrow", {"id": "a", "label": "new"}),
        "tombstone": record(id="a", _sdc_deleted_at="2026-01-01T00:00:00Z"),
        "version": activate(2),
    }
    second = schema("id", more={"type": ["string", "null"]}, **DELETABLE)
    destination.load(schema("id", **DELETABLE), record(id="a", label="old"), second, newer[last])

    found = destination.query("SELECT label FROM things")
    assert found == ([("new",)] if last in {"record", "file"} else [])


def test_rows_of_files_without_a_version_stay_when_one_is_activated(
    destination: Destination, tmp_path: Path, kind: str
) -> None:
    destination.load(schema("id"), record(id="gone"), record(version=2, id="older"))
    destination.load(schema("id"), of_columns(tmp_path, kind, {"id": "gone"}))
    file = of_columns(tmp_path, kind, {"id": "a"})
    destination.load(schema("id"), file, record(version=3, id="b"), activate(3))

    assert destination.query("SELECT id FROM things ORDER BY id") == [("a",), ("b",)]


def test_a_column_stays_that_of_the_property_it_was_made_for(destination: Destination) -> None:
    text = {"type": ["string", "null"]}
    destination.load(schema("id", Label=text), record(id="a", label="1", Label="2"))
    more = {"Label": text, "Label_2": text}
    for _ in range(2):
        destination.load(schema("id", **more), record(id="a", label="3", Label="4", Label_2="5"))

    found = destination.query("SELECT label, Label_2, Label_2_2 FROM things")
    assert found == [("3", "4", "5")]


def test_a_new_property_does_not_take_the_column_that_is_called_like_it(
    destination: Destination,
) -> None:
    text = {"type": ["string", "null"]}
    destination.load(schema("id", Label=text), record(id="a", label="1", Label="2"))
    # Without `Label`, whose column is `Label_2`.
    destination.load(schema("id", Label_2=text), record(id="a", label="3", Label_2="4"))
    destination.load(schema("id", Label=text), record(id="b", label="5", Label="6"))

    found = destination.query("SELECT label, Label_2, Label_2_2 FROM things ORDER BY id")
    assert found == [("3", "2", "4"), ("5", "6", None)]


def test_a_renamed_column_is_no_longer_the_propertys(destination: Destination) -> None:
    text = {"type": ["string", "null"]}
    destination.load(schema("id", Label=text), record(id="a", Label="1"))
    with destination.opened() as database:
        database.execute("ALTER TABLE things RENAME COLUMN Label_2 TO Label_until_2026")
    destination.load(schema("id", Label=text), record(id="a", Label="2"))

    assert destination.query("SELECT Label_until_2026, Label_2 FROM things") == [("1", "2")]


def test_state_waits_for_the_rows_of_each_layer(
    destination: Destination, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [record(id="a", label="1"), record(id="a", amount=2), record(id="a", label="3")]
    destination.load(schema("id"), *rows, state(at=1))

    assert capsys.readouterr().out == '{"at": 1}\n'
    assert destination.query(ROWS) == [("a", "3", 2.0)]
