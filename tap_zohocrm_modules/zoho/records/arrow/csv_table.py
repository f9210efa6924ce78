"""Tables of the CSV file of a bulk job's result, made by columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa

from tap_zohocrm_modules.zoho.records.arrow import csv_columns, csv_json
from tap_zohocrm_modules.zoho.records.arrow.cells import are_of
from tap_zohocrm_modules.zoho.records.arrow.csv_parts import cell_parts
from tap_zohocrm_modules.zoho.records.arrow.json_table import JsonTable
from tap_zohocrm_modules.zoho.records.arrow.record_table import ArrowTable, RecordTable
from tap_zohocrm_modules.zoho.records.column import Column
from tap_zohocrm_modules.zoho.records.conversions import Convert
from tap_zohocrm_modules.zoho.records.csv_files.cells import OddCsvError
from tap_zohocrm_modules.zoho.records.model import RecordField
from tap_zohocrm_modules.zoho.records.projection import Projection
from tap_zohocrm_modules.zoho.transport.json_text import json_text

_ID_DIGITS = 19


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """What tables are made for.

    Attributes:
        table: The kind of table.
        converter: Returns what converts the cells of a field.
    """

    table: type[ArrowTable]
    converter: Callable[[RecordField, Convert], Callable[[pa.Array], Column]]


FILES = Form(RecordTable, csv_columns.converter)
LINES = Form(JsonTable, csv_json.converter)


class CsvTables:
    """Makes tables of a CSV file.

    Args:
        fields: The fields to make, `id` first.
        projection: Makes values of them.
        form: What the tables are for.
        page_rows: After how many rows a table ends, if it does not before.
    """

    def __init__(
        self, fields: Sequence[RecordField], projection: Projection, form: Form, page_rows: int
    ) -> None:
        self._projection = projection
        self._form = form
        self._page_rows = page_rows
        self._converts = [
            form.converter(field, convert)
            for field, convert in zip(fields, projection.cell_converters(), strict=True)
        ]

    def of(self, file: BinaryIO) -> Iterator[tuple[ArrowTable, frozenset[str]]]:
        """Yield the records, and the ids of those of which not every value is clear.

        Args:
            file: The file, in UTF-8.

        Raises:
            OddCsvError: what comes next has to be read row by row.
            UnreadableAnswerError: the file lacks a field.
        """
        left = self._page_rows
        for part in cell_parts(file, self._projection.places):
            block, unclear = self._block(part.columns)
            begin = 0
            while begin < block.num_rows:
                some = block.slice(begin, left)
                rows = range(begin, begin + some.num_rows)
                ids = frozenset(part.column(0)[row].as_py() for row in unclear if row in rows)
                yield self._form.table(some), ids
                begin, left = rows.stop, (left - some.num_rows) or self._page_rows

    def _block(self, cells: Sequence[pa.Array]) -> tuple[pa.RecordBatch, set[int]]:
        """Return the columns of some records, and which rows are not clear."""
        ids = cells[0]
        if ids.null_count or not are_of(ids, b"0123456789", _ID_DIGITS):
            raise OddCsvError("a record has no id")
        columns = [convert(own) for convert, own in zip(self._converts, cells, strict=True)]
        aside = self._projection.set_aside(columns)
        texts = [json_text(aside[row]) if row in aside else None for row in range(len(ids))]
        arrays = [*(column.values for column in columns), pa.array(texts, pa.string())]
        block = pa.RecordBatch.from_arrays(arrays, names=list(self._projection.columns))
        return block, {row for column in columns for row in column.ambiguous}
