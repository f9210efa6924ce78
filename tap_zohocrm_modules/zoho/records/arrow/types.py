"""The Arrow type of a column, by its JSON Schema: never inferred from values.

https://arrow.apache.org/docs/format/Columnar.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

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
