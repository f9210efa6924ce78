"""The embedded destination by itself."""

from __future__ import annotations

import json

import duckdb
import pytest

from pipelines.loader_messages import Destination, activate, destination, record, schema, state

__all__ = ["destination"]


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
