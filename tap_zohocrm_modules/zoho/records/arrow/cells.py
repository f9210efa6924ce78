"""CSV cells in Arrow columns: what their texts are, without Python objects of them, and values.

A column is converted cell by cell where nothing faster does it, each different cell once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tap_zohocrm_modules.zoho.records.column import Column
from tap_zohocrm_modules.zoho.records.conversions import Convert


def content(cells: pa.Array) -> bytes:
    """Return the texts of all cells, one after the other."""
    _, offsets, texts = cells.buffers()
    if not len(cells) or texts is None:
        return b""
    ends = memoryview(offsets).cast("i")
    begin, end = ends[cells.offset], ends[cells.offset + len(cells)]
    return bytes(memoryview(texts)[begin:end])


def lengths(cells: pa.Array) -> tuple[int | None, int | None]:
    """Return the least and the greatest number of bytes of a cell; None where all are null."""
    found = pc.min_max(pc.binary_length(cells)).as_py()
    return found["min"], found["max"]


def are_of(cells: pa.Array, signs: bytes, most: int | None = None) -> bool:
    """Whether all cells are of these signs, and none has more than `most` of them."""
    if content(cells).translate(None, signs):
        return False
    return most is None or (lengths(cells)[1] or 0) <= most


def all_match(cells: pa.Array, shape: str) -> bool:
    """Whether all cells that are not null match a regular expression."""
    return pc.all(pc.match_substring_regex(cells, shape)).as_py() is not False


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
