"""Lookups whose records may belong to several modules, so that an id alone does not lead there.

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


def leads_to_several_modules(module: str, field: Mapping[str, Any]) -> bool:
    """Whether the records that a field leads to may belong to several modules.

    Args:
        module: The API name of the field's module.
        field: The field's metadata, of which any part may be absent.
    """
    if field.get("data_type") == "multi_module_lookup":
        return True
    lookup, several = field.get("lookup"), field.get("multi_module_lookup")
    if isinstance(several, dict) and several.get("modules"):
        return True
    target = lookup.get("module") if isinstance(lookup, dict) else None
    name = target.get("api_name") if isinstance(target, dict) else target
    is_open = not name and (module, field.get("api_name")) in _ANY_MODULE
    return name == "se_module" or (is_open and field.get("data_type") in {"lookup", "bigint"})
