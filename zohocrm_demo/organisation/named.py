"""References to what has a certain name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.references import Fields, Row, field_ref, module_ref

if TYPE_CHECKING:
    from collections.abc import Iterable


def module_named(modules: Iterable[Row], api_name: str) -> Row:
    """`{api_name, id}` of a module.

    Raises:
        LookupError: The organisation has no such module.
    """
    for module in modules:
        if module["api_name"] == api_name:
            return module_ref(module)
    raise LookupError(f"no module {api_name}")


def field_named(fields: Fields, module: str, api_name: str) -> Row:
    """`{api_name, id}` of a field.

    Raises:
        LookupError: The module has no such field.
    """
    for field in fields[module]:
        if field["api_name"] == api_name:
            return field_ref(field)
    raise LookupError(f"no field {api_name} in {module}")


def by_name(rows: Iterable[Row]) -> dict[str, Row]:
    """`{name, id}` of every row, by name."""
    return {row["name"]: {"name": row["name"], "id": row["id"]} for row in rows}
