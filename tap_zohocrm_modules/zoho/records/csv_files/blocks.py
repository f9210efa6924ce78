"""Tables of values, made of the cells of a bulk job's result by columns."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from typing import BinaryIO

from tap_zohocrm_modules.zoho.records.column import (
    ByDifferentCell,
    Column,
    are_ids,
    as_they_are,
    column_converter,
)
from tap_zohocrm_modules.zoho.records.conversions import as_is
from tap_zohocrm_modules.zoho.records.csv_files.cells import Cells, OddCsvError, cell_blocks
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import RecordField
from tap_zohocrm_modules.zoho.records.projection import Projection
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.records.value_table import Block, ValueTable


class CsvBlocks:
    """Makes tables of cells.

    Args:
        fields: The fields to make, `id` first.
        projection: Makes values of them.
        limits: How many rows a table has, and how long one may be.
        single: Take the rows one by one, so that each that can be read is.
    """

    def __init__(
        self,
        fields: Sequence[RecordField],
        projection: Projection,
        limits: Limits,
        *,
        single: bool = False,
    ) -> None:
        self._single = single
        self._projection = projection
        self._limits = limits
        self._converts = [
            as_they_are
            if convert is as_is
            else column_converter(field.type.csv_at_once, ByDifferentCell(convert))
            for field, convert in zip(fields, projection.cell_converters(), strict=True)
        ]

    def tables(
        self, file: BinaryIO, skipped: int = 0
    ) -> Iterator[tuple[ValueTable, frozenset[str]]]:
        """Yield the records, and the ids of those of which not every value is clear.

        Args:
            file: The file, in UTF-8.
            skipped: How many records to leave out at its beginning, if rows are taken one by one.

        Raises:
            OddCsvError: what comes next has to be read row by row, or cannot be read.
            UnreadableAnswerError: the file lacks a field, or a row an id.
        """
        parts = cell_blocks(file, self._limits, single=self._single)
        header = [name or "" for [name] in next(parts)]
        places = self._projection.places(header)
        blocks: list[Block] = []
        unclear: set[str] = set()
        found = 0
        for cells in itertools.islice(parts, skipped, None):
            block, odd = self._block([cells[place] for place in places])
            blocks.append(block)
            unclear |= odd
            found += len(block[0])
            if found == self._limits.job_page_rows:
                yield ValueTable(self._projection.columns, blocks), frozenset(unclear)
                blocks, unclear, found = [], set(), 0
        if blocks:
            yield ValueTable(self._projection.columns, blocks), frozenset(unclear)

    def _block(self, cells: Cells) -> tuple[Block, set[str]]:
        ids = cells[0]
        if self._single:
            self._projection.check_id(ids[0] or None)
        elif not are_ids(ids):
            raise OddCsvError("has a record without an id")
        columns: list[Column] = [
            convert(own) for convert, own in zip(self._converts, cells, strict=True)
        ]
        aside = self._projection.set_aside(column.mismatches for column in columns)
        block = [*(column.values for column in columns), [*map(aside.get, range(len(ids)))]]
        return block, {str(ids[row]) for column in columns for row in column.ambiguous}


def table_reader(
    count: int, source: Source, projection: Projection
) -> Callable[[BinaryIO], Iterator[tuple[Records, frozenset[str]]]]:
    """Return what reads so many records fastest, of what is installed."""
    limits = source.limits
    if source.columnar or (count >= limits.arrow_rows and find_spec("pyarrow")):
        # They need the extra `arrow`.
        from tap_zohocrm_modules.zoho.records.arrow.csv_columns import FILES  # noqa: PLC0415
        from tap_zohocrm_modules.zoho.records.arrow.csv_table import CsvTables  # noqa: PLC0415
        from tap_zohocrm_modules.zoho.records.arrow.json_table import LINES  # noqa: PLC0415

        form, rows = (FILES, count) if source.columnar else (LINES, limits.job_page_rows)
        return CsvTables(source.fields, projection, form, rows).tables
    return CsvBlocks(source.fields, projection, limits).tables
