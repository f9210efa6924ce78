"""Draws some of any number of ids, each with the same chance."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence


class Draw:
    """A sample of what comes by, in bounded memory.

    It knows beforehand which one it takes next: Li, "Reservoir-sampling algorithms of time
    complexity O(n(1 + log(N/n)))", 1994.

    Args:
        most: How many are drawn.
    """

    def __init__(self, most: int) -> None:
        self.ids: list[int] = []
        self._most = most
        self._source = random.Random()  # noqa: S311 - any sample does
        self._passed = 0
        self._next = 0  # which one is taken, of all that come by
        self._weight = 1.0

    def consider(self, ids: Sequence[int]) -> None:
        """Let ids come by."""
        end = self._passed + len(ids)
        while self._most and self._next < end:
            self._take(ids[self._next - self._passed])
            self._next += 1
            if len(self.ids) == self._most:
                self._next += self._skip()
        self._passed = end

    def _take(self, number: int) -> None:
        if len(self.ids) < self._most:
            self.ids.append(number)
        else:
            self.ids[self._source.randrange(self._most)] = number

    def _skip(self) -> int:
        """Return how many are passed over before the next one."""
        self._weight *= math.exp(math.log(1 - self._source.random()) / self._most)
        chance = math.log1p(-self._weight)
        return int(math.log(1 - self._source.random()) / chance) if chance else 2**63
