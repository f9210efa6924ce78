"""Families whose rows Zoho gives in several shapes, or without a key of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tap_zohocrm_modules.zoho.metadata.endpoint import Row

_WEB_TABS = frozenset({"web", "webtab_link"})


def read_by_api(module: Row) -> bool:
    """Whether Zoho's API answers for a module; others refuse every call."""
    # A module that does not tell is asked; what Zoho refuses is then noted.
    return (
        module.get("api_supported") is not False and module.get("generated_type") not in _WEB_TABS
    )


def is_leads(module: Row) -> bool:
    """Choose the one module that has duplicate check preferences."""
    return module.get("api_name") == "Leads"


def of_deals(layout: Row) -> bool:
    """Choose the layouts of the one module that has pipelines."""
    return layout.get("module_api_name") == "Deals"


def constant_id(name: str) -> Callable[[Row], Row]:
    """Give a row that there is one of in an organisation the endpoint's name for its id."""

    def adapt(row: Row) -> Row:
        return {"id": name, **row}

    return adapt


def lift(**columns: str) -> Callable[[Row], Row]:
    """Repeat nested values in columns of their own; their paths have dots between levels."""

    def adapt(row: Row) -> Row:
        return {**row, **{column: _at(row, path) for column, path in columns.items()}}

    return adapt


def module_as_object(row: Row) -> Row:
    """Turn a bare module name into the documented object."""
    module = row.get("module")
    return {**row, "module": {"api_name": module}} if isinstance(module, str) else row


def from_address(row: Row) -> Row:
    """Know an address without an id, as the user's own is, by itself."""
    return {**row, "id": row.get("id") or row.get("email")}


def null_text_as_null(*names: str) -> Callable[[Row], Row]:
    """Read the text `null` in place of an object as no object."""

    def adapt(row: Row) -> Row:
        return {key: None if key in names and row[key] == "null" else row[key] for key in row}

    return adapt


def reporting_to_as_object(row: Row) -> Row:
    """Turn a user's bare superior into the documented object."""
    superior = row.get("Reporting_To")
    return {**row, "Reporting_To": {"id": superior}} if isinstance(superior, str) else row


def picklist_values_of(field: Row) -> Iterator[Row]:
    """Yield the values of a field's picklist, if it is one; a value without an id has its own."""
    for value in field.get("pick_list_values") or ():
        if isinstance(value, dict):
            yield {**value, "id": value.get("id") or value.get("actual_value")}


def _at(row: Row, path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
