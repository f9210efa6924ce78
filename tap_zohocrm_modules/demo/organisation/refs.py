"""References from one part of the organisation to another, as Zoho writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Row: TypeAlias = dict[str, Any]
Fields: TypeAlias = "Mapping[str, list[Row]]"


def module_ref(modules: Iterable[Row], api_name: str) -> Row:
    """`{api_name, id}` of a module.

    Raises:
        LookupError: The organisation has no such module.
    """
    for module in modules:
        if module["api_name"] == api_name:
            return {"api_name": api_name, "id": module["id"]}
    raise LookupError(f"no module {api_name}")


def field_ref(fields: Fields, module: str, api_name: str) -> Row:
    """`{api_name, id}` of a field.

    Raises:
        LookupError: The module has no such field.
    """
    for field in fields[module]:
        if field["api_name"] == api_name:
            return {"api_name": api_name, "id": field["id"]}
    raise LookupError(f"no field {api_name} in {module}")


def by_name(rows: Iterable[Row]) -> dict[str, Row]:
    """`{name, id}` of every row, by name."""
    return {row["name"]: {"name": row["name"], "id": row["id"]} for row in rows}
