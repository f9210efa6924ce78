"""Sorts any number of rows in little memory: sorted runs in a file, merged as they are read."""

from __future__ import annotations

import bisect
import dataclasses
import itertools
import operator
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TypeAlias

from typing_extensions import Self

Numbers: TypeAlias = "array[int]"
"""A column of numbers, each of 64 bits without a sign."""
Block: TypeAlias = "tuple[Numbers, ...]"
"""Some rows as columns, of which the first has their ids."""

_ROWS_IN_MEMORY = 100_000
_ROWS_AT_ONCE = 4_096
_SIZE = array("Q").itemsize


def zeros(count: int) -> Numbers:
    """Return so many zeros."""
    return array("Q", bytes(_SIZE * count))


def is_strict(ids: Numbers) -> bool:
    """Whether each is greater than the one before it."""
    return all(map(operator.lt, ids, itertools.islice(ids, 1, None)))


@dataclasses.dataclass(slots=True)
class _Run:
    """Blocks in a file, in order: where each begins, and how many rows it has."""

    last: int  # the last id
    blocks: list[tuple[int, int]] = dataclasses.field(default_factory=list)


class SortedRuns:
    """Rows of numbers, which come out in the order of their columns.

    To be closed.

    Args:
        width: How many columns they have.
        most: How many rows are sorted in memory.
        at_once: How many of a run are read at a time.
    """

    def __init__(
        self, width: int, most: int = _ROWS_IN_MEMORY, at_once: int = _ROWS_AT_ONCE
    ) -> None:
        self._width = width
        self._most, self._at_once = most, at_once
        self._pending = self._empty()
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the object
        self._end = 0
        self._runs: list[_Run] = []

    def __enter__(self) -> Self:
        """Return the rows themselves."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove the file."""
        self._file.close()

    def _empty(self) -> Block:
        return tuple(array("Q") for _ in range(self._width))

    def add(self, rows: Sequence[Numbers]) -> None:
        """Add rows as columns, in any order."""
        for column, more in zip(self._pending, rows, strict=True):
            column.extend(more)
        if len(self._pending[0]) >= self._most:
            self._write()

    def _write(self) -> None:
        rows, self._pending = in_order(self._pending), self._empty()
        ids = rows[0]
        if not ids:
            return
        if not self._runs or self._runs[-1].last >= ids[0]:
            self._runs.append(_Run(0))
        run = self._runs[-1]
        run.last = ids[-1]
        self._file.seek(self._end)
        for begin in range(0, len(ids), self._at_once):
            some = [column[begin : begin + self._at_once] for column in rows]
            run.blocks.append((self._end, len(some[0])))
            self._end += sum(map(self._file.write, some))

    def blocks(self) -> Iterator[Block]:
        """Yield the rows in order, some at a time; those of one id are in one block."""
        self._write()
        heads = [_Head(self._width, map(self._read, run.blocks)) for run in self._runs]
        while heads:
            # What is below the last id that each run shows is all there.
            ends = [head.rows[0][-1] for head in heads if head.goes_on]
            parts = [head.take(min(ends, default=None)) for head in heads]
            there = [part for part in parts if part[0]]
            if len(there) == 1:
                yield there[0]
            elif there:
                columns = zip(*there, strict=True)
                yield in_order(tuple(sum(some, array("Q")) for some in columns))
            heads = [head for head in heads if head.rows[0]]

    def _read(self, block: tuple[int, int]) -> Block:
        begin, count = block
        size = count * _SIZE
        self._file.seek(begin)
        content = self._file.read(size * self._width)
        return tuple(array("Q", content[at : at + size]) for at in range(0, len(content), size))


class _Head:
    """What has been read of a run, and not been taken."""

    def __init__(self, width: int, blocks: Iterator[Block]) -> None:
        self._blocks = blocks
        self.goes_on = True
        self.rows: Block = tuple(array("Q") for _ in range(width))
        self._fill()

    def _fill(self) -> None:
        """Read on until more than one id is there, or nothing is left."""
        while self.goes_on and (not self.rows[0] or self.rows[0][0] == self.rows[0][-1]):
            more = next(self._blocks, None)
            self.goes_on = more is not None
            if more is not None:
                self.rows = tuple(a + b for a, b in zip(self.rows, more, strict=True))

    def take(self, end: int | None) -> Block:
        """Take away and return the rows below an id; all for None."""
        ids = self.rows[0]
        place = len(ids) if end is None else bisect.bisect_left(ids, end)
        taken = tuple(column[:place] for column in self.rows)
        if place:
            self.rows = tuple(column[place:] for column in self.rows)
            self._fill()
        return taken


def in_order(rows: Block) -> Block:
    """Return rows in the order of their columns."""
    if is_strict(rows[0]):
        # Records mostly come in the order of their ids.
        return rows
    return tuple(
        array("Q", column) for column in zip(*sorted(zip(*rows, strict=True)), strict=True)
    )
