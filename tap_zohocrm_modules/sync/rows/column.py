"""The JSON Schema of a column that no definition describes."""

from __future__ import annotations

from typing import Any


def column(kind: str, description: str, *, is_key: bool = False, **more: Any) -> dict[str, Any]:
    """Return the JSON Schema of a column, which may be null unless it is a key."""
    return {"type": kind if is_key else [kind, "null"], **more, "description": description}
