"""Makes Arrow columns of columns of CSV cells, by the rules of the one table of field types.

Cells in the shape that Zoho documents are converted by Arrow, all at once. A column in which any
cell looks otherwise is converted by its field type, each different cell once.
"""

from __future__ import annotations

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
_INSTANT_SHAPE = b"0000-00-00T00:00:00-00:00"
_HOURS, _MINUTES = 20, 23
_ALIKE = bytes.maketrans(b"123456789 +", b"000000000T-")


def _are_integers(cells: pa.Array) -> bool:
    return are_of(cells, b"0123456789-")


def _are_numbers(cells: pa.Array) -> bool:
    # Arrow lets a number that is too great for a decimal run over.
    return are_of(cells, b"0123456789.-", _FEW_DIGITS)


def _are_booleans(cells: pa.Array) -> bool:
    return {None, "true", "false"}.issuperset(cells.to_pylist())


def _are_days(cells: pa.Array) -> bool:
    return _all_match(cells, f"^{_DAY}$")


def _are_instants(cells: pa.Array) -> bool:
    # Nearly all say an offset of whole or half hours; to look at each cell takes ten times as long.
    texts, size = _content(cells), len(_INSTANT_SHAPE)
    shapes = _INSTANT_SHAPE * (len(texts) // size)
    return (
        _lengths(cells) == (size, size)
        and texts.translate(_ALIKE) == shapes
        and not texts[::size].translate(None, b"12")
        and not texts[_HOURS::size].translate(None, b"01")
        and not texts[_MINUTES::size].translate(None, b"012345")
    ) or _all_match(cells, rf"^{_DAY}[T ]\d\d:\d\d:\d\d{_OFFSET}$")


def _all_match(cells: pa.Array, shape: str) -> bool:
    return pc.all(pc.match_substring_regex(cells, shape)).as_py() is not False


def _lengths(cells: pa.Array) -> tuple[int | None, int | None]:
    """Return the least and the greatest number of bytes of a cell; None where all are null."""
    found = pc.min_max(pc.binary_length(cells)).as_py()
    return found["min"], found["max"]


def are_of(cells: pa.Array, signs: bytes, most: int | None = None) -> bool:
    """Whether all cells are of these signs, and none has more than `most` of them."""
    if _content(cells).translate(None, signs):
        return False
    return most is None or (_lengths(cells)[1] or 0) <= most


def _content(cells: pa.Array) -> bytes:
    """Return the texts of all cells, one after the other."""
    _, offsets, texts = cells.buffers()
    if not len(cells) or texts is None:
        return b""
    ends = memoryview(offsets).cast("i")
    begin, end = ends[cells.offset], ends[cells.offset + len(cells)]
    return bytes(memoryview(texts)[begin:end])


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
