"""A module of 60 fields beside its id, and records of it as Zoho returns them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tap_zohocrm_modules.zoho.records.model import RecordModule, describe

_MIX = (
    [("text", "string")] * 19
    + [("picklist", "string")] * 8
    + [("integer", "integer")] * 5
    + [("double", "double")] * 5
    + [("boolean", "boolean")] * 6
    + [("datetime", "string")] * 4
    + [("date", "string")] * 2
    + [("lookup", "jsonobject")] * 6
    + [("multiselectpicklist", "jsonarray")] * 4
)
_CHOICES = ("Oxygen", "pH", "Turbidity")


def module() -> RecordModule:
    """Return the module, by metadata as Zoho returns it."""
    fields: list[dict[str, Any]] = [
        {"api_name": f"F{number}", "id": str(number), "data_type": kind, "json_type": json_type}
        for number, (kind, json_type) in enumerate(_MIX)
    ]
    for field in fields:
        if field["data_type"] == "multiselectpicklist":
            field["pick_list_values"] = [{"actual_value": choice} for choice in _CHOICES]
    fields.append(
        {"api_name": "Modified_Time", "id": "60", "data_type": "datetime", "json_type": "string"}
    )
    return describe({"api_name": "Things", "plural_label": "Things"}, fields)


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield rows as Get Records returns them, no two alike; every fifth value is null."""
    for number in range(count):
        row = {
            f"F{place}": None if (number + place) % 5 == 0 else _value(kind, number, place)
            for place, (kind, _) in enumerate(_MIX)
        }
        yield {"id": str(10**18 + number), **row, "Modified_Time": _time(number)}


def _value(kind: str, number: int, place: int) -> Any:
    values: dict[str, Any] = {
        "text": f"Brightwater Instruments, Zürich {number}.{place}",
        "picklist": "Qualification",
        "integer": number,
        "double": Decimal(number * 7 + place).scaleb(-2),
        "boolean": (number + place) % 2 == 0,
        "datetime": _time(number + place),
        "date": f"2025-04-{1 + number % 30:02}",
        "lookup": {"id": str(10**18 + number // 7), "name": "Somebody"},
        "multiselectpicklist": ["Oxygen", "pH"],
    }
    return values[kind]


def _time(number: int) -> str:
    minutes, seconds = divmod(number, 60)
    hours, minutes = divmod(minutes, 60)
    return f"2025-04-{1 + hours // 24 % 30:02}T{hours % 24:02}:{minutes:02}:{seconds:02}-07:00"
