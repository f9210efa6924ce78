"""Reads the next streams while one is being emitted.

Singer streams are emitted one after the other. One that began to read in its turn only would leave
the organisation waiting most of the time. What is read ahead and not emitted is read again by the
next run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class StreamsAhead(Generic[T]):
    """Returns what a stream reads, and begins to read the streams after it.

    Args:
        order: The streams' names, in the order of their emission.
        begin: Begins to read a stream, and returns what it yields.
        most: How many streams are begun before their turn.
    """

    def __init__(self, order: Sequence[str], begin: Callable[[str], T], most: int) -> None:
        self._order = order
        self._begin = begin
        self._most = most
        self._begun: dict[str, T] = {}

    def take(self, name: str) -> T:
        """Return what a stream yields, for its only reader."""
        place = self._order.index(name) if name in self._order else len(self._order)
        for upcoming in (name, *self._order[place + 1 : place + 1 + self._most]):
            if upcoming not in self._begun:
                self._begun[upcoming] = self._begin(upcoming)
        return self._begun.pop(name)
