"""Makes Arrow columns of columns of CSV cells, by the rules of the one table of field types.

Cells in the shape that Zoho documents are converted by Arrow, all at once. A column in which any
cell looks otherwise is converted by its field type, each different cell once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import pyarrow as pa

from tap_zohocrm_modules.zoho.records.arrow.csv_table import (
    Form,
    all_match,
    are_of,
    by_cell,
    content,
)
from tap_zohocrm_modules.zoho.records.arrow.record_table import RecordTable
from tap_zohocrm_modules.zoho.records.arrow.values import DECIMAL, INSTANT, arrow_type, encode
from tap_zohocrm_modules.zoho.records.column import Column, column_converter
from tap_zohocrm_modules.zoho.records.conversions import (
    Convert,
    as_is,
)
from tap_zohocrm_modules.zoho.records.model import RecordField

_FEW_DIGITS = 18
_DAY = r"[12]\d{3}-\d\d-\d\d"
# Instants with all digits 0, by their length.
_INSTANTS = {len(shape): shape for shape in (b"0000-00-00T00:00:00Z", b"0000-00-00T00:00:00-00:00")}
_ALIKE = bytes.maketrans(b"123456789 +", b"000000000T-")


def _are_integers(cells: pa.Array) -> bool:
    return are_of(cells, b"0123456789-")


def _are_numbers(cells: pa.Array) -> bool:
    # Arrow lets a number that is too great for a decimal run over.
    return are_of(cells, b"0123456789.-", _FEW_DIGITS)


def _are_booleans(cells: pa.Array) -> bool:
    return {None, "true", "false"}.issuperset(cells.to_pylist())


def _are_days(cells: pa.Array) -> bool:
    return all_match(cells, f"^{_DAY}$")


def _are_instants(cells: pa.Array) -> bool:
    # Nearly all are as long as one another. Arrow takes no cells that two of them could be cut into
    # otherwise; to look at each cell takes ten times as long.
    texts, count = content(cells), len(cells) - cells.null_count
    size = len(texts) // (count or 1)
    if size in _INSTANTS and texts.translate(_ALIKE) == _INSTANTS[size] * count:
        return not texts[::size].translate(None, b"12")
    return all_match(cells, rf"^{_DAY}[T ]\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$")


# Whether Arrow takes the cells, if it takes all, exactly as the field types do.
_PLAIN: Mapping[pa.DataType, Callable[[pa.Array], bool]] = {
    pa.int64(): _are_integers,
    DECIMAL: _are_numbers,
    pa.bool_(): _are_booleans,
    pa.date32(): _are_days,
    INSTANT: _are_instants,
}
# Of which there are few different ones.
_REPEATED = frozenset({pa.bool_(), pa.date32()})


def converter(field: RecordField, convert: Convert) -> Callable[[pa.Array], Column]:
    """Return what converts the cells of a field, of which empty ones are null.

    Args:
        field: The field.
        convert: Makes a value of one cell, by the table of field types.
    """
    if convert is as_is:
        return Column
    kind = arrow_type(field.type.schema)
    is_plain = _PLAIN.get(kind)
    make = functools.partial(encode, kind=kind)
    hashes = None if field.type.hashes_read is None else field.type.csv_at_once
    if hashes is not None:
        # Of private values there are as many as there are rows.
        return column_converter(
            lambda cells: make(hashes(cells.to_pylist())),
            lambda cells: by_cell(cells.dictionary_encode(), convert, make),
        )

    def at_once(cells: pa.Array) -> pa.Array:
        if kind in _REPEATED:
            coded = cells.dictionary_encode()
            return plain(coded.dictionary).take(coded.indices)
        return plain(cells)

    def plain(cells: pa.Array) -> pa.Array:
        if is_plain is None or not is_plain(cells):
            raise ValueError("not in the shape that Zoho documents")
        # ArrowInvalid is a ValueError.
        return cells.cast(kind)

    return column_converter(
        None if is_plain is None else at_once,
        lambda cells: by_cell(cells.dictionary_encode(), convert, make),
    )


FILES = Form(RecordTable, converter)
