"""Converts a column of CSV cells cell by cell, each different one once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from tap_zohocrm_modules.zoho.records.column import Column
from tap_zohocrm_modules.zoho.records.conversions import Convert


def by_cell(
    coded: pa.DictionaryArray, convert: Convert, make: Callable[[Sequence[Any]], pa.Array]
) -> Column:
    """Return the converted column.

    Args:
        coded: The cells; empty ones are null.
        convert: Makes a value of one cell, by the table of field types.
        make: Makes a column of values.
    """
    found = Column.of_each(coded.dictionary.to_pylist(), convert)
    values = make(found.values).take(coded.indices)
    if not found.mismatches and not found.ambiguous:
        return Column(values)
    codes = coded.indices.to_pylist()
    wrong = {
        row: found.mismatches[code] for row, code in enumerate(codes) if code in found.mismatches
    }
    unclear = frozenset(row for row, code in enumerate(codes) if code in found.ambiguous)
    return Column(values, wrong, unclear)
