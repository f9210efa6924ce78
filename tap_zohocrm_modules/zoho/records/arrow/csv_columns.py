"""Makes Arrow columns of columns of CSV cells, by the rules of the one table of field types.

Cells in the shape that Zoho documents are converted by Arrow, all at once. A column in which any
cell looks otherwise is converted by its field type, each different cell once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tap_zohocrm_modules.zoho.records.arrow.encode import encode
from tap_zohocrm_modules.zoho.records.arrow.types import DECIMAL, INSTANT, arrow_type
from tap_zohocrm_modules.zoho.records.column import Column
from tap_zohocrm_modules.zoho.records.conversions import (
    AmbiguousValueError,
    Convert,
    TypeMismatchError,
    as_is,
)
from tap_zohocrm_modules.zoho.records.model import RecordField

_FEW_DIGITS = 18
_DAY = r"[12]\d{3}-\d\d-\d\d"
_OFFSET = r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"


def _all_match(shape: str) -> Callable[[pa.Array], bool]:
    def match(cells: pa.Array) -> bool:
        return pc.all(pc.match_substring_regex(cells, shape)).as_py() is not False

    return match


def _none_has(sign: str, cells: pa.Array) -> bool:
    return not pc.any(pc.match_substring(cells, sign, ignore_case=True)).as_py()


def _are_few_digits(cells: pa.Array) -> bool:
    # Arrow lets a number that is too great for a decimal run over.
    longest = pc.max(pc.binary_length(cells)).as_py() or 0
    return longest <= _FEW_DIGITS and _none_has("e", cells)


# Whether Arrow takes all of the cells that it takes exactly as the field types do.
_PLAIN: Mapping[pa.DataType, Callable[[pa.Array], bool]] = {
    pa.int64(): functools.partial(_none_has, "x"),
    DECIMAL: _are_few_digits,
    pa.bool_(): _all_match(r"^(true|false)$"),
    pa.date32(): _all_match(f"^{_DAY}$"),
    INSTANT: _all_match(rf"^{_DAY}[T ]\d\d:\d\d:\d\d{_OFFSET}$"),
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
    if is_plain is None:
        return lambda cells: _by_cell(cells.dictionary_encode(), kind, convert)

    def by_column(cells: pa.Array) -> Column:
        coded = cells.dictionary_encode() if kind in _REPEATED else None
        different = cells if coded is None else coded.dictionary
        if is_plain(different):
            try:
                values = different.cast(kind)
                return Column(values if coded is None else values.take(coded.indices))
            except pa.ArrowInvalid:
                pass
        return _by_cell(cells.dictionary_encode() if coded is None else coded, kind, convert)

    return by_column


def _by_cell(coded: pa.DictionaryArray, kind: pa.DataType, convert: Convert) -> Column:
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
    column = encode(values, kind).take(coded.indices)
    if not wrong and not unclear:
        return Column(column)
    codes = coded.indices.to_pylist()
    return Column(
        column,
        {row: wrong[code] for row, code in enumerate(codes) if code in wrong},
        frozenset(row for row, code in enumerate(codes) if code in unclear),
    )
