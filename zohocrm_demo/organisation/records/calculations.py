"""Formulas, roll-ups and full names: worked out of the values of other fields, as they are kept."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.records.formulas import interpreted
from zohocrm_demo.organisation.records.kinds import SILENT_TYPES as SILENT
from zohocrm_demo.organisation.records.kinds import kind_of
from zohocrm_demo.organisation.records.spot import World
from zohocrm_demo.organisation.records.times import LOS_ANGELES, instant, seconds
from zohocrm_demo.organisation.references import Row

Kept: TypeAlias = Callable[[str], Any]
"""The kept value of a record's field, by API name."""
Calculation: TypeAlias = Callable[[str, Kept, Any], Any]
"""What is kept for a field, from a record's id, its other values, and what was kept before."""


def _zone() -> tzinfo:
    try:
        return ZoneInfo("America/Los_Angeles")
    except ZoneInfoNotFoundError:
        return LOS_ANGELES  # Right since 2007.


_ZONE = _zone()


def formula_of(field: Row) -> Row:
    """A formula with its text, as layouts have it; empty for other fields."""
    if not field["formula"]:
        return {}
    found = (
        text
        for pattern, text in read_file("formulas.yaml").items()
        if fnmatch.fnmatchcase(field["api_name"], pattern)
    )
    nothing = {"evaluation_order": None, "stop_compute_expression": None}
    return {**nothing, **field["formula"], **next(found, {})}


def calculation(world: World, module: str, field: Row) -> Calculation | None:
    """How a field is worked out; None if nothing says so."""
    if field["type"] == "unused":
        return None
    if field["data_type"] == "rollup_summary":
        return _roll_up(world, module, field)
    formula = formula_of(field) if field["data_type"] == "formula" else {}
    if not formula.get("expression"):
        return None
    value = interpreted(formula["expression"], _ZONE)
    stops = formula["stop_compute_conditionally"] and formula["stop_compute_expression"]
    stop = interpreted(stops or "false", _ZONE)
    known, kind = world.present_fields(module), kind_of(field)
    assumes = formula["assume_default"]

    def value_of(_: str, kept: Kept, before: Any) -> Any:
        def lookup(name: str) -> Any:
            if name not in known:
                return None
            own = kind_of(known[name])
            found = _natural(own, kept(name))
            return _ZEROS.get(own) if found is None and assumes else found

        is_frozen = before is not None and stop(lookup) is True
        return before if is_frozen else _kept(kind, value(lookup))

    return value_of


def calculated(
    world: World, module: str, record_id: str, values: Row, given: Collection[str]
) -> dict[str, Any]:
    """What formulas, roll-ups and the full name are worth after an edit, but for those given."""
    silent = [one for one in world.present_fields(module).values() if one["data_type"] in SILENT]
    worked_out = {
        field["api_name"]: how
        for field in silent
        if field["api_name"] not in given and (how := calculation(world, module, field))
    }

    def kept(name: str) -> Any:
        how = worked_out.get(name)
        return how(record_id, kept, values.get(name)) if how else values.get(name)

    return {name: kept(name) for name in worked_out} | _full_name(world, module, values, given)


def _full_name(world: World, module: str, values: Row, given: Collection[str]) -> dict[str, str]:
    if "Full_Name" in given or "Full_Name" not in world.present_fields(module):
        return {}
    if not any(part in given for part in _NAME):
        return {}
    return {"Full_Name": " ".join(values[part] for part in _NAME if values.get(part))}


_NAME = ("First_Name", "Last_Name")
_ZEROS: Mapping[str, Any] = {"integer": 0.0, "decimal": 0.0, "text": "", "boolean": False}


def _natural(kind: str, value: Any) -> Any:
    """A kept value as formulas take it; what they do not take is empty."""
    if value is None or kind in {"text", "boolean"}:
        return value
    if kind in {"integer", "decimal"}:
        return float(value)
    if kind == "date":
        return date.fromisoformat(value)
    return instant(value) if kind == "datetime" else None


def _kept(kind: str, value: Any) -> Any:
    if isinstance(value, bool) or value is None or value == "":
        return None if value == "" else value
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        number = Decimal(repr(value + 0.0))
        return int(number) if kind == "integer" else number
    if isinstance(value, datetime):
        local = value.astimezone(_ZONE)
        return seconds(value) if kind == "datetime" else local.date().isoformat()
    if isinstance(value, date):
        midnight = datetime(value.year, value.month, value.day, tzinfo=_ZONE)
        return seconds(midnight) if kind == "datetime" else value.isoformat()
    return value


def _roll_up(world: World, module: str, field: Row) -> Calculation | None:
    summary = field["rollup_summary"]
    child = world.origins.present_name(summary["based_on_module"]["api_name"])
    fields = world.present_fields(child)
    key = next((name for name, one in fields.items() if _leads_to(one, module)), None)
    if key is None:
        return None
    function = summary["expression"]["function"]
    summed = summary["expression"]["function_parameters"][0]["api_name"]

    def value_of(record_id: str, _: Kept, __: Any) -> Any:
        children = world.holding(child, key, record_id)
        if function == "count":
            return len(children)
        values = [one.value(summed) for one in children]
        known = [value for value in values if value is not None]
        return _AGGREGATES[function](known) if known else None

    return value_of


def _leads_to(field: Row, module: str) -> bool:
    target = (field["lookup"] or {}).get("module") or {}
    return field["data_type"] == "lookup" and target.get("api_name") == module


_AGGREGATES: Mapping[str, Callable[[list[Any]], Any]] = {
    "sum": sum,
    "min": min,
    "max": max,
    "avg": lambda values: Decimal(sum(values)) / len(values),
}
