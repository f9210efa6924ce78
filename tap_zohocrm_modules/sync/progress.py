"""Shows that long work goes on: a live line on a terminal, elsewhere a line in the log."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable

from tap_zohocrm_modules.zoho.transport.credits import CreditLedger
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)

_BETWEEN_LINES = 10.0
_BETWEEN_LIVE_LINES = 0.5
_MINUTE, _HOUR = 60, 3_600


class Progress:
    """How far the reading of one stream has come.

    Args:
        stream: The stream's name.
        ledger: What has been spent for it.
        expected: Returns how many records there are, None while that is not known.
        now: A clock, in seconds.
    """

    def __init__(
        self,
        stream: str,
        ledger: CreditLedger,
        expected: Callable[[], int | None] = lambda: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._ledger = ledger
        self._expected = expected
        self._now = now
        self._live = sys.stderr.isatty()
        self._begun = self._last = now()
        self._records = 0

    @property
    def records(self) -> int:
        """How many records have been emitted."""
        return self._records

    def add(self, records: int) -> None:
        """Note that so many more records have been emitted."""
        self._records += records
        self.tick()

    def tick(self) -> None:
        """Show how things stand, if it is time to."""
        now = self._now()
        if now - self._last < (_BETWEEN_LIVE_LINES if self._live else _BETWEEN_LINES):
            return
        self._last = now
        if self._live:
            # The cursor goes back, so that a line of the log takes its place.
            sys.stderr.write(f"\x1b[K{self._line(now)}\r")
            sys.stderr.flush()
        else:
            logger.info("%s", self._line(now))

    def end(self) -> None:
        """Say what the stream came to."""
        if self._live:
            sys.stderr.write("\x1b[K")
        seconds = max(self._now() - self._begun, 1e-3)
        calls, spent = self._ledger.of(self._stream)
        logger.info(
            "%s: %s by %s for %s in %.1f s (%.0f records/s).",
            self._stream,
            counted(self._records, "record"),
            counted(calls, "call"),
            counted(spent, "credit"),
            seconds,
            self._records / seconds,
        )

    def _line(self, now: float) -> str:
        seconds = max(now - self._begun, 1e-3)
        speed = self._records / seconds
        expected = self._expected()
        _, spent = self._ledger.of(self._stream)
        of = f" of {expected:,}" if expected else ""
        left = ""
        if expected and speed and expected > self._records:
            left = f", {_time((expected - self._records) / speed)} left"
        return (
            f"{self._stream}: {self._records:,}{of} records, {speed:,.0f} records/s,"
            f" {spent} credits{left}"
        )


def _time(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"
