"""The result of a bulk job: a zip archive with one CSV file.

https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html
"""

from __future__ import annotations

import contextlib
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from tap_zohocrm_modules.zoho.records.bulk.jobs import Result
from tap_zohocrm_modules.zoho.records.csv_files.blocks import CsvBlocks, table_reader
from tap_zohocrm_modules.zoho.records.csv_files.cells import OddCsvError
from tap_zohocrm_modules.zoho.records.projection import Projection
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

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
) -> Iterator[tuple[Records, frozenset[str]]]:
    """Yield the records of a result, each time with the ids of those that are not clear.

    Args:
        file: The archive, which is whole.
        result: What the job said of it.
        source: The module, and what is wanted of it.
        projection: Makes the records.

    Raises:
        UnreadableAnswerError: it is not CSV, or has other records than the job said.
    """
    read = 0
    if result.count:
        with _opened(file) as member, contextlib.suppress(OddCsvError):
            for table, unclear in table_reader(result.count, source, projection)(member):
                read += len(table)
                yield table, unclear
    # What is not as Zoho documents is read row by row, which says in what.
    if read != result.count:
        yield from odd_pages(file, result, source, projection, read)


def odd_pages(
    file: BinaryIO, result: Result, source: Source, projection: Projection, read: int = 0
) -> Iterator[tuple[Records, frozenset[str]]]:
    """Yield the records of a result, row by row, after those that have been read; as `pages`."""
    name, count = source.module.api_name, read
    rows = CsvBlocks(source.fields, projection, source.limits, single=True)
    try:
        with _opened(file) as member:
            for table, unclear in rows.tables(member, read):
                count += len(table)
                yield table, unclear
    except OddCsvError as error:
        where = f"line {error.line} of " if error.line else ""
        raise UnreadableAnswerError(
            f"{name}: {where}the result of the bulk job {result.job} {error}."
        ) from error
    if count != result.count:
        raise UnreadableAnswerError(
            f"{name}: the bulk job {result.job} announced {result.count} records, and its result"
            f" has {count}."
        )


@contextlib.contextmanager
def _opened(file: BinaryIO) -> Iterator[BinaryIO]:
    """Open the CSV file of an archive that is whole."""
    with zipfile.ZipFile(file) as archive:
        info = archive.infolist()[0]
        # It has been checked: without it, no more time is spent on it.
        del info.CRC
        with archive.open(info) as member:
            yield cast("BinaryIO", member)
