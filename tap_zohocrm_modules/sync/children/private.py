"""Children of records without the private values that they repeat.

Zoho marks fields of modules. What a child repeats of them, such as the name of its record, is
handled as they are; which columns may do so, the definition of the kind of child says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from tap_zohocrm_modules.definitions.child_kind import ChildKind
from tap_zohocrm_modules.zoho.records.private import Privacy

Row = Mapping[str, Any]


def without_private_values(
    rows: Sequence[Row], kind: ChildKind, privacy: Privacy | None, private: Collection[str]
) -> Sequence[Row]:
    """Return the rows of a kind of child, with hashes or nulls in the place of private values.

    `private` are the API names of such fields of the parents' module.
    """
    return rows if privacy is None else [_of(row, kind, privacy, private) for row in rows]


def _of(row: Row, kind: ChildKind, privacy: Privacy, private: Collection[str]) -> Row:
    changed: Row = row
    for path in kind.people:
        changed = _at(changed, path.split("."), privacy.in_place_of)
    history = row.get(kind.history)
    if not isinstance(history, list):
        return changed
    entries = [
        {**entry, "_value": _values(entry.get("_value"), privacy)}
        if isinstance(entry, dict) and entry.get("api_name") in private
        else entry
        for entry in history
    ]
    return {**changed, kind.history: entries}


def _values(values: Any, privacy: Privacy) -> Any:
    """Return the old and the new value of a private field."""
    if not isinstance(values, dict):
        return privacy.in_place_of(values)
    return {name: privacy.in_place_of(value) for name, value in values.items()}


def _at(value: Any, path: Sequence[str], of: Callable[[Any], Any]) -> Any:
    """Return a value with what is at a path changed; lists on the way, in each of their items."""
    if isinstance(value, list):
        return [_at(one, path, of) for one in value]
    if not path:
        return of(value)
    if not isinstance(value, Mapping) or path[0] not in value:
        return value
    return {**value, path[0]: _at(value[path[0]], path[1:], of)}
