"""Values as RECORD messages have them in Arrow columns, and back; rows in blocks of columns.

The type of a column follows from its JSON Schema, and is never inferred from values.

https://arrow.apache.org/docs/format/Columnar.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any, TypeAlias

import pyarrow as pa

from tap_zohocrm_modules.zoho.records.conversions import to_number
from tap_zohocrm_modules.zoho.transport.json_text import json_text

Row: TypeAlias = Mapping[str, Any]

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


class Blocks:
    """Makes blocks of one stream.

    A column in which a value does not fit its type is one of strings in that block.

    Args:
        columns: The JSON Schema of each column, in the columns' order.
    """

    def __init__(self, columns: Mapping[str, Mapping[str, Any]]) -> None:
        self._types = {name: arrow_type(schema) for name, schema in columns.items()}

    @property
    def schema(self) -> pa.Schema:
        """The schema of blocks whose values all fit."""
        return pa.schema(list(self._types.items()))

    def of_rows(self, rows: Sequence[Row]) -> pa.RecordBatch:
        """Return a block of rows; columns that a row lacks are null."""
        there = {*rows[0]} if rows else set()
        columns = [_values(rows, name, is_there=name in there) for name in self._types]
        arrays = list(map(encode, columns, self._types.values()))
        return pa.RecordBatch.from_arrays(arrays, names=list(self._types))

    def of_columns(self, block: pa.RecordBatch) -> pa.RecordBatch:
        """Return a block of the columns that the schema has, in its order."""
        found = set(block.schema.names)
        arrays = [
            _typed(block.column(name), kind) if name in found else pa.nulls(len(block), kind)
            for name, kind in self._types.items()
        ]
        return pa.RecordBatch.from_arrays(arrays, names=list(self._types))


def _values(rows: Sequence[Row], name: str, *, is_there: bool) -> list[Any]:
    """Return the values of a column, which the first row has or has not."""
    try:
        # Half of the time of asking each row whether it has the column; most do, or none does.
        return [row[name] for row in rows] if is_there else [row.get(name) for row in rows]
    except KeyError:
        return [row.get(name) for row in rows]


def _typed(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return a column as the schema wants it; one of strings has values that fit no other type."""
    if values.type == kind or values.type == pa.string():
        return values
    return encode(decode(values), kind)
