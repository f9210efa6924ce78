"""The cells of a CSV file, by the `csv` module."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from tap_zohocrm_modules.zoho.records.columnar import Cells, OddCsvError
from tap_zohocrm_modules.zoho.records.limits import Limits

# So few rows stay in the processor's cache until they are converted: half the time.
_ROWS = 125
_PART = 1 << 16


def cell_blocks(file: BinaryIO, limits: Limits) -> Iterator[Cells]:
    """Yield the cells of the header, then those of some rows at a time, which fill whole pages.

    Args:
        file: The file, in UTF-8.
        limits: How long a row may be, and how many make a page.

    Raises:
        OddCsvError: what comes next has to be read row by row.
    """
    lines = _Lines(file, limits.row_characters)
    rows = csv.reader(itertools.chain.from_iterable(lines))
    try:
        header = next(rows, [])
        yield [[name] for name in header]
        left = limits.job_page_rows
        while some := list(itertools.islice(rows, min(_ROWS, left))):
            lines.end_rows()
            if set(map(len, some)) != {len(header)}:
                raise OddCsvError("a row has more cells than another")
            yield list(zip(*some, strict=True))
            left = (left - len(some)) or limits.job_page_rows
    except (csv.Error, UnicodeDecodeError) as error:
        raise OddCsvError(str(error)) from error


class _Lines:
    """Lines with their ends, some at a time: a line by line read takes twice as long."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        # No document says whether there is a byte order mark.
        self._text: TextIO = io.TextIOWrapper(file, "utf-8-sig", newline="")
        self._most = most
        self._characters = 0

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the lines.

        Raises:
            OddCsvError: a row might take more memory than it may.
        """
        rest = ""
        while part := self._text.read(_PART):
            self._characters += len(part)
            if self._characters > self._most:
                raise OddCsvError("rows are long")
            *lines, rest = io.StringIO(rest + part, newline="")
            yield lines
        if rest:
            yield [rest]

    def end_rows(self) -> None:
        """Count from the next row on."""
        self._characters = 0
