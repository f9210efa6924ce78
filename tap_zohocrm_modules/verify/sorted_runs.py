"""Sorts any number of entries in little memory: sorted runs in a file, merged as they are read."""

from __future__ import annotations

import heapq
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from types import TracebackType

from typing_extensions import Self

_ENTRIES_IN_MEMORY = 100_000
_ENTRIES_AT_ONCE = 1_000


class SortedRuns:
    """Entries of the same number of bytes, which come out in the order of their bytes.

    To be closed.
    """

    def __init__(self, size: int, most: int = _ENTRIES_IN_MEMORY) -> None:
        self._size = size
        self._most = most
        self._pending: list[bytes] = []
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the object
        self._runs: list[tuple[int, int]] = []  # where each begins and ends
        self._bounds: list[tuple[bytes, bytes]] = []  # its first entry, and its last

    def __enter__(self) -> Self:
        """Return the entries themselves."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove the file."""
        self._file.close()

    def add(self, entries: Iterable[bytes]) -> None:
        """Add entries, in any order."""
        self._pending.extend(entries)
        while len(self._pending) >= self._most:
            self._write(self._pending[: self._most])
            del self._pending[: self._most]

    def _write(self, entries: list[bytes]) -> None:
        entries.sort()
        begin = self._runs[-1][1] if self._runs else 0
        content = b"".join(entries)
        self._file.seek(begin)
        self._file.write(content)
        self._runs.append((begin, begin + len(content)))
        self._bounds.append((entries[0], entries[-1]))

    def __iter__(self) -> Iterator[bytes]:
        """Yield the entries, the least first; equal ones one after the other."""
        self._pending.sort()
        runs: list[Iterator[bytes]] = [*map(self._read, self._runs), iter(self._pending)]
        ends = [last for _, last in self._bounds]
        begins = [*(first for first, _ in self._bounds[1:]), *self._pending[:1]]
        if all(last <= first for last, first in zip(ends, begins, strict=False)):
            # Records mostly come in the order of their ids, and to merge them takes twice as long.
            return itertools.chain.from_iterable(runs)
        return heapq.merge(*runs)

    def _read(self, run: tuple[int, int]) -> Iterator[bytes]:
        size = self._size
        for begin in range(run[0], run[1], size * _ENTRIES_AT_ONCE):
            self._file.seek(begin)
            content = self._file.read(min(size * _ENTRIES_AT_ONCE, run[1] - begin))
            for at in range(0, len(content), size):
                yield content[at : at + size]
