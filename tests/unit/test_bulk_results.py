"""What Bulk Read sends is what Zoho documents, or a clear error that names the module."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timezone
from typing import Any, BinaryIO
from unittest import mock

import pytest

from tap_zohocrm_modules.zoho.records.bulk.reader import BulkReader
from tap_zohocrm_modules.zoho.records.field_types import NUMERAL, TEXT
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import ID, RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.pacer import DownloadPacer
from tap_zohocrm_modules.zoho.records.reading import Source, Window
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.machine import Machine

FIELDS = (RecordField(ID, ID, NUMERAL), RecordField("Name", "Name", TEXT))
LIMITS = Limits()
WINDOW = Window(None, datetime(2026, 1, 1, tzinfo=timezone.utc), unstamped=True)


class Zoho:
    """Exports the same archive for every job."""

    def __init__(self, archive: bytes, *, more: bool = False) -> None:
        self.archive = archive
        self.more = more
        self.jobs = 0
        self.machine = Machine()
        self.policy = mock.Mock(first_wait=0)

    def call(self, call: Call) -> Answer:
        if call.method == "POST":
            self.jobs += 1
            return Answer(201, {"data": [{"details": {"id": str(self.jobs)}}]})
        result: dict[str, Any] = {"count": 1, "more_records": self.more, "download_url": "/x"}
        return Answer(200, {"data": [{"state": "COMPLETED", "result": result}]})

    def download(self, _: Call, file: BinaryIO) -> None:
        file.write(self.archive)


def archive(text: str = "Id,Name\n1,Emma\n", method: int = zipfile.ZIP_DEFLATED) -> bytearray:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed:
        packed.writestr("1.csv", text)
    return bytearray(file.getvalue())


def patched(place: int, value: int) -> bytes:
    """An archive of which the local and the central header have another value somewhere."""
    data = archive()
    data[place] = value
    central = data.index(b"PK\x01\x02")
    data[central + place + 2] = value
    return bytes(data)


def read(zoho: Zoho, limits: Limits = LIMITS) -> list[str]:
    module = RecordModule("Books", "Books", "custom", FIELDS)
    source = Source(zoho, module, FIELDS, "Books", limits)  # type: ignore[arg-type]
    reader = BulkReader(source, DownloadPacer(Machine()))
    return [record["Name"] for page in reader.pages(WINDOW) for record in page.records]


def test_an_archive_is_read() -> None:
    assert read(Zoho(bytes(archive()))) == ["Emma"]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (patched(6, 1), "is encrypted"),
        (patched(8, 99), "is compressed by an unknown method"),
        (bytes(archive("Id,Name\n,Emma\n")), "a record without an id"),
        (bytes(archive("Id,Name\n-1,Emma\n")), "a record with the id '-1'"),
        (bytes(archive("Id,Name\n1,Emma,3\n")), "has 3 cells of 2"),
        (bytes(archive("Id\n1\n")), "lacks Name"),
        (bytes(archive("Id,Name\n1,Emma\n2,Ulysses\n")), "announced 1 records"),
        (b"no archive", "came damaged 3 times"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_names_the_module(data: bytes, fault: str) -> None:
    with pytest.raises(UnreadableAnswerError, match=rf"^Books: .*{fault}"):
        read(Zoho(data))


def test_an_export_without_progress_ends_after_the_third_job() -> None:
    zoho = Zoho(bytes(archive()), more=True)
    with pytest.raises(UnreadableAnswerError, match=r"^Books: .* would never end"):
        read(zoho)
    # As many records as one job exports may have come, and moved the others on by a job.
    assert zoho.jobs == 4


@pytest.mark.parametrize("row", ["x" * 5_000, '"' + "x\n" * 2_500 + '"'])
def test_a_row_that_would_fill_the_memory_is_an_error(row: str) -> None:
    text = f"Id,Name\n1,{row}\n"
    with pytest.raises(UnreadableAnswerError, match=r"^Books: .* more than 1,000 characters"):
        read(Zoho(bytes(archive(text))), Limits(row_characters=1_000))


def test_a_large_result_is_read_little_ahead_of_its_tables() -> None:
    # They need the extra `arrow`.
    from tap_zohocrm_modules.zoho.records.arrow.csv_table import CsvTables  # noqa: PLC0415
    from tap_zohocrm_modules.zoho.records.arrow.json_table import LINES  # noqa: PLC0415

    line = b"1," + 1_000 * b"x" + b"\n"
    file = io.BytesIO(b"Id,Name\n" + 40_000 * line)
    module = RecordModule("Books", "Books", "custom", FIELDS)
    projection = Source(mock.Mock(), module, FIELDS, "Books").projection(FIELDS)
    taken, ahead = 0, []
    for table, _ in CsvTables(FIELDS, projection, LINES, 2_000).tables(file):
        taken += len(table) * len(line)
        ahead.append(file.tell() - taken)
    assert taken == 40_000 * len(line)
    assert max(ahead) < 8 << 20
