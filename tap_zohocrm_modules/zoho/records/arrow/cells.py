"""Converts a column of CSV cells cell by cell, each different one once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from tap_zohocrm_modules.zoho.records.column import Column
from tap_zohocrm_modules.zoho.records.conversions import (
    AmbiguousValueError,
    Convert,
    TypeMismatchError,
)


def by_cell(
    coded: pa.DictionaryArray, convert: Convert, make: Callable[[Sequence[Any]], pa.Array]
) -> Column:
    """Return the converted column.

    Args:
        coded: The cells; empty ones are null.
        convert: Makes a value of one cell, by the table of field types.
        make: Makes a column of values.
    """
    values: list[Any] = []
    wrong: dict[int, str] = {}
    unclear: set[int] = set()
    for code, cell in enumerate(coded.dictionary.to_pylist()):
        value = None
        try:
            value = convert(cell)
        except TypeMismatchError:
            wrong[code] = cell
        except AmbiguousValueError:
            unclear.add(code)
        values.append(value)
    column = make(values).take(coded.indices)
    if not wrong and not unclear:
        return Column(column)
    codes = coded.indices.to_pylist()
    return Column(
        column,
        {row: wrong[code] for row, code in enumerate(codes) if code in wrong},
        frozenset(row for row, code in enumerate(codes) if code in unclear),
    )
