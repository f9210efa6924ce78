"""Records in columns of JSON texts, which make lines of JSON without a Python object a value.

They are made of columns of CSV cells by the rules of the one table of field types. Cells in the
shape that Zoho documents are converted all at once. A column in which any cell looks otherwise is
converted by its field type, each different cell once.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from tap_zohocrm_modules.zoho.records.arrow.csv_table import (
    Form,
    all_match,
    are_of,
    by_cell,
    content,
)
from tap_zohocrm_modules.zoho.records.arrow.record_table import ArrowTable
from tap_zohocrm_modules.zoho.records.arrow.values import DECIMAL, INSTANT, arrow_type
from tap_zohocrm_modules.zoho.records.column import Column, column_converter
from tap_zohocrm_modules.zoho.records.conversions import Convert, as_is
from tap_zohocrm_modules.zoho.records.model import RecordField
from tap_zohocrm_modules.zoho.records.records import LineForm
from tap_zohocrm_modules.zoho.transport.instants import utc_each
from tap_zohocrm_modules.zoho.transport.json_text import json_lines, json_text

_SPELT = bytes(range(ord(" "))) + b'"\\'
# As a RECORD has them: no zeros before or behind, and not so small that JSON spells an exponent.
_NUMBER = r"^(0|-?[1-9]\d{0,14}|-?(0|[1-9]\d{0,14})\.\d{0,5}[1-9])$"
# Arrow makes a scalar as slowly as a column.
_QUOTE, _NOTHING = pa.scalar('"', pa.string()), pa.scalar("", pa.string())


def json_texts(values: Sequence[Any]) -> pa.Array:
    """Return the JSON texts of values; null stays null."""
    # No text spans lines: JSON spells their ends.
    texts = json_lines(values).split(b"\n")[:-1]
    return pa.array(
        [None if value is None else text for value, text in zip(values, texts, strict=True)],
        pa.string(),
    )


class JsonTable(ArrowTable):
    """Records in columns of JSON texts."""

    @staticmethod
    @override
    def encoded(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
        return json_texts(values)

    @staticmethod
    @override
    def decoded(column: pa.Array, name: str) -> Sequence[Any]:
        texts = ",".join(column.fill_null("null").to_pylist())
        values: Sequence[Any] = json.loads(f"[{texts}]", parse_float=Decimal)
        return values

    @override
    def lines(self, form: LineForm) -> Iterator[tuple[int, bytes]]:
        (before, after), columns = form.around(), form.shape.columns
        there = [name for name in columns if name in self.block.schema.names]
        literals, literal = [], before.decode("utf-8")
        for lead, name in zip(["{", *"," * len(columns)], columns, strict=False):
            literal += f"{lead}{json_text(name)}:"
            if name in self.block.schema.names:
                literals.append(literal)
                literal = ""
            else:
                literal += "null"
        # A scalar of its own for each takes Arrow as long as all rows.
        *leads, end, nothing = pa.array(
            [*literals, f"{literal}}}{after.decode('utf-8')}\n", ""], pa.string()
        )
        cells = map(self.block.column, there)
        parts = itertools.chain.from_iterable(zip(leads, cells, strict=True))
        yield (
            len(self),
            content(
                pc.binary_join_element_wise(
                    *parts, end, nothing, null_handling="replace", null_replacement="null"
                )
            ),
        )


def converter(field: RecordField, convert: Convert) -> Callable[[pa.Array], Column]:
    """Return what converts the cells of a field, of which empty ones are null.

    Args:
        field: The field.
        convert: Makes a value of one cell, by the table of field types.
    """
    if convert is as_is:
        return lambda cells: Column(_texts(cells))
    return column_converter(
        _AT_ONCE.get(arrow_type(field.type.schema)),
        lambda cells: by_cell(cells.dictionary_encode(), convert, json_texts),
    )


def _texts(cells: pa.Array) -> pa.Array:
    texts = content(cells)
    if len(texts.translate(None, _SPELT)) < len(texts):
        return json_texts(cells.to_pylist())
    return _quoted(cells)


def _quoted(cells: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(_QUOTE, cells, _QUOTE, _NOTHING)


def _integers(cells: pa.Array) -> pa.Array:
    if not are_of(cells, b"0123456789-"):
        raise ValueError("not only digits")
    return cells.cast(pa.int64()).cast(pa.string())


def _numbers(cells: pa.Array) -> pa.Array:
    if not all_match(cells, _NUMBER):
        raise ValueError("not only plain numbers")
    return cells


def _booleans(cells: pa.Array) -> pa.Array:
    if not {None, "true", "false"}.issuperset(pc.unique(cells).to_pylist()):
        raise ValueError("not only true and false")
    return cells


def _instants(cells: pa.Array) -> pa.Array:
    return _quoted(pa.array(utc_each(cells.to_pylist()), pa.string()))


# They raise ValueError for a cell that they do not take exactly as the field types do.
_AT_ONCE: Mapping[pa.DataType, Callable[[pa.Array], pa.Array]] = {
    pa.int64(): _integers,
    DECIMAL: _numbers,
    pa.bool_(): _booleans,
    INSTANT: _instants,
}


LINES = Form(JsonTable, converter)
