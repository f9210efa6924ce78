"""Tables of the CSV file of a bulk job's result, made by columns.

Its cells come as Arrow columns of texts, some rows at a time. What they are is seen without Python
objects of them; a column is converted cell by cell where nothing faster does it, each different
cell once.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv

from tap_zohocrm_modules.zoho.records.arrow.record_table import ArrowTable
from tap_zohocrm_modules.zoho.records.column import Column
from tap_zohocrm_modules.zoho.records.conversions import Convert
from tap_zohocrm_modules.zoho.records.csv_files.cells import OddCsvError
from tap_zohocrm_modules.zoho.records.model import RecordField
from tap_zohocrm_modules.zoho.records.projection import Projection
from tap_zohocrm_modules.zoho.transport.json_text import json_text

# Larger parts take less time, but more memory.
_PART = 1 << 21
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

    def tables(self, file: BinaryIO) -> Iterator[tuple[ArrowTable, frozenset[str]]]:
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
        aside = self._projection.set_aside(column.mismatches for column in columns)
        texts = [json_text(aside[row]) if row in aside else None for row in range(len(ids))]
        arrays = [*(column.values for column in columns), pa.array(texts, pa.string())]
        block = pa.RecordBatch.from_arrays(arrays, names=list(self._projection.columns))
        return block, {row for column in columns for row in column.ambiguous}


def cell_parts(
    file: BinaryIO, places: Callable[[Sequence[str]], Sequence[int]], part: int = _PART
) -> Iterator[pa.RecordBatch]:
    """Yield the cells of the rows after the header; empty ones are null.

    Args:
        file: The file, in UTF-8.
        places: Returns which columns to read, by the names in the header.
        part: How many bytes are read at a time; each row has to fit in.

    Raises:
        OddCsvError: what comes next has to be read row by row.
    """
    text = file.read(part)
    begin = text.find(b"\n") + 1
    try:
        header = next(csv.reader([text[:begin].decode("utf-8-sig")], strict=True), None)
    except (UnicodeDecodeError, csv.Error) as error:
        raise OddCsvError(str(error)) from error
    if not header:
        raise OddCsvError("there is no header")
    rows = _Rows(len(header), places(header))
    # Arrow itself would read far ahead.
    while more := file.read(part):
        cells, end = rows.whole(text, begin)
        yield cells
        text, begin = text[end:] + more, 0
    if begin < len(text):
        yield rows.cells(text, begin, len(text))


class _Rows:
    """Reads rows of a file.

    Args:
        width: How many cells a row has.
        places: Which of them are wanted.
    """

    def __init__(self, width: int, places: Sequence[int]) -> None:
        self._names = [str(place) for place in range(width)]
        self._wanted = [str(place) for place in places]
        self._parse = pc_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
        self._convert = pc_csv.ConvertOptions(
            include_columns=[*dict.fromkeys([*self._wanted, self._names[-1]])],
            null_values=[""],
            strings_can_be_null=True,
            # Only pyarrow 25 and later know a default.
            column_types=dict.fromkeys(self._names, pa.string()),
        )

    def whole(self, text: bytes, begin: int) -> tuple[pa.RecordBatch, int]:
        """Return the cells of all rows that end in a text, and where the last one does."""
        end = text.rfind(b"\n") + 1
        # To count quotes takes a quarter of the time of reading, and few cells have several lines.
        with contextlib.suppress(OddCsvError):
            cells = self._read(text, begin, end)
            last = cells.column(self._names[-1])[-1].as_py() or ""
            if not last.endswith("\n"):
                return cells.select(self._wanted), end
        # The last cell may go on.
        in_quotes = text.count(b'"', begin, end) % 2
        while in_quotes:
            after, end = end, max(begin, text.rfind(b"\n", begin, end - 1) + 1)
            in_quotes ^= text.count(b'"', end, after) % 2
        return self.cells(text, begin, end), end

    def cells(self, text: bytes, begin: int, end: int) -> pa.RecordBatch:
        """Return the cells of rows."""
        return self._read(text, begin, end).select(self._wanted)

    def _read(self, text: bytes, begin: int, end: int) -> pa.RecordBatch:
        if end <= begin:
            raise OddCsvError("a row is long")
        if text.startswith(codecs.BOM_UTF8, begin):
            # Arrow would take it for the mark of a file, and drop it.
            raise OddCsvError("a cell begins with a byte order mark")
        try:
            [rows] = pc_csv.read_csv(
                pa.py_buffer(text).slice(begin, end - begin),
                read_options=pc_csv.ReadOptions(
                    use_threads=False, block_size=end - begin, column_names=self._names
                ),
                parse_options=self._parse,
                convert_options=self._convert,
            ).to_batches()
        except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
            raise OddCsvError(str(error)) from error
        return rows


def content(cells: pa.Array) -> bytes:
    """Return the texts of all cells, one after the other."""
    _, offsets, texts = cells.buffers()
    if not len(cells) or texts is None:
        return b""
    ends = memoryview(offsets).cast("i")
    begin, end = ends[cells.offset], ends[cells.offset + len(cells)]
    return bytes(memoryview(texts)[begin:end])


def lengths(cells: pa.Array) -> tuple[int | None, int | None]:
    """Return the least and the greatest number of bytes of a cell; None where all are null."""
    found = pc.min_max(pc.binary_length(cells)).as_py()
    return found["min"], found["max"]


def are_of(cells: pa.Array, signs: bytes, most: int | None = None) -> bool:
    """Whether all cells are of these signs, and none has more than `most` of them."""
    if content(cells).translate(None, signs):
        return False
    return most is None or (lengths(cells)[1] or 0) <= most


def all_match(cells: pa.Array, shape: str) -> bool:
    """Whether all cells that are not null match a regular expression."""
    return pc.all(pc.match_substring_regex(cells, shape)).as_py() is not False


def by_cell(
    coded: pa.DictionaryArray, convert: Convert, make: Callable[[Sequence[Any]], pa.Array]
) -> Column:
    """Return the converted column.

    Args:
        coded: The cells; empty ones are null.
        convert: Makes a value of one cell, by the table of field types.
        make: Makes a column of values.
    """
    found = Column.of_each(coded.dictionary.to_pylist(), convert)
    values = make(found.values).take(coded.indices)
    if not found.mismatches and not found.ambiguous:
        return Column(values)
    codes = coded.indices.to_pylist()
    wrong = {
        row: found.mismatches[code] for row, code in enumerate(codes) if code in found.mismatches
    }
    unclear = frozenset(row for row, code in enumerate(codes) if code in found.ambiguous)
    return Column(values, wrong, unclear)
