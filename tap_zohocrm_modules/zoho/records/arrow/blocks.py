"""Blocks of Arrow columns, of rows or of tables, as a stream's schema has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from tap_zohocrm_modules.zoho.records.arrow.values import arrow_type, decode, encode

Row = Mapping[str, Any]


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
