"""What a field's description says beside its type.

https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

SE_MODULE = "$se_module"
"""The key beside an activity's `What_Id` that names its module."""

# Zoho is seen to list some of these as plain lookups without a module.
_ANY_MODULE = frozenset(
    {
        ("Tasks", "What_Id"),
        ("Events", "What_Id"),
        ("Calls", "What_Id"),
        ("Notes", "Parent_Id"),
        ("Attachments", "Parent_Id"),
    }
)
_LINE_ITEMS = frozenset(
    {"Quoted_Items", "Ordered_Items", "Purchase_Items", "Purchased_Items", "Invoiced_Items"}
)
# What Zoho puts together of other fields, and sends the values of.
_REPEATS = {"Full_Name": ("First_Name", "Last_Name")}
_PRIVATE_MARKS = ("private", "hipaa_compliance", "crypt")
_DISTANCE = "nearby_distance__s"
_WHOLES = ("Address", "Coordinates")
_PARTS = ("Street", "City", "State", "Country")
_ENOUGH_PARTS = 2


def composites(fields: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the API names of fields that Zoho puts together of others, and stores nothing in.

    Newer organisations list the whole of an address, and its place on the map, as read-only texts:
    every list of records has them empty, and Bulk Read refuses them. A field is one if Zoho made
    it, nobody can write it, and the parts that it consists of are fields of the same module.
    """
    rows = [row for row in fields if isinstance(row.get("api_name"), str)]
    names = {str(row["api_name"]) for row in rows}
    found = set()
    for row in rows:
        name = str(row["api_name"])
        whole = next((one for one in _WHOLES if name == one or name.endswith(f"_{one}")), None)
        parts = sum(f"{name.removesuffix(whole)}{part}" in names for part in _PARTS) if whole else 0
        is_virtual = row.get("virtual_field") is True
        is_closed = any(row.get(flag) is True for flag in ("read_only", "field_read_only"))
        is_zohos = is_virtual or (is_closed and row.get("custom_field") is not True)
        is_whole = parts >= _ENOUGH_PARTS or name == _DISTANCE
        if is_zohos and (is_whole or (is_virtual and whole == "Coordinates")):
            found.add(name)
    return frozenset(found)


def is_rich_text(field: Mapping[str, Any]) -> bool:
    """Whether Get Records cuts the field's values to 500 characters."""
    textarea = field.get("textarea")
    size = textarea.get("type") if isinstance(textarea, dict) else None
    return size == "rich_text" or field.get("data_type") == "mediumtext"


def is_private(field: Mapping[str, Any]) -> bool:
    """Whether Zoho marks it as personal data, as health data, or as encrypted."""
    return any(field.get(mark) for mark in _PRIVATE_MARKS)


def private_names(fields: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the API names of fields that Zoho marks so, and of those that repeat their values."""
    marked = {str(field.get("api_name")) for field in fields if is_private(field)}
    return frozenset(marked.union(name for name, of in _REPEATS.items() if marked & {*of}))


def is_line_items(field: Mapping[str, Any]) -> bool:
    """Whether it holds an inventory record's lines, which only single records come with."""
    return field.get("api_name") in _LINE_ITEMS


def leads_to_several_modules(module: str, field: Mapping[str, Any]) -> bool:
    """Whether the records that a module's field leads to may belong to several modules."""
    if field.get("data_type") == "multi_module_lookup":
        return True
    lookup, several = field.get("lookup"), field.get("multi_module_lookup")
    if isinstance(several, dict) and several.get("modules"):
        return True
    target = lookup.get("module") if isinstance(lookup, dict) else None
    name = target.get("api_name") if isinstance(target, dict) else target
    is_open = not name and (module, field.get("api_name")) in _ANY_MODULE
    return name == "se_module" or (is_open and field.get("data_type") in {"lookup", "bigint"})
