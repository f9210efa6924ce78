"""Values of every field type are the same after any loader, and other values are not."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_zohocrm_modules.verify.values import Likeness, likeness
from tap_zohocrm_modules.zoho.records.field_types import TYPES
from verify.loaders import DuckDBLoader, SqliteLoader, kind_of

Load = Callable[[Any, Mapping[str, Any]], Any]
"""What a driver returns of an emitted value once it has been loaded."""

_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
_IDS = st.integers(10**15, 2**63).map(str)
_NUMBERS = st.one_of(
    st.integers(-(10**15), 10**15),
    st.decimals(-(10**12), 10**12, places=4),
    st.sampled_from([Decimal("9007199254740993.25"), Decimal("0.1"), Decimal("1E+3")]),
)
_TIMES = st.builds(
    lambda moment, offset: f"{moment:%Y-%m-%dT%H:%M:%S}{offset}",
    st.datetimes(datetime(1971, 1, 1), datetime(2037, 12, 31)),  # noqa: DTZ001
    st.sampled_from(["+00:00", "+05:30", "-08:00", "Z"]),
)
_OBJECTS = st.dictionaries(_TEXTS, st.one_of(_TEXTS, st.booleans(), st.integers(-9, 9)), max_size=3)

# What Zoho sends of each type, as JSON.
SENT: Mapping[str, st.SearchStrategy[Any]] = {
    "text": _TEXTS,
    "numeral": st.one_of(_IDS, st.integers(0, 2**62)),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": _NUMBERS,
    "boolean": st.booleans(),
    "date": st.dates(date(1900, 1, 1)).map(date.isoformat),
    "date-time": _TIMES,
    "reference": _IDS.map(lambda one: {"id": one, "name": "n"}),
    "references": st.lists(_IDS.map(lambda one: {"id": one}), max_size=3),
    "choices": st.lists(_TEXTS, max_size=3),
    "tags": st.lists(_TEXTS.map(lambda name: {"name": name}), max_size=3),
    "module": _TEXTS,
    "lookup module": _TEXTS.map(lambda name: {"module": name}),
    "rule": _TEXTS.map(lambda rule: {"RRULE": rule}),
    "json": st.one_of(_OBJECTS, st.lists(_OBJECTS, max_size=2)),
    "unknown": st.one_of(_TEXTS, _OBJECTS),
}


def by_sqlite(value: Any, schema: Mapping[str, Any]) -> Any:
    kind = kind_of(schema)
    loaded = SqliteLoader.value(_SQLITE, value, kind)
    with sqlite3.connect(":memory:") as database:
        database.execute(f"CREATE TABLE t (c {SqliteLoader.types[kind]})")
        database.execute("INSERT INTO t VALUES (?)", [loaded])
        [[found]] = database.execute("SELECT c FROM t").fetchall()
    database.close()
    return found


def by_duckdb(value: Any, schema: Mapping[str, Any]) -> Any:
    kind = kind_of(schema)
    text = json.dumps(value, default=float) if kind in {"object", "array"} else str(value)
    column = DuckDBLoader.types[kind]
    zone = " AT TIME ZONE 'UTC'" if kind == "date-time" else ""
    [[found]] = _DUCKDB.execute(
        f"SELECT (CAST(? AS {column})){zone}", [None if value is None else text]
    ).fetchall()
    return found


def by_snowflake_or_bigquery(value: Any, schema: Mapping[str, Any]) -> Any:
    """As their drivers return it: times without a zone, exact numbers of nine digits, JSON."""
    kind = kind_of(schema)
    if value is None:
        return [] if kind == "array" else None
    if kind == "date-time":
        return datetime.fromisoformat(value.replace("Z", "+00:00")).replace(tzinfo=None)
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "number":
        return Decimal(str(value)).quantize(Decimal("1e-9"))
    return json.dumps(value, indent=1) if kind == "object" else value


def by_json_lines(value: Any, schema: Mapping[str, Any]) -> Any:
    """As target-jsonl: what a JSON parser makes of the message, numbers as doubles."""
    del schema
    return json.loads(json.dumps(value, default=float))


def by_pipelinewise(value: Any, schema: Mapping[str, Any]) -> Any:
    """With JSON's escapes in texts, as docs/destinations.md says; JSON as texts of JSON."""
    if isinstance(value, str) and kind_of(schema) == "string":
        escaped = json.dumps(value, ensure_ascii=False)[1:-1]
        return escaped.replace('\\"', '"').replace("\\\\", "\\")
    if kind_of(schema) == "date-time" and value is not None:
        at = datetime.fromisoformat(value.replace("Z", "+00:00"))
        return at.astimezone(timezone.utc).replace(tzinfo=None)
    return json.dumps(json.dumps(value)) if isinstance(value, (list, dict)) else value


LOADERS: Mapping[str, Load] = {
    "sqlite": by_sqlite,
    "duckdb": by_duckdb,
    "snowflake": by_snowflake_or_bigquery,
    "jsonl": by_json_lines,
    "pipelinewise": by_pipelinewise,
}
_SQLITE = SqliteLoader.__new__(SqliteLoader)
_DUCKDB = duckdb.connect()
_DUCKDB.execute("SET TimeZone = 'UTC'")


def test_every_type_is_among_them() -> None:
    assert SENT.keys() == TYPES.keys()


@pytest.mark.parametrize("name", SENT)
def test_a_value_is_the_same_after_any_loader(name: str) -> None:
    kind = TYPES[name]

    @settings(max_examples=40)
    @given(SENT[name])
    def holds(sent: Any) -> None:
        emitted = kind.from_json(sent)
        for loader, load in LOADERS.items():
            like = likeness(emitted, load(emitted, kind.schema), kind.schema)
            assert like is not Likeness.DIFFERENT, (loader, emitted)

    holds()


@pytest.mark.thorough
@pytest.mark.parametrize("name", SENT)
def test_another_value_is_a_difference_unless_the_loader_makes_them_one(name: str) -> None:
    kind = TYPES[name]

    @settings(max_examples=60)
    @given(SENT[name], st.one_of(SENT[name], st.none()))
    def holds(sent: Any, other: Any) -> None:
        emitted = kind.from_json(sent)
        changed = None if other is None else kind.from_json(other)
        for loader, load in LOADERS.items():
            loaded = load(changed, kind.schema)
            if likeness(emitted, loaded, kind.schema) is Likeness.DIFFERENT:
                continue
            is_null = emitted in (None, "", []) and changed in (None, "", [])
            same = loaded == load(emitted, kind.schema) or _equal_as_json(emitted, changed)
            assert same or is_null, (loader, emitted, loaded)

    holds()


def _equal_as_json(one: Any, other: Any) -> bool:
    """Whether two texts hold the same JSON, whatever the order of its members is."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except (TypeError, ValueError):
        return False


@pytest.mark.parametrize(
    ("emitted", "loaded", "kind", "expected"),
    [
        ("2025-01-01T10:00:00Z", "2025-01-01 15:30:00+05:30", "date-time", Likeness.EQUAL),
        ("2025-01-01T10:00:00Z", datetime(2025, 1, 1, 15, 30), "date-time", Likeness.DIFFERENT),  # noqa: DTZ001
        ("2025-01-01T10:00:00.250Z", "2025-01-01T10:00:00Z", "date-time", Likeness.CUT),
        ("2025-01-01", datetime(2025, 1, 1), "date", Likeness.EQUAL),  # noqa: DTZ001
        ("2025-01-01", "2025-01-02", "date", Likeness.DIFFERENT),
        (Decimal("9007199254740993.25"), 9007199254740994.0, "number", Likeness.ROUNDED),
        (Decimal("9007199254740993.25"), Decimal(9007199254740994), "number", Likeness.DIFFERENT),
        (Decimal("1.23"), Decimal("1.2"), "number", Likeness.DIFFERENT),
        (True, 1, "boolean", Likeness.EQUAL),
        (True, 0, "boolean", Likeness.DIFFERENT),
        (None, "", "string", Likeness.EMPTY),
        (None, 0, "integer", Likeness.DIFFERENT),
        (False, None, "boolean", Likeness.DIFFERENT),
        ("a", None, "string", Likeness.DIFFERENT),
        ("4876876000000001", 4876876000000001, "string", Likeness.EQUAL),
        ({"a": 1, "b": None}, '{"b": null, "a": 1}', "object", Likeness.EQUAL),
        ({"a": 1}, {"a": 2}, "object", Likeness.DIFFERENT),
        (["a", "b"], '["b", "a"]', "array", Likeness.DIFFERENT),
        (None, "null", "object", Likeness.EQUAL),
    ],
)
def test_some_values(emitted: Any, loaded: Any, kind: str, expected: Likeness) -> None:
    is_format = kind in {"date", "date-time"}
    schema = {"type": ["string", "null"], "format": kind} if is_format else {"type": [kind, "null"]}
    assert likeness(emitted, loaded, schema) is expected
