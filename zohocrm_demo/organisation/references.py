"""How one thing points at another in Zoho's answers."""

from __future__ import annotations

from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]
Fields: TypeAlias = dict[str, list[Row]]


def module_ref(module: Row) -> dict[str, str]:
    """`{api_name, id}` of a module."""
    return {"api_name": module["api_name"], "id": module["id"]}


def field_ref(field: Row) -> dict[str, str]:
    """`{api_name, id}` of a field."""
    return {"api_name": field["api_name"], "id": field["id"]}


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
    ref = field_ref(field)
    return {"comparator": comparator, "field": ref, "value": value, "type": kind}


def choices_of(field: Row) -> list[str]:
    """The values of a picklist that may be chosen."""
    values = (value["actual_value"] for value in field["pick_list_values"])
    return [value for value in values if value != "-None-"]
