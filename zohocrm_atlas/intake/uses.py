"""What a row refers to: by ids, by names, by criteria, by merge fields in its texts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from zohocrm_atlas.model.entities import Use
from zohocrm_atlas.rows import opened

_BY = frozenset(
    {"created_by", "modified_by", "Created_By", "Modified_By", "last_modified_by", "image_link"}
)
"""Who did something with the row is shown with it, and no use of that user."""
_MERGE = re.compile(r"\$\{!?([A-Za-z0-9_]+)\.([^{}$]{1,100})\}")
_FIELD = re.compile(r"\$\{([^{}$.]{1,100})\}")
"""How a formula names a field of its own module."""
_ROLES = (
    ("criteria", "criteria"),
    ("filter", "criteria"),
    ("sort", "sort order"),
    ("instant_actions", "instant action"),
    ("scheduled_actions", "scheduled action"),
    ("formula", "formula"),
    ("rollup", "roll-up"),
)
_TITLES = {"fields": "columns", "shared_to": "shared with", "maps": "values"}


def uses_of(row: Mapping[str, Any], module: str, skip: Collection[str] = ()) -> tuple[Use, ...]:
    """Every reference in the row, each once for each role.

    Keys are ids, `Module.Field`, `module:API name`, or `field=value` for a value of a picklist.

    Args:
        row: The row.
        module: API name of the module that it belongs to; fields without an id are that module's.
        skip: Columns that are not references, or whose references are known otherwise.
    """
    found: dict[Use, None] = {Use(key, "value"): None for key, _ in _compared(row, "", module)}
    for name, value in row.items():
        if name != "id" and name not in skip:
            for key, role in _walk(value, name, _TITLES.get(name, name), module):
                found[Use(key, role.replace("_", " "))] = None
    return tuple(found)


@lru_cache(maxsize=4096)
def _role(name: str) -> str:
    """The role that a value's name says; empty if it says none."""
    return next((words for part, words in _ROLES if part in name), "")


def _walk(value: Any, name: str, role: str, module: str) -> Iterator[tuple[str, str]]:
    """Keys and roles in a value that is called so."""
    if name in _BY:
        return
    role = _role(name) or role
    found = opened(value)
    if isinstance(found, str):
        if name == "id" or name.endswith("_id"):
            yield found, role
        for merged in _MERGE.finditer(found) if "${" in found else ():
            yield (
                f"{merged[1]}.{merged[2].strip()}",
                "formula" if role == "formula" else "merge field",
            )
        for own in _FIELD.finditer(found) if role == "formula" else ():
            yield f"{module}.{own[1].strip()}", role
    elif isinstance(found, list):
        for each in found:
            yield from _walk(each, name, role, module)
    elif isinstance(found, dict):
        yield from _named(found, name, role, module)
        for key, child in found.items():
            yield from _walk(child, key, role, module)


def _named(
    found: Mapping[str, Any], name: str, role: str, module: str
) -> Iterator[tuple[str, str]]:
    """What an object refers to without an id."""
    api_name = found.get("api_name")
    if isinstance(api_name, str) and not found.get("id"):
        yield (f"module:{api_name}" if "module" in name else f"{module}.{api_name}"), role
    yield from _compared(found, role, module)


def _compared(found: Mapping[str, Any], role: str, module: str) -> Iterator[tuple[str, str]]:
    """The value that a criterion compares a field with, or that an update sets."""
    field = opened(found.get("field"))
    if isinstance(field, dict) and "value" in found:
        key = field.get("id") or f"{module}.{field.get('api_name')}"
        value = opened(found["value"])
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, str):
                yield f"{key}={each}", role
