"""What a field's description says beside its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
