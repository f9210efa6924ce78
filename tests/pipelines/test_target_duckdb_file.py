"""The embedded destination by itself."""

from __future__ import annotations

import io
import json
from datetime import datetime, timezone
from decimal import Decimal
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


@pytest.mark.thorough
@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_no_row_is_lost_whatever_the_batches(destination: Destination, batch: int) -> None:
    rows = [record(id=str(number)) for number in range(100)]
    destination.load(schema("id"), *rows, batch_size_rows=batch)

    assert destination.query("SELECT count(*), count(DISTINCT id) FROM things") == [(100, 100)]


def test_the_last_row_of_a_key_wins(destination: Destination) -> None:
    destination.load(schema("id"), record(id="a", label="1"), record(id="a", label="2"))
    assert destination.query("SELECT id, label FROM things") == [("a", "2")]

    destination.load(schema("id"), record(id="a", label=None), record(id="b", label="4"))
    assert destination.query("SELECT id, label FROM things ORDER BY id") == [
        ("a", None),
        ("b", "4"),
    ]


def test_rows_without_a_key_are_kept_each(destination: Destination) -> None:
    destination.load(schema(), record(id="a"), record(id="a"))

    assert destination.query("SELECT count(*) FROM things") == [(2,)]


def test_values_come_as_they_were(destination: Destination) -> None:
    owner = {"name": "Zoë \N{ELECTRIC LIGHT BULB}", "tags": [], "deep": {"n": 1.5, "none": None}}
    label = "quotes \" ' and\nlines\t, 納品書"
    row = record(id="a", label=label, seen="2025-04-24T17:32:20Z", amount=0.1, owner=owner)
    destination.load(schema("id"), row, record(id="b", owner=None))

    [first, second] = destination.query(
        "SELECT label, epoch(seen), amount, owner::VARCHAR, owner IS NULL FROM things ORDER BY id"
    )
    assert first[:3] == (label, 1745515940.0, 0.1)
    assert json.loads(first[3]) == owner
    assert second == (None, None, None, None, True)


def test_activate_version_removes_what_was_not_read_again(destination: Destination) -> None:
    destination.load(schema("id"), record(1, id="a"), record(1, id="b"), activate(1))
    destination.load(schema("id"), record(2, id="b"), record(2, id="c"), activate(2))
    assert destination.query("SELECT id FROM things ORDER BY id") == [("b",), ("c",)]

    destination.load(schema("id"), activate(3))
    assert destination.query("SELECT count(*) FROM things") == [(0,)]


def test_an_unfinished_read_removes_nothing(destination: Destination) -> None:
    destination.load(schema("id"), record(1, id="a"), record(1, id="b"), activate(1))
    destination.load(schema("id"), record(2, id="b"))

    assert destination.query("SELECT id FROM things ORDER BY id") == [("a",), ("b",)]


def test_a_deleted_row_is_removed(destination: Destination) -> None:
    deletable = {"_sdc_deleted_at": {"type": ["string", "null"], "format": "date-time"}}
    destination.load(schema("id", **deletable), record(id="a"), record(id="b"))
    gone = record(id="a", _sdc_deleted_at="2025-01-01T00:00:00Z")
    destination.load(schema("id", **deletable), gone)

    assert destination.query("SELECT id FROM things") == [("b",)]


def test_new_columns_are_added_and_changed_types_follow(destination: Destination) -> None:
    destination.load(schema("id", size={"type": "integer"}), record(id="a", size=1))
    destination.load(
        schema("id", size={"type": ["string", "null"]}, more={"type": ["array", "null"]}),
        record(id="b", size="two", more=[1]),
    )

    rows = destination.query("SELECT id, size, more::VARCHAR FROM things ORDER BY id")
    assert rows == [("a", "1", None), ("b", "two", "[1]")]


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_a_restored_row_comes_back_and_one_deleted_again_goes(
    destination: Destination, batch: int
) -> None:
    deletable = {"_sdc_deleted_at": {"type": ["string", "null"], "format": "date-time"}}
    tombstones = [
        record(id=key, _sdc_deleted_at="2025-01-01T00:00:00Z") for key in ("a", "b", "never there")
    ]
    before = [record(id="a", label="1"), record(id="b", label="1")]
    after = [record(id="a", label="2"), record(id="b", label="2"), tombstones[1]]
    destination.load(schema("id", **deletable), *before, *tombstones, *after, batch_size_rows=batch)

    assert destination.query("SELECT id, label FROM things") == [("a", "2")]


@pytest.mark.parametrize("kind", ["object", "array"])
def test_a_text_becomes_json_whatever_it_says(destination: Destination, kind: str) -> None:
    destination.load(schema("id"), record(id="a", label="no JSON"), record(id="b"))
    destination.load(schema("id", label={"type": [kind, "null"]}))

    rows = destination.query("SELECT id, label->>'$', label IS NULL FROM things ORDER BY id")
    assert rows == [("a", "no JSON", False), ("b", None, True)]


def test_a_type_that_cannot_follow_is_one_line_and_changes_nothing(
    destination: Destination,
) -> None:
    destination.load(schema("id"), record(id="a", label="two"))
    with pytest.raises(SystemExit, match=r"^Column label of things is VARCHAR .+ BIGINT, .+'two'"):
        destination.load(schema("id", label={"type": "integer"}), record(id="b", label=2))

    assert destination.query("SELECT id, label FROM things") == [("a", "two")]


def test_names_that_differ_by_case_only_are_columns_of_their_own(destination: Destination) -> None:
    more = {"Label": {"type": ["string", "null"]}, "LABEL": {"type": ["string", "null"]}}
    for _ in range(2):
        destination.load(schema("id", **more), record(id="a", label="1", Label="2", LABEL="3"))

    assert destination.query("SELECT label, Label_2, LABEL_3 FROM things") == [("1", "2", "3")]


def test_such_names_keep_their_columns_whatever_comes_with_them(destination: Destination) -> None:
    text = {"type": ["string", "null"]}
    destination.load(schema("id", Label=text), record(id="a", label="1", Label="2"))
    turned = schema("id", Label=text)
    turned["schema"]["properties"] = dict(reversed(turned["schema"]["properties"].items()))
    destination.load(turned, record(id="b", label="3", Label="4"))
    alone = schema("id", Label=text)
    del alone["schema"]["properties"]["label"]
    destination.load(alone, record(id="c", Label="6"))

    rows = destination.query("SELECT id, label, Label_2 FROM things ORDER BY id")
    assert rows == [("a", "1", "2"), ("b", "3", "4"), ("c", None, "6")]


# `file` and `part` are what the loader calls things of its own.
@pytest.mark.parametrize(
    "stream", ["tables", "variables", "order", "file", "part", "Part", 'with "quotes"']
)
def test_streams_may_be_called_as_sql_words_are(destination: Destination, stream: str) -> None:
    for _ in range(2):
        messages = [schema("id"), record(id="a"), activate(1)]
        destination.load(*({**message, "stream": stream} for message in messages))

    table = stream.replace('"', '""')
    assert destination.query(f'SELECT id FROM "{table}"') == [("a",)]


def test_one_row_may_be_larger_than_duckdb_takes_by_default(destination: Destination) -> None:
    label = "x" * (20 * 2**20)
    destination.load(schema("id"), record(id="a", label=label))

    assert destination.query("SELECT length(label) FROM things") == [(len(label),)]


def test_state_follows_the_rows(
    destination: Destination, capsys: pytest.CaptureFixture[str]
) -> None:
    destination.load(schema("id"), record(id="a"), state(at=1), record(id="b"), state(at=2))

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [{"at": 2}]


def test_a_batch_that_fails_leaves_nothing_and_no_state(
    destination: Destination, capsys: pytest.CaptureFixture[str]
) -> None:
    too_large = {"size": {"type": "integer"}}
    with pytest.raises(duckdb.Error):
        destination.load(
            schema("id", **too_large),
            record(id="a", size=1),
            record(id="b", size=2**70),
            state(at=1),
        )

    assert capsys.readouterr().out == ""
    assert destination.query("SELECT count(*) FROM things") == [(0,)]


@pytest.fixture(params=["arrow", "parquet"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


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


TAGS = {"type": ["array", "null"], "items": {"type": "string"}}
DELETED = {"type": ["string", "null"], "format": "date-time"}


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
