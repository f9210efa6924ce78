"""Records in columns of JSON texts, which make lines of JSON without a Python object a value."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from tap_zohocrm_modules.zoho.records.arrow.cells import content
from tap_zohocrm_modules.zoho.records.arrow.record_table import ArrowTable
from tap_zohocrm_modules.zoho.records.records import LineForm
from tap_zohocrm_modules.zoho.transport.json_text import json_lines, json_text


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
        (before, after), columns = form.around(), form.columns
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
