"""Files of exports: equal entries, other columns, and files that are not Zoho's."""

from __future__ import annotations

import io

import pytest

from tap_zohocrm_modules.zoho.audit_log.files import DamagedFileError, ExportFiles


def entries(*texts: str) -> list[tuple[str, int, str]]:
    files = ExportFiles([io.BytesIO(text.encode()) for text in texts])
    found = [(one.hash, one.number, one.cells.get("Action", "")) for one in files.entries()]
    assert len(found) == files.count
    return found


def test_equal_entries_are_numbered_and_others_are_one() -> None:
    found = entries("Time,Action\r\n1,Added\r\n2,Added\r\n1,Added\r\n", "Time,Action\n1,Added\n")
    assert [number for _, number, _ in found] == [1, 1, 2, 3]
    assert len({hashed for hashed, _, _ in found}) == 2


def test_a_hash_knows_no_order_of_columns_and_no_empty_ones() -> None:
    (one,) = entries("Time,Action\r\n1,Added\r\n")
    assert entries("\ufeffAction,Record,Time\r\nAdded,,1\r\n") == [one]
    assert entries("Time,Action\r\n,1Added\r\n") != [one]
    assert entries('Time,Action\r\n1,"Added\r\n"\r\n') != [one]


def test_a_file_with_a_header_only_has_no_entries() -> None:
    assert entries("Time,Action\r\n") == []
    assert ExportFiles([]).count == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no line with the names"),
        ("<!doctype html>\n", "no line with the names"),
        ('{"status": "error"}', "no line with the names"),
        ("Time,Action\r\n1\r\n", "1 cells of 2"),
        ("Time,Action\r\n1,2,3\r\n", "3 cells of 2"),
        ('Time,Action\r\n1,"Add', "is not CSV"),
        ("Time,Time\r\n", "several columns"),
        ("PK\x03\x04", "not a whole archive"),
        ("Time,Action\r\n1," + "x" * (1 << 21), "is not CSV"),
    ],
)
def test_what_is_no_file_of_zohos_is_damaged(text: str, reason: str) -> None:
    with pytest.raises(DamagedFileError, match=reason):
        entries(text)


def test_bytes_that_are_no_text_are_damaged() -> None:
    with pytest.raises(DamagedFileError, match="UTF-8"):
        ExportFiles([io.BytesIO(b"Time,Action\r\n1,\xff\r\n")])
