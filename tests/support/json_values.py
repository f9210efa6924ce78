"""Any JSON value as the tap reads it, and an account of what became of it that shares no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

MISSING = object()
ASIDE = "additional_properties"

ODD_KEYS = st.sampled_from([ASIDE, "", "$states", "ünknown", "\ufffd", "a.b", "null"]) | st.text(
    max_size=5
)
TIMES = st.sampled_from(
    [
        "2025-04-24T10:32:20-07:00",
        "2025-04-24T10:32:20+0530",
        "2025-04-24 10:32:20.123456789Z",
        "2025-12-31T23:59:59-12:00",
        "2025-04-24T10:32:20",
        "2025-02-30T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "24/04/2025",
        "1745515940000",
    ]
)
# A number without fraction and exponent is read as an integer.
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False).filter(
    lambda number: bool({".", "E"} & set(str(number)))
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.sampled_from([0, 1, -1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**300])
    | DECIMALS
    | st.text(max_size=8)
    | st.text(st.characters(categories=["So", "L", "Nd"]), max_size=4)
    | st.integers().map(str)
    | TIMES
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD_KEYS, inner, max_size=3),
    max_leaves=8,
)


def near(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values more or less of this schema: of its outer shape, with anything inside."""
    kind = kind_of(schema)
    if kind == "object" and "properties" in schema:
        known = {key: near(inner) for key, inner in schema["properties"].items()}
        shaped = st.fixed_dictionaries({}, optional=known)
        return (
            st.builds(
                lambda odd, right: {**odd, **right},
                st.dictionaries(ODD_KEYS, ANYTHING, max_size=2),
                shaped,
            )
            | ANYTHING
        )
    if kind == "array":
        item = near(schema["items"])
        return st.lists(item, max_size=3) | item | ANYTHING
    return ANYTHING


def kind_of(schema: Mapping[str, Any]) -> str:
    kinds = schema["type"]
    (kind,) = {kinds} if isinstance(kinds, str) else set(kinds) - {"null"}
    return str(kind)


def same(left: object, right: object) -> bool:
    """Whether two JSON values are the same in kind and digits: 1, 1.0, true and "1" are not."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return str(left) == str(right) if isinstance(left, Decimal) else left == right


def kept(value: Any, schema: Mapping[str, Any], column: Any, aside: Any) -> bool:
    """Whether a value is whole in its column, whole aside, or in parts in both.

    Args:
        value: What Zoho sent.
        schema: The column's schema.
        column: What the column holds.
        aside: What `additional_properties` holds in the value's place; MISSING if nothing.
    """
    if aside is not MISSING and same(aside, value):
        return True
    if value is None:
        return column is None and aside in {MISSING, None}
    kind = kind_of(schema)
    if kind == "object" and "properties" in schema:
        return isinstance(value, dict) and object_kept(value, schema["properties"], column, aside)
    if kind == "array":
        return _list_kept(value, schema["items"], column, aside)
    return aside is MISSING and _scalar_kept(value, schema, column)


def object_kept(
    value: Mapping[str, Any], properties: Mapping[str, Any], column: Any, aside: Any
) -> bool:
    """Whether every key of an object is kept; unknown ones aside."""
    rest = {} if aside is MISSING else aside
    return (
        isinstance(column, dict)
        and isinstance(rest, dict)
        and rest.keys() <= value.keys()
        and all(
            kept(inner, properties[key], column.get(key), rest.get(key, MISSING))
            if key in properties
            else same(rest.get(key, MISSING), inner)
            for key, inner in value.items()
        )
    )


def _list_kept(value: Any, item: Mapping[str, Any], column: Any, aside: Any) -> bool:
    items = [value] if isinstance(value, dict) else value
    if not isinstance(items, list) or not isinstance(column, list):
        return False
    rests = [None] * len(items) if aside is MISSING else aside
    return (
        isinstance(rests, list)
        and len(items) == len(column) == len(rests)
        and all(
            kept(inner, item, place, MISSING if rest is None else rest)
            for inner, place, rest in zip(items, column, rests, strict=True)
        )
    )


def _scalar_kept(value: Any, schema: Mapping[str, Any], column: Any) -> bool:
    if schema.get("contentMediaType") == "application/json":
        return isinstance(column, str) and same(json.loads(column, parse_float=Decimal), value)
    if schema.get("format") == "date-time":
        return column[-1] == "Z" and instant(column) == instant(value)
    if kind_of(schema) == "integer":
        return type(column) is int and not isinstance(value, bool) and column == Decimal(value)
    if kind_of(schema) == "string" and not isinstance(value, str):
        # A number or a flag in a column of text stands there as JSON spells it.
        return isinstance(column, str) and same(json.loads(column, parse_float=Decimal), value)
    return same(column, value)


def instant(text: str) -> tuple[datetime, str]:
    """The instant to the second, and the digits of its fraction."""
    head, tail = text[:19].replace(" ", "T"), text[19:].replace("Z", "+0000").replace("z", "+0000")
    cut = max(tail.find("+"), tail.find("-"))
    moment = datetime.strptime(head + tail[cut:], "%Y-%m-%dT%H:%M:%S%z")
    return moment, tail[:cut]
