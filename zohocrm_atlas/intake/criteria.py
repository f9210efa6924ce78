"""Criteria of views, rules and filters, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_atlas.rows import opened


def describe(value: Any) -> str:
    """A criterion or a group of them: `Stage equal Won and (Amount greater_than 5 or ...)`."""
    found = opened(value)
    if isinstance(found, Sequence) and not isinstance(found, str):
        return "; ".join(filter(None, map(describe, found)))
    if not isinstance(found, Mapping):
        return ""
    group = opened(found.get("group"))
    if isinstance(group, Sequence) and group:
        parts = [
            f"({words})"
            if " " in words and isinstance(each, Mapping) and "group" in each
            else words
            for each in group
            if (words := describe(each))
        ]
        return f" {str(found.get('group_operator') or 'and').lower()} ".join(parts)
    field = found.get("field")
    name = field.get("api_name", "") if isinstance(field, Mapping) else str(field or "")
    comparator = str(found.get("comparator") or "").replace("_", " ")
    return f"{name} {comparator} {_value(found.get('value'))}".strip() if name else ""


def _value(value: Any) -> str:
    found = opened(value)
    if isinstance(found, Mapping):
        return str(found.get("name") or found.get("api_name") or found.get("id") or "")
    if isinstance(found, Sequence) and not isinstance(found, str):
        return ", ".join(map(_value, found))
    return "" if found is None else str(found)
