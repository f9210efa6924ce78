"""The CSV file of a bulk job's result, read by columns."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, TextIO

from tap_zohocrm_modules.zoho.records.cell_columns import converter, set_aside
from tap_zohocrm_modules.zoho.records.column import Column
from tap_zohocrm_modules.zoho.records.columnar import OddCsvError
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import RecordField
from tap_zohocrm_modules.zoho.records.projection import Projection, is_id
from tap_zohocrm_modules.zoho.records.value_table import Block, ValueTable

# So few rows stay in the processor's cache until they are converted: half the time.
_ROWS = 125
_PART = 1 << 16


class CsvBlocks:
    """Makes tables of a CSV file.

    Args:
        file: The file, in UTF-8.
        fields: The fields to make, `id` first.
        projection: Makes values of them.
        limits: How long a row and a table may be.
    """

    def __init__(
        self,
        file: BinaryIO,
        fields: Sequence[RecordField],
        projection: Projection,
        limits: Limits,
    ) -> None:
        self._projection = projection
        self._most = limits.row_characters
        self._table_rows = limits.job_page_rows
        # No document says whether there is a byte order mark.
        self._text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        self._converts = [
            converter(field.type, convert)
            for field, convert in zip(fields, projection.cell_converters(), strict=True)
        ]
        self._characters = 0

    def tables(self) -> Iterator[tuple[ValueTable, frozenset[str]]]:
        """Yield the records, and the ids of those of which not every value is clear.

        Raises:
            OddCsvError: what comes next has to be read row by row.
            UnreadableAnswerError: the file lacks a field.
        """
        try:
            yield from self._tables()
        except (csv.Error, UnicodeDecodeError) as error:
            raise OddCsvError(str(error)) from error

    def _tables(self) -> Iterator[tuple[ValueTable, frozenset[str]]]:
        rows = csv.reader(itertools.chain.from_iterable(_lines(self._text, self._check)))
        header = next(rows, [])
        places = self._projection.places(header)
        blocks: list[Block] = []
        unclear: set[str] = set()
        found = 0
        while some := list(itertools.islice(rows, min(_ROWS, self._table_rows - found))):
            self._characters = 0
            if set(map(len, some)) != {len(header)}:
                raise OddCsvError("a row has more cells than another")
            cells = list(zip(*some, strict=True))
            block, odd = self._block([cells[place] for place in places])
            blocks.append(block)
            unclear |= odd
            found += len(some)
            if found == self._table_rows:
                yield ValueTable(self._projection.columns, blocks), frozenset(unclear)
                blocks, unclear, found = [], set(), 0
        if blocks:
            yield ValueTable(self._projection.columns, blocks), frozenset(unclear)

    def _block(self, cells: Sequence[Sequence[str]]) -> tuple[Block, set[str]]:
        ids = cells[0]
        if not all(map(is_id, ids)):
            raise OddCsvError("a record has no id")
        columns: list[Column] = [
            convert(own) for convert, own in zip(self._converts, cells, strict=True)
        ]
        aside = set_aside(self._projection, columns)
        block = [*(column.values for column in columns), [*map(aside.get, range(len(ids)))]]
        return block, {ids[row] for column in columns for row in column.ambiguous}

    def _check(self, characters: int) -> None:
        """Make sure that no row takes more memory than it may.

        Raises:
            OddCsvError: these characters more, and one might.
        """
        self._characters += characters
        if self._characters > self._most:
            raise OddCsvError("rows are long")


def _lines(text: TextIO, check: Callable[[int], None]) -> Iterator[Sequence[str]]:
    """Yield lines with their ends, some at a time; a line by line read takes twice as long."""
    rest = ""
    while part := text.read(_PART):
        check(len(part))
        *lines, rest = io.StringIO(rest + part, newline="")
        yield lines
    if rest:
        yield [rest]
