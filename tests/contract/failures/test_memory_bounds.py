"""Whatever a server sends, the tap's memory stays below 400 MB."""

from __future__ import annotations

import io
import json
import socket
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from support.demo import MODULES, ONLY_MODULES, config_for
from support.memory import measured
from support.process import TAP
from support.raw_server import raw_server, read_head
from support.records import records_catalog

from zohocrm_demo import DemoOrganisation, Fault

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]


MOST = 400 * 1_000
"""Kilobytes of memory."""
MEBIBYTE = 1 << 20


def error_of(demo: DemoOrganisation, folder: Path, catalog: dict[str, Any], **settings: Any) -> str:
    """Return the error in which the tap ends, with its memory within bounds."""
    words = [str(TAP)]
    for name, value in {"config": config_for(demo, **settings), "catalog": catalog}.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(value))
        words += [f"--{name}", str(path)]
    code, peak, log, _ = measured(words)
    assert code == 1, log
    assert peak < MOST, log
    assert "Traceback" not in log
    *_, last = log.splitlines()
    return str(last)


def packed(mebibytes: int, window: int) -> bytes:
    packer = zlib.compressobj(wbits=window)
    block = b" " * MEBIBYTE
    return b"".join(packer.compress(block) for _ in range(mebibytes)) + packer.flush()


def flood(connection: socket.socket) -> None:
    read_head(connection)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    while True:
        connection.sendall(b"100000\r\n" + b" " * MEBIBYTE + b"\r\n")


def test_a_packed_body_of_a_gigabyte(demo: DemoOrganisation, tmp_path: Path) -> None:
    fault = Fault(
        status=200,
        body=packed(1_024, zlib.MAX_WBITS | 16),
        content_type="application/json",
        headers={"Content-Encoding": "gzip"},
    )
    demo.inject(MODULES, fault, times=None)
    assert "larger than" in error_of(demo, tmp_path, ONLY_MODULES)


def test_a_body_without_end(demo: DemoOrganisation, tmp_path: Path) -> None:
    with raw_server(flood) as url:
        assert "larger than" in error_of(demo, tmp_path, ONLY_MODULES, api_url=url)


def test_a_line_of_a_gigabyte_in_the_result_of_a_bulk_job(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("1.csv", "w", force_zip64=True) as member,
    ):
        member.write(b"Id,Subject\n1,")
        for _ in range(1_024):
            member.write(b"x" * MEBIBYTE)
    fault = Fault(status=200, body=file.getvalue(), content_type="application/zip", headers={})
    demo.inject("/crm/bulk/v8/read/*/result", fault, times=None)
    error = error_of(demo, tmp_path, records_catalog("Tasks"), read_path="bulk")
    assert "Tasks" in error
