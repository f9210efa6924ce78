"""The CSV file of a bulk job's result, read by columns."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa

from tap_zohocrm_modules.zoho.records.arrow.csv_cells import cell_batches
from tap_zohocrm_modules.zoho.records.arrow.csv_columns import are_of, converter
from tap_zohocrm_modules.zoho.records.arrow.record_table import RecordTable
from tap_zohocrm_modules.zoho.records.cell_columns import set_aside
from tap_zohocrm_modules.zoho.records.column import Column
from tap_zohocrm_modules.zoho.records.columnar import OddCsvError
from tap_zohocrm_modules.zoho.records.model import RecordField
from tap_zohocrm_modules.zoho.records.projection import Projection
from tap_zohocrm_modules.zoho.transport.json_text import json_text

# Larger parts are converted faster than what Arrow reads at a time. One has few enough rows to be
# made records, should one read path have to complete another.
_PART = 1 << 21
_ID_DIGITS = 19


class CsvTables:
    """Makes tables of a CSV file.

    Args:
        file: The file, in UTF-8.
        fields: The fields to make, `id` first.
        projection: Makes values of them.
    """

    def __init__(
        self, file: BinaryIO, fields: Sequence[RecordField], projection: Projection
    ) -> None:
        self._projection = projection
        self._names = projection.columns
        self._converts = [
            converter(field, convert)
            for field, convert in zip(fields, projection.cell_converters(), strict=True)
        ]
        self._file = file

    def tables(self) -> Iterator[tuple[RecordTable, frozenset[str]]]:
        """Yield the records, and the ids of those of which not every value is clear.

        Raises:
            OddCsvError: what comes next has to be read row by row.
            UnreadableAnswerError: the file lacks a field.
        """
        parts = _joined(cell_batches(self._file))
        first = next(parts, None)
        if first is None:
            raise OddCsvError
        header = [text or "" for column in first.slice(0, 1) for text in column.to_pylist()]
        places = self._projection.places(header)
        for part in itertools.chain([first.slice(1)], parts):
            if part.num_rows:
                yield self._table([part.column(place) for place in places])

    def _table(self, cells: Sequence[pa.Array]) -> tuple[RecordTable, frozenset[str]]:
        ids = cells[0]
        if ids.null_count or not are_of(ids, b"0123456789", _ID_DIGITS):
            raise OddCsvError("a record has no id")
        columns = [convert(own) for convert, own in zip(self._converts, cells, strict=True)]
        arrays = [*(column.values for column in columns), self._aside(columns, len(ids))]
        unclear = frozenset(row for column in columns for row in column.ambiguous)
        table = RecordTable(pa.RecordBatch.from_arrays(arrays, names=list(self._names)))
        return table, frozenset(ids[row].as_py() for row in unclear)

    def _aside(self, columns: Sequence[Column], rows: int) -> pa.Array:
        """Return the column of what is in no other."""
        aside = set_aside(self._projection, columns)
        if not aside:
            return pa.nulls(rows, pa.string())
        return pa.array(
            [json_text(aside[row]) if row in aside else None for row in range(rows)], pa.string()
        )


def _joined(blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the same rows in larger parts."""
    some: list[pa.RecordBatch] = []
    size = 0
    for block in blocks:
        some.append(block)
        size += block.nbytes
        if size >= _PART:
            yield pa.concat_batches(some)
            some, size = [], 0
    if some:
        yield pa.concat_batches(some)
