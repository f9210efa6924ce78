"""Reads the next streams while one is being emitted.

Singer streams are emitted one after the other. One that began to read in its turn only would leave
the organisation waiting most of the time. What is read ahead and not emitted is read again by the
next run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclasses.dataclass(eq=False)
class StreamsAhead(Generic[T]):
    """Returns what a stream reads, and begins to read the streams after it."""

    order: Sequence[str]  # the streams' names, in the order of their emission
    begin: Callable[[str], T]  # begins to read a stream, and returns what it yields
    most: int  # how many streams are begun before their turn
    _begun: dict[str, T] = dataclasses.field(default_factory=dict, init=False)

    def take(self, name: str) -> T:
        """Return what a stream yields, for its only reader."""
        place = self.order.index(name) if name in self.order else len(self.order)
        for upcoming in (name, *self.order[place + 1 : place + 1 + self.most]):
            if upcoming not in self._begun:
                self._begun[upcoming] = self.begin(upcoming)
        return self._begun.pop(name)
