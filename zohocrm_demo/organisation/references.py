"""Ids like Zoho's, and how one thing points at another in its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from zohocrm_demo.organisation.data_files import read_file

Row: TypeAlias = dict[str, Any]
Fields: TypeAlias = dict[str, list[Row]]


def ref(row: Mapping[str, Any], *keys: str) -> Row:
    """Some keys of a row, `api_name` and `id` unless named."""
    return {key: row[key] for key in keys or ("api_name", "id")}


def several_targets(field: Row, open_lookups: Fields) -> list[str]:
    """API names of the modules that a lookup leads to, if they may be several."""
    modules = field["multi_module_lookup"].get("modules") or open_lookups.get(field["id"], ())
    return [module["api_name"] for module in modules]


def by_api_name(rows: list[Row]) -> dict[str, Row]:
    """Modules or fields by their API name."""
    return {row["api_name"]: row for row in rows}


def has_tab(module: Row) -> bool:
    """Whether users see the module's records in a tab: it has layouts, views, tags and rules."""
    return bool(module["api_supported"] and module["show_as_tab"] and module["creatable"])


def criterion(
    field: Row, value: object, *, comparator: str = "equal", kind: str = "value"
) -> dict[str, Any]:
    """`{comparator, field, value, type}` of a criterion on a field."""
    return {"comparator": comparator, "field": ref(field), "value": value, "type": kind}


def choices_of(field: Row) -> list[str]:
    """The values of a picklist that may be chosen."""
    values = (value["actual_value"] for value in field["pick_list_values"])
    return [value for value in values if value != "-None-"]


ID_PREFIX = "5937104"


def make_id(number: int) -> str:
    """The id with this number; the ranges below, and those of the data files, are apart."""
    return f"{ID_PREFIX}{number:012d}"


# The first numbers of things, whose ranges, and those of the data files, are apart.
FIRST: Mapping[str, int] = read_file("ids.yaml")
