"""What the embedded destination does when a column's type changes: nothing is lost, or an error."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.loader_messages import Destination, destination, record, schema

__all__ = ["destination"]


def kind_of(name: str) -> dict[str, Any]:
    """The JSON Schema of a nullable column."""
    if name in {"date-time", "date", "time"}:
        return {"type": ["string", "null"], "format": name}
    return {"type": [name, "null"]}


@pytest.fixture(params=["UTC", "Asia/Kolkata", "America/Los_Angeles"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The machine's."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


AS_TEXT = [
    ("integer", 7, "7"),
    ("integer", -(2**62), str(-(2**62))),
    ("number", 1234.99, "1234.99"),
    ("number", -0.01, "-0.01"),
    ("number", 100, "100"),
    ("boolean", True, "true"),
    ("date", "2026-02-28", "2026-02-28"),
    ("date", "1899-12-31", "1899-12-31"),
    ("time", "23:59:59", "23:59:59"),
    ("date-time", "2026-02-28T23:30:00Z", "2026-02-28T23:30:00Z"),
    ("date-time", "2026-02-28T23:30:10.250Z", "2026-02-28T23:30:10.25Z"),
    ("date-time", "2026-03-29T00:00:00Z", "2026-03-29T00:00:00Z"),
    ("object", {"id": "5", "name": "Zoë"}, '{"id":"5","name":"Zoë"}'),
    ("array", ["x", 1], '["x",1]'),
    ("array", [], "[]"),
]


def test_anything_becomes_text_as_it_was_sent(destination: Destination, zone: str) -> None:
    assert zone
    old = {f"x{at}": kind_of(kind) for at, (kind, _, _) in enumerate(AS_TEXT)}
    values: dict[str, Any] = {f"x{at}": value for at, (_, value, _) in enumerate(AS_TEXT)}
    destination.load(schema("id", **old), record(id="a", **values), record(id="b"))
    new = dict.fromkeys(old, kind_of("string"))
    texts_too: dict[str, Any] = dict.fromkeys(old, "new")
    destination.load(schema("id", **new), record(id="c", **texts_too))

    found = destination.query(f"SELECT {', '.join(old)} FROM things ORDER BY id")
    texts = tuple(text for _, _, text in AS_TEXT)
    assert found == [texts, (None,) * len(old), ("new",) * len(old)]


def test_a_text_among_json_loses_its_quotes(destination: Destination) -> None:
    mixed = {"type": ["string", "object", "null"]}
    destination.load(schema("id", x=mixed), record(id="a", x='say "x"'), record(id="b", x={}))
    destination.load(schema("id", x=kind_of("string")))

    assert destination.query("SELECT x FROM things ORDER BY id") == [('say "x"',), ("{}",)]


def test_a_date_becomes_midnight_utc(destination: Destination, zone: str) -> None:
    assert zone
    destination.load(schema("id", x=kind_of("date")), record(id="a", x="2026-02-28"))
    destination.load(schema("id", x=kind_of("date-time")), record(id="b", x="2026-02-28T01:00:00"))

    found = destination.query("SELECT x::VARCHAR FROM things ORDER BY id")
    assert found == [("2026-02-28 00:00:00+00",), ("2026-02-28 01:00:00+00",)]


def test_a_widening_is_said(destination: Destination, caplog: pytest.LogCaptureFixture) -> None:
    destination.load(schema("id", x=kind_of("integer")), record(id="a", x=2**53))
    with caplog.at_level("INFO"):
        destination.load(schema("id", x=kind_of("number")), record(id="b", x=0.5))

    assert 'things: altered column "x" TYPE DOUBLE' in caplog.text
    assert destination.query("SELECT x FROM things ORDER BY id") == [(2.0**53,), (0.5,)]


OTHERS = [
    ("number", 1.5, "integer"),
    ("number", 2, "integer"),
    ("integer", 2**53 + 1, "number"),
    ("integer", 1, "boolean"),
    ("boolean", True, "integer"),
    ("string", "007", "integer"),
    ("string", "1.5", "number"),
    ("string", "2026-01-01", "date"),
    ("date-time", "2026-01-01T10:00:00Z", "date"),
    ("date-time", "2026-01-01T10:00:00Z", "time"),
    ("time", "10:00:00", "date-time"),
    ("object", {}, "integer"),
]


@pytest.mark.parametrize(("old", "value", "new"), OTHERS)
def test_any_other_change_is_an_error_before_a_row_is_touched(
    destination: Destination, old: str, value: Any, new: str
) -> None:
    destination.load(schema("id", x=kind_of(old)), record(id="a", label="1", x=value))
    before = destination.query("SELECT to_json(things)::VARCHAR FROM things")
    # One change that would do, and a new column, beside the one that does not.
    more = {"x": kind_of(new), "amount": kind_of("string"), "more": kind_of("string")}
    with pytest.raises(SystemExit, match=r"^Column x of things is .+ and should become .+, which"):
        destination.load(schema("id", **more), record(id="a", label="2"), record(id="b"))

    assert destination.query("SELECT to_json(things)::VARCHAR FROM things") == before


def test_a_column_without_values_takes_any_type(destination: Destination) -> None:
    old = {f"x{at}": kind_of(kind) for at, (kind, _, _) in enumerate(OTHERS)}
    new = {f"x{at}": kind_of(kind) for at, (_, _, kind) in enumerate(OTHERS)}
    destination.load(schema("id", **old), record(id="a", label="1"))
    destination.load(schema("id", **new), record(id="b", label="2"))

    assert destination.query("SELECT label, x1 FROM things") == [("1", None), ("2", None)]


def test_the_steps_of_the_docs_help(destination: Destination) -> None:
    destination.load(schema("id", x=kind_of("string")), record(id="a", x="007"))
    with destination.opened() as database:
        database.execute('ALTER TABLE "things" RENAME COLUMN "x" TO "x_until_2026_11"')
    destination.load(schema("id", x=kind_of("integer")), record(id="a", x=7))

    assert destination.query("SELECT x_until_2026_11, x FROM things") == [("007", 7)]
