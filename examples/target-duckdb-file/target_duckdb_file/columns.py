"""What the columns of a table are called, and their types."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_STRINGS = {"date-time": "TIMESTAMP WITH TIME ZONE", "date": "DATE", "time": "TIME"}
_SCALARS = {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}

# What the comment on a column says, before the property's name, if that is not the column's.
MADE_FOR = "property "

# A value as it was sent, by the type of the column that has it.
_AS_SENT = {
    "TIMESTAMP WITH TIME ZONE": "regexp_replace(strftime({0} AT TIME ZONE 'UTC',"
    " '%Y-%m-%dT%H:%M:%S.%f'), '[.]?0{{0,6}}$', '') || 'Z'",
    "DOUBLE": "CASE WHEN {0} = trunc({0}) AND abs({0}) < 1e18 THEN {0}::BIGINT::VARCHAR"
    " ELSE {0}::VARCHAR END",
    "JSON": "CASE json_type({0}) WHEN 'VARCHAR' THEN {0} ->> '$' ELSE {0}::VARCHAR END",
}


def column_type(schema: Mapping[str, Any]) -> str:
    """Return the DuckDB type of a property; whatever is not one plain type is JSON."""
    types = schema.get("type", ())
    kinds = {types} if isinstance(types, str) else set(types)
    kinds.discard("null")
    if kinds == {"string"}:
        return _STRINGS.get(schema.get("format", ""), "VARCHAR")
    return _SCALARS.get(kinds.pop(), "JSON") if len(kinds) == 1 else "JSON"


def quoted(name: str) -> str:
    """Return the name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def widened(name: str, old: str, new: str) -> str | None:
    """Return the SQL of a column's values in another type; None if that has not the same values."""
    column = quoted(name)
    as_sent = _AS_SENT.get(old, "{0}::VARCHAR").format(column)
    as_json = f"{as_sent}::JSON" if old in _SCALARS.values() else f"to_json({as_sent})"
    return {
        (old, "VARCHAR"): as_sent,
        (old, "JSON"): as_json,
        ("BIGINT", "DOUBLE"): f"{column}::DOUBLE",
        ("DATE", "TIMESTAMP WITH TIME ZONE"): f"{column}::TIMESTAMP AT TIME ZONE 'UTC'",
    }.get((old, new))


def column_names(properties: Sequence[str], existing: Mapping[str, str | None]) -> dict[str, str]:
    """Return a column's name for each property: DuckDB takes `id` and `Id` for the same.

    Args:
        properties: The properties of a SCHEMA.
        existing: The columns there are, with their comments: what a column was made for that could
            not be called as its property.
    """
    names: dict[str, str] = {}
    for column, comment in existing.items():
        made_for = (comment or "").removeprefix(MADE_FOR)
        # Somebody may have renamed it since.
        numbered = re.escape(made_for) + r"_\d+"
        names[made_for if comment and re.fullmatch(numbered, column) else column] = column
    taken = {column.lower() for column in existing}
    for name in properties:
        column, number = name, 1
        while name not in names and column.lower() in taken:
            number += 1
            column = f"{name}_{number}"
            if column in existing and not existing[column] and column not in properties:
                break  # It was made when such columns had no comment.
        taken.add(names.setdefault(name, column).lower())
    return {name: names[name] for name in properties}
