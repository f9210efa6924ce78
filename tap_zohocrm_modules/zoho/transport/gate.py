"""How many calls may be under way at the same time, adapted to what Zoho refuses."""

from __future__ import annotations

import collections
import contextlib
import threading
from collections.abc import Iterator

_FIRST_WIDTH = 2
_FIRST_QUIET = 40
_LONGEST_QUIET = 640


class Gate:
    """Lets calls through up to a width that adapts (additive increase, multiplicative decrease).

    Several processes share an organisation's limit without knowing of each other. A gate begins
    narrow and widens with each success. A refusal halves it; from then on it widens by one after a
    number of successes in a row, and needs twice as many after each further refusal.
    """

    def __init__(self, widest: int) -> None:
        self._condition = threading.Condition()
        self._widest = widest
        self.width = min(_FIRST_WIDTH, widest)  # calls that may be under way now
        self._waiting: collections.deque[object] = collections.deque()
        self._under_way = 0
        self._passed = 0
        self._quiet = 0
        self._needs_quiet = 1
        self._first_after_decrease = 0

    def allow(self, widest: int) -> None:
        """Set the greatest width, if it is more than before."""
        with self._condition:
            self._widest = max(self._widest, widest)

    @contextlib.contextmanager
    def passing(self, *, alone: bool = False) -> Iterator[int]:
        """Wait for a place, or for all of them, and hold it; yields the call's number.

        Places go to those who came first: others may be waiting for that call's answer.
        """
        place = object()
        with self._condition:
            self._waiting.append(place)
            try:
                self._condition.wait_for(
                    lambda: (
                        self._waiting[0] is place and self._under_way < (1 if alone else self.width)
                    )
                )
            finally:
                self._waiting.remove(place)
                # There may be room for the next one, too.
                self._condition.notify_all()
            places = self._widest if alone else 1
            self._under_way += places
            self._passed += 1
            number = self._passed
        try:
            yield number
        finally:
            with self._condition:
                self._under_way -= places
                self._condition.notify_all()

    def succeeded(self) -> None:
        """Count a call that was not refused."""
        with self._condition:
            self._quiet += 1
            if self._quiet >= self._needs_quiet and self.width < self._widest:
                self._quiet = 0
                self.width += 1
                self._condition.notify_all()

    def refused(self, number: int) -> None:
        """Narrow the gate, once for all calls that were under way together."""
        with self._condition:
            self._quiet = 0
            if number < self._first_after_decrease:
                return
            self._first_after_decrease = self._passed + 1
            self.width = max(1, self.width // 2)
            self._needs_quiet = min(_LONGEST_QUIET, max(_FIRST_QUIET, 2 * self._needs_quiet))
