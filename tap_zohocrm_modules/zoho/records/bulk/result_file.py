"""The result of a bulk job: a zip archive with one CSV file.

https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO, TextIO, cast

from tap_zohocrm_modules.zoho.records.bulk.jobs import Result
from tap_zohocrm_modules.zoho.records.columnar import Columnar, OddCsvError
from tap_zohocrm_modules.zoho.records.csv_files.reader import table_reader
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.projection import Projection, Record
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

# The longest rich text has 50,000 characters, the longest cell that Zoho documents.
_LONGEST_CELL = 1 << 24
# 200,000 records of 100,000 bytes.
_MOST_BYTES = 20_000_000_000
_ENCRYPTED = 0x1
_COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def is_whole(file: BinaryIO, name: str, job: str) -> bool:
    """Whether a result has come undamaged.

    Args:
        file: The archive.
        name: The module, for errors.
        job: The job, for errors.

    Raises:
        UnreadableAnswerError: no further download would help: it is not what Zoho documents.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            if not archive.namelist():
                return False
            _check(archive.infolist()[0], name, job)
            return archive.testzip() is None
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return False


def _check(member: zipfile.ZipInfo, name: str, job: str) -> None:
    if member.flag_bits & _ENCRYPTED:
        fault = "is encrypted"
    elif member.compress_type not in _COMPRESSIONS:
        fault = f"is compressed by an unknown method ({member.compress_type})"
    elif member.file_size > _MOST_BYTES:
        fault = f"unpacks to {member.file_size:,} bytes, which no 200,000 records have"
    else:
        return
    raise UnreadableAnswerError(f"{name}: the result of the bulk job {job} {fault}.")


def pages(
    file: BinaryIO, result: Result, source: Source, projection: Projection
) -> Iterator[tuple[Sequence[Record], frozenset[str]]]:
    """Yield the records of a result, each time with the ids of those that are not clear.

    Args:
        file: The archive, which is whole.
        result: What the job said of it.
        source: The module, and what is wanted of it.
        projection: Makes the records.

    Raises:
        UnreadableAnswerError: it is no CSV, or has other records than the job said.
    """
    csv.field_size_limit(_LONGEST_CELL)
    read = 0
    if result.count:
        for table, unclear in _tables(file, result.count, source, projection):
            read += len(table)
            yield table, unclear
        if read == result.count:
            return
    # What is not as Zoho documents is read row by row, which says in what.
    limits, name = source.limits, source.module.api_name
    found = records(file, result, projection, name, limits.row_characters)
    rows = itertools.islice(found, read, None)
    while some := list(itertools.islice(rows, limits.job_page_rows)):
        unclear = frozenset(record[ID] for record, is_clear in some if not is_clear)
        yield [record for record, _ in some], unclear


def _tables(
    file: BinaryIO, count: int, source: Source, projection: Projection
) -> Iterator[tuple[Columnar, frozenset[str]]]:
    """Yield the records in columns, up to what has to be read row by row."""
    with _opened(file) as member, contextlib.suppress(OddCsvError):
        yield from table_reader(count, source, projection)(member)


@contextlib.contextmanager
def _opened(file: BinaryIO) -> Iterator[BinaryIO]:
    """Open the CSV file of an archive that is whole."""
    with zipfile.ZipFile(file) as archive:
        info = archive.infolist()[0]
        # It has been checked: without it, no more time is spent on it.
        del info.CRC
        with archive.open(info) as member:
            yield cast("BinaryIO", member)


def records(
    file: BinaryIO, result: Result, projection: Projection, name: str, row_characters: int
) -> Iterator[tuple[Record, bool]]:
    """Yield the records of a result, each with whether all of its values are clear.

    Args:
        file: The archive, which is whole.
        result: What the job said of it.
        projection: Makes the records.
        name: The module, for errors.
        row_characters: How long a row may be.

    Raises:
        UnreadableAnswerError: it is no CSV, or has other records than the job said.
    """
    if result.count == 0:
        return
    count = 0
    with _opened(file) as member:
        # No document says whether there is a byte order mark.
        lines = _RowLines(io.TextIOWrapper(member, "utf-8-sig", newline=""), row_characters)
        reader = csv.reader(lines)
        rows = _readable(reader, lines, name, result.job)
        header = next(rows, [])
        convert = projection.from_csv(header)
        for row in rows:
            if len(row) != len(header):
                raise UnreadableAnswerError(
                    f"{name}: line {reader.line_num} of the result of the bulk job {result.job}"
                    f" has {len(row)} cells of {len(header)}."
                )
            count += 1
            yield convert(row)
    if count != result.count:
        raise UnreadableAnswerError(
            f"{name}: the bulk job {result.job} announced {result.count} records, and its result"
            f" has {count}."
        )


class _RowLines:
    """The lines of a text, of which none, and no row of them, takes more memory than it may."""

    def __init__(self, text: TextIO, most: int) -> None:
        self._text = text
        self._most = most
        self._in_row = 0

    def __iter__(self) -> Iterator[str]:
        """Yield the lines with their ends."""
        while line := self._text.readline(self._most):
            self._in_row += len(line)
            if self._in_row >= self._most:
                raise csv.Error(f"a row has more than {self._most:,} characters")
            yield line

    def end_row(self) -> None:
        """Count from the next line on."""
        self._in_row = 0


def _readable(
    rows: Iterator[list[str]], lines: _RowLines, name: str, job: str
) -> Iterator[list[str]]:
    try:
        for row in rows:
            lines.end_row()
            yield row
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnreadableAnswerError(
            f"{name}: the result of the bulk job {job} is no CSV in UTF-8: {error}."
        ) from error
