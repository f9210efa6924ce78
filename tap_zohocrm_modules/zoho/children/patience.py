"""How often the call for one record's children is made again while it fails for the moment."""

from __future__ import annotations

import dataclasses
import threading

JOINED_TRIES = 4
"""Of a call for several records: afterwards each of them is asked alone."""

_ENOUGH = 3
_FEW_TRIES = 2


@dataclasses.dataclass(eq=False)
class Patience:
    """Tells records that fail from a host that does, for which a call waits long.

    Thread-safe.
    """

    _lock: threading.Lock = dataclasses.field(default_factory=threading.Lock, init=False)
    _unsure: int = dataclasses.field(default=0, init=False)  # gave up since the last answer
    _alone: int = dataclasses.field(default=0, init=False)  # gave up while others answered

    @property
    def most_tries(self) -> int | None:
        """How often the next record is tried; None: as often as any call."""
        return None if self._alone < _ENOUGH else _FEW_TRIES

    def gave_up(self) -> None:
        """Note that a record has not answered, however often it was tried."""
        with self._lock:
            self._unsure += 1

    def answered(self) -> None:
        """Note that a record has answered: the host is well."""
        if self._unsure:
            with self._lock:
                self._alone, self._unsure = self._alone + self._unsure, 0
