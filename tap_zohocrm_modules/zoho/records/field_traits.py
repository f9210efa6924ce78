"""What a field's description says beside its type.

https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

from collections.abc import Mapping
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


def is_rich_text(field: Mapping[str, Any]) -> bool:
    """Whether Get Records cuts the field's values to 500 characters."""
    textarea = field.get("textarea")
    size = textarea.get("type") if isinstance(textarea, dict) else None
    return size == "rich_text" or field.get("data_type") == "mediumtext"


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
