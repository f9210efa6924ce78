"""The files of an export: a CSV, or an archive of several.

https://www.zoho.com/crm/developer/docs/api/v8/download-export-audit-log-result.html
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import itertools
import zipfile
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, TypeAlias, cast

# A cell has the values of one field at the most, of which the longest has 50,000 characters.
_LONGEST_CELL = 1 << 20
_LONGEST_ROW = 1 << 25
_MOST_BYTES = 20_000_000_000
_ARCHIVE = b"PK"
# What the archive's reader raises for archives that are cut, damaged, locked or unknown.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)

Entry: TypeAlias = Mapping[str, str]
"""An entry of the log: the texts of its cells by the names in the file's first line."""


@dataclasses.dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry, and what it is known by."""

    hash: str
    number: int  # among equal ones, from 1
    cells: Entry


class DamagedFileError(Exception):
    """A file is not what Zoho documents, or is cut short; the text is a predicate."""


def entry_hash(entry: Entry) -> str:
    """Return what an entry is known by: a digest of its cells that are not empty.

    It stays the same if a later file has its columns in another order, or further empty ones.
    """
    digest = hashlib.sha256()
    for name, text in sorted(entry.items()):
        if text:
            digest.update(f"{len(name)}:{name}{len(text)}:{text}".encode())
    return digest.hexdigest()


class ExportFiles:
    """The files of one export, which are whole.

    Args:
        files: The files, from their beginnings.

    Raises:
        DamagedFileError: they cannot be read to their ends.
    """

    def __init__(self, files: Sequence[BinaryIO]) -> None:
        self._files = files
        digests = array("Q", (_short(hashed) for hashed, _ in self._hashed()))
        self.count = len(digests)
        """How many entries they have."""
        ordered = sorted(digests)
        # Nearly none: all others need no count.
        self._equal = {one for one, other in itertools.pairwise(ordered) if one == other}

    def entries(self) -> Iterator[LogEntry]:
        """Yield the entries in their order."""
        seen: Counter[str] = Counter()
        for hashed, entry in self._hashed():
            number = 1
            if _short(hashed) in self._equal:
                seen[hashed] += 1
                number = seen[hashed]
            yield LogEntry(hashed, number, entry)

    def _hashed(self) -> Iterator[tuple[str, Entry]]:
        try:
            for file in self._files:
                for member in _members(file):
                    for entry in _entries(member):
                        yield entry_hash(entry), entry
        except (csv.Error, UnicodeDecodeError) as error:
            raise DamagedFileError(f"is not CSV in UTF-8 ({error})") from error
        except _BROKEN as error:
            raise DamagedFileError(f"is not a whole archive ({error})") from error


def _short(hashed: str) -> int:
    return int(hashed[:16], 16)


def _members(file: BinaryIO) -> Iterator[BinaryIO]:
    """Yield each CSV of a file, opened."""
    file.seek(0)
    is_archive = file.read(len(_ARCHIVE)) == _ARCHIVE
    file.seek(0)
    if not is_archive:
        yield file
        return
    with zipfile.ZipFile(file) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if sum(one.file_size for one in members) > _MOST_BYTES:
            raise DamagedFileError("unpacks to more than a log of a million entries has")
        for one in members:
            with archive.open(one) as member:
                yield cast("BinaryIO", member)


def _entries(file: BinaryIO) -> Iterator[Entry]:
    csv.field_size_limit(_LONGEST_CELL)
    # Not closed with the wrapper: it is read once more.
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    lines = _Lines(text)
    rows = csv.reader(lines, strict=True)
    try:
        header = next(rows, [])
        _check_header(header)
        for row in rows:
            lines.end_row()
            if row and len(row) != len(header):
                raise DamagedFileError(f"has {len(row)} cells of {len(header)} in a row")
            if row:
                yield dict(zip(header, row, strict=True))
    finally:
        text.detach()


def _check_header(header: Sequence[str]) -> None:
    if not header or header[0].lstrip()[:1] in {"<", "{", "["}:
        raise DamagedFileError("has no line with the names of its columns")
    if twice := [name for name, times in Counter(header).items() if times > 1]:
        raise DamagedFileError(f"has several columns called {twice[0]!r}")


class _Lines:
    """Lines with their ends, of which no row takes more memory than it may."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._characters = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(_LONGEST_ROW):
            self._characters += len(line)
            if self._characters >= _LONGEST_ROW:
                raise csv.Error(f"a row has more than {_LONGEST_ROW:,} characters")
            yield line

    def end_row(self) -> None:
        """Count from the next row on."""
        self._characters = 0
