"""Values as RECORD messages have them in Arrow columns, and back.

The type of a column follows from its JSON Schema, and is never inferred from values.

https://arrow.apache.org/docs/format/Columnar.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tap_zohocrm_modules.zoho.records.conversions import to_number
from tap_zohocrm_modules.zoho.transport.json_text import json_text

DECIMAL = pa.decimal128(38, 20)
"""18 digits before the point, as many as a JSON number has in life, and 20 behind it."""

INSTANT = pa.timestamp("us", "UTC")
STRINGS = pa.list_(pa.string())

_SCALARS: Mapping[str, pa.DataType] = {
    "integer": pa.int64(),
    "number": DECIMAL,
    "boolean": pa.bool_(),
}
_FORMATS: Mapping[str, pa.DataType] = {"date-time": INSTANT, "date": pa.date32()}
_PARSED = frozenset({INSTANT, pa.date32()})


def arrow_type(schema: Mapping[str, Any]) -> pa.DataType:
    """Return the type of a column; what is neither a scalar nor a list of texts is JSON text."""
    kinds = _kinds(schema)
    if kinds == {"string"}:
        return _FORMATS.get(schema.get("format", ""), pa.string())
    if kinds == {"array"} and _kinds(schema.get("items", {})) == {"string"}:
        return STRINGS
    return _SCALARS.get("".join(kinds), pa.string()) if len(kinds) == 1 else pa.string()


def _kinds(schema: Mapping[str, Any]) -> set[str]:
    kinds = schema.get("type", ())
    return ({kinds} if isinstance(kinds, str) else set(kinds)) - {"null"}


def encode(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return the values as a column of this type.

    A column in which a value does not fit the type is one of strings: nothing is rounded or cut.
    """
    if kind == STRINGS and not all(value is None or type(value) is list for value in values):
        return _texts(values)
    if kind == DECIMAL:
        values = [Decimal(str(value)) if type(value) is float else value for value in values]
    try:
        if kind in _PARSED:
            return pa.array(values, pa.string()).cast(kind)
        return pa.array(values, kind)
    except (pa.ArrowException, OverflowError, TypeError):
        return _texts(values)


def _texts(values: Sequence[Any]) -> pa.Array:
    texts = [one if one is None or isinstance(one, str) else json_text(one) for one in values]
    return pa.array(texts, pa.string())


def decode(values: pa.Array) -> Sequence[Any]:
    """Return the values of a column: instants and days as texts, numbers without idle zeros."""
    found: Sequence[Any] = values.to_pylist()
    if pa.types.is_timestamp(values.type):
        return [None if value is None else _instant(value) for value in found]
    if pa.types.is_date(values.type):
        return [None if value is None else date.isoformat(value) for value in found]
    if pa.types.is_decimal(values.type):
        return [None if value is None else to_number(value) for value in found]
    return found


def _instant(value: datetime) -> str:
    text = value.astimezone(timezone.utc).replace(tzinfo=None).isoformat()
    whole, point, fraction = text.partition(".")
    return f"{whole}{point}{fraction.rstrip('0')}Z"
