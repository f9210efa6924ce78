"""The cells of a CSV file, by the `csv` module."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from typing import BinaryIO, TextIO, TypeAlias

from tap_zohocrm_modules.zoho.records.limits import Limits

# The longest rich text has 50,000 characters, the longest cell that Zoho documents.
_LONGEST_CELL = 1 << 24
# So few rows stay in the processor's cache until they are converted: half the time.
_ROWS = 125
_PART = 1 << 16

Cells: TypeAlias = Sequence[Sequence[str | None]]
"""The cells of some rows, by columns; empty ones are null or empty texts."""


class OddCsvError(Exception):
    """A CSV file is not what Zoho documents, or may not be; who reads it row by row says in what.

    Args:
        what: What it is or has, as a predicate.
        line: The number of the line where that is seen; 0 where no line is meant.
    """

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.line = line


def cell_blocks(file: BinaryIO, limits: Limits, *, single: bool = False) -> Iterator[Cells]:
    """Yield the cells of the header, then those of some rows at a time, which fill whole pages.

    Args:
        file: The file, in UTF-8.
        limits: How long a row may be, and how many make a page.
        single: Take the rows one by one, so that each that can be read is.

    Raises:
        OddCsvError: what comes next is not a row like the others; nor is it one of several that
            might be, unless they are taken one by one.
    """
    csv.field_size_limit(_LONGEST_CELL)
    lines = _Lines(file, limits.row_characters, single=single)
    rows = csv.reader(itertools.chain.from_iterable(lines))
    try:
        header = next(rows, [])
        lines.end_rows()
        yield [[name] for name in header]
        left = limits.job_page_rows
        while some := list(itertools.islice(rows, min(1 if single else _ROWS, left))):
            lines.end_rows()
            if set(map(len, some)) != {len(header)}:
                found = f"has {len(some[0])} cells of {len(header)}"
                raise OddCsvError(found, line=rows.line_num)
            yield list(zip(*some, strict=True))
            left = (left - len(some)) or limits.job_page_rows
    except (csv.Error, UnicodeDecodeError) as error:
        raise OddCsvError(f"is not CSV in UTF-8: {error}") from error


class _Lines:
    """Lines with their ends, of which no row takes more memory than it may.

    Some are read at a time: a line by line read takes twice as long.
    """

    def __init__(self, file: BinaryIO, most: int, *, single: bool) -> None:
        # No document says whether there is a byte order mark.
        self._text: TextIO = io.TextIOWrapper(file, "utf-8-sig", newline="")
        self._most = most
        self._characters = 0
        self._parts = self._one_by_one if single else self._some

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the lines; csv.Error: a row may be too long."""
        return self._parts()

    def _one_by_one(self) -> Iterator[list[str]]:
        while line := self._text.readline(self._most):
            self._count(line)
            yield [line]

    def _some(self) -> Iterator[list[str]]:
        rest = ""
        while part := self._text.read(_PART):
            self._count(part)
            *lines, rest = io.StringIO(rest + part, newline="")
            yield lines
        if rest:
            yield [rest]

    def _count(self, text: str) -> None:
        self._characters += len(text)
        if self._characters >= self._most:
            raise csv.Error(f"a row has more than {self._most:,} characters")

    def end_rows(self) -> None:
        """Count from the next row on."""
        self._characters = 0
