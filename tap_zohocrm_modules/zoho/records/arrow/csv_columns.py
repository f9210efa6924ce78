"""Makes Arrow columns of columns of CSV cells, by the rules of the one table of field types.

Cells in the shape that Zoho documents are converted by Arrow, all at once. A column in which any
cell looks otherwise is converted by its field type, each different cell once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tap_zohocrm_modules.zoho.records.arrow.encode import encode
from tap_zohocrm_modules.zoho.records.arrow.types import DECIMAL, INSTANT, arrow_type
from tap_zohocrm_modules.zoho.records.conversions import (
    AmbiguousValueError,
    Convert,
    TypeMismatchError,
    as_is,
)
from tap_zohocrm_modules.zoho.records.model import RecordField

_DAY = r"[12]\d{3}-\d\d-\d\d"
_OFFSET = r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
# Of what Arrow takes, that which it takes exactly as the field types do.
_PLAIN: Mapping[pa.DataType, str] = {
    pa.int64(): r"^-?\d{1,18}$",
    DECIMAL: r"^-?\d{1,15}(\.\d{1,15})?$",
    pa.bool_(): r"^(true|false)$",
    pa.date32(): f"^{_DAY}$",
    INSTANT: rf"^{_DAY}[T ]\d\d:\d\d:\d\d{_OFFSET}$",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """A converted column.

    Attributes:
        values: The values.
        mismatches: The cells of another type, by the number of their row.
        ambiguous: The numbers of rows whose value another read path has to decide.
    """

    values: pa.Array
    mismatches: Mapping[int, str] = dataclasses.field(default_factory=dict)
    ambiguous: frozenset[int] = frozenset()


def converter(field: RecordField, convert: Convert) -> Callable[[pa.Array], Column]:
    """Return what converts the cells of a field, of which empty ones are null.

    Args:
        field: The field.
        convert: Makes a value of one cell, by the table of field types.
    """
    if convert is as_is:
        return Column
    kind = arrow_type(field.type.schema)
    plain = _PLAIN.get(kind)
    if plain is None:
        return lambda cells: _by_cell(cells, kind, convert)

    def by_column(cells: pa.Array) -> Column:
        if pc.all(pc.match_substring_regex(cells, plain)).as_py() is not False:
            try:
                return Column(cells.cast(kind))
            except pa.ArrowInvalid:
                pass
        return _by_cell(cells, kind, convert)

    return by_column


def _by_cell(cells: pa.Array, kind: pa.DataType, convert: Convert) -> Column:
    coded = cells.dictionary_encode()
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
