"""What a destination holds beside what it has to hold."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from support.records import Json

from destinations.messages import DELETED_AT, as_kept, comparable, kind
from destinations.scenario import Load, Loads

Row = dict[str, Any]

KEPT_WHEN_MARKED = {"id", DELETED_AT, "additional_properties"} | {
    f"_sdc_{name}"
    for name in (
        "extracted_at", "received_at", "batched_at", "sequence", "table_version", "sync_started_at"
    )
}  # fmt: skip


def held(loads: Loads, load: Load, stream: str) -> dict[tuple[str, ...], Row]:
    """The destination's rows by key."""
    keys = [loads.store.column(key) for key in load.messages.keys[stream]]
    rows = {tuple(row[key] for key in keys): row for row in load.tables[stream]}
    assert len(rows) == len(load.tables[stream]), f"{stream}: a key occurs twice"
    return rows


def differences(loads: Loads, stream: str, row: Row, expected: Row) -> list[str]:
    """The columns whose value is not the tap's."""
    return [
        name
        for name, spec in loads.second.messages.schemas[stream].items()
        if as_loaded(loads, row[loads.store.column(name)], spec)
        != as_loaded(loads, landing(loads, expected.get(name), spec), spec)
    ]


def landing(loads: Loads, value: Any, spec: Row) -> Any:
    return loads.store.text(value) if kind(spec) == "string" and value is not None else value


def as_loaded(loads: Loads, value: Any, spec: Row) -> Any:
    found = comparable(value, spec)
    exact = loads.store.types["number"] == "numeric"
    return found if exact or kind(spec) != "number" or found is None else float(found)


def landed(loads: Loads, value: Any, emitted: Any) -> Any:
    """What the destination has of an organisation's value."""
    # Lists are texts of JSON, spelt as the tap spells it.
    expected = emitted if isinstance(value, Json) and value == emitted else value
    return as_kept(loads.store.text(expected) if isinstance(expected, str) else expected)


def as_zoho_has_it(held: Any, value: Any) -> bool:
    """Whether the destination's value is the organisation's, with its local times."""
    if isinstance(held, list) and isinstance(value, dict):
        return held == [value]
    if isinstance(value, str) and value[4:5] == "-" and value[10:11] == "T":
        there = datetime.fromisoformat(value).astimezone(timezone.utc)
        spec = {"type": "string", "format": "date-time"}
        return bool(comparable(held, spec) == there)
    return bool(held == value)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
