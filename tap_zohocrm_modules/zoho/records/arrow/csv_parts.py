"""The cells of a CSV file in Arrow columns of texts, some rows at a time."""

from __future__ import annotations

import codecs
import contextlib
import csv
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pc_csv

from tap_zohocrm_modules.zoho.records.csv_files.cells import OddCsvError

# Larger parts take less time, but more memory.
_PART = 1 << 21


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
