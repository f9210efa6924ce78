"""The cells of a CSV file in Arrow columns of texts, some rows at a time."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pc_csv

from tap_zohocrm_modules.zoho.records.columnar import OddCsvError

# Larger parts take less time, but more memory.
_PART = 1 << 21


def cell_parts(
    file: BinaryIO, places: Callable[[Sequence[str]], Sequence[int]]
) -> Iterator[pa.RecordBatch]:
    """Yield the cells of the rows after the header; empty ones are null.

    Args:
        file: The file, in UTF-8.
        places: Returns which columns to read, by the names in the header.

    Raises:
        OddCsvError: what comes next has to be read row by row.
    """
    parts = _whole_rows(file)
    first = next(parts, b"")
    end = first.find(b"\n") + 1
    try:
        header = next(csv.reader([first[:end].decode("utf-8-sig")], strict=True), None)
    except (UnicodeDecodeError, csv.Error) as error:
        raise OddCsvError(str(error)) from error
    if not header:
        raise OddCsvError("there is no header")
    wanted = [str(place) for place in places(header)]
    names = [str(place) for place in range(len(header))]
    yield from _columns(first[end:], names, wanted)
    for part in parts:
        yield from _columns(part, names, wanted)


def _columns(rows: bytes, names: Sequence[str], wanted: Sequence[str]) -> Sequence[pa.RecordBatch]:
    if not rows:
        return ()
    try:
        table = pc_csv.read_csv(
            pa.py_buffer(rows),
            read_options=pc_csv.ReadOptions(
                use_threads=False, block_size=len(rows), column_names=names
            ),
            parse_options=pc_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=pc_csv.ConvertOptions(
                include_columns=wanted,
                null_values=[""],
                strings_can_be_null=True,
                default_column_type=pa.string(),
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise OddCsvError(str(error)) from error
    batches: Sequence[pa.RecordBatch] = table.to_batches()
    return batches


def _whole_rows(file: BinaryIO) -> Iterator[bytes]:
    """Yield the file in parts that end where a row does: Arrow itself would read far ahead."""
    rest = b""
    while part := file.read(_PART):
        text = rest + part
        end = text.rfind(b"\n") + 1
        in_quotes = text.count(b'"', 0, end) % 2
        while in_quotes:
            last, end = end, text.rfind(b"\n", 0, end - 1) + 1
            in_quotes ^= text.count(b'"', end, last) % 2
        if not end:
            raise OddCsvError("a row is long")
        yield text[:end]
        rest = text[end:]
    if rest:
        yield rest
