"""The time of Zoho's API host, which decides what was modified before what."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from tap_zohocrm_modules.zoho.transport.errors import ClockError
from tap_zohocrm_modules.zoho.transport.instants import in_header, rfc3339
from tap_zohocrm_modules.zoho.transport.machine import Machine

_TOLERANCE = timedelta(seconds=5)
_FARTHEST = timedelta(days=1)
_YEARS = range(2000, 2200)


class ServerClock:
    """Knows a host's time from the `Date` headers of its answers, to some seconds; thread-safe.

    One header alone moves nothing: two answers in a row have to agree.
    """

    def __init__(self, host: str, machine: Machine | None = None) -> None:
        self._host = host
        self._machine = machine or Machine()
        self._lock = threading.Lock()
        # The host's time at monotonic zero.
        self._last: datetime | None = None
        self._agreed: datetime | None = None

    @property
    def is_known(self) -> bool:
        """Whether two answers have agreed."""
        return self._agreed is not None

    def observe(self, date: str | None, at: float) -> None:
        """Take the `Date` header of an answer that came at this monotonic time.

        A header that is not a date of this era is ignored.
        """
        then = in_header(date or "")
        if then is None or then.year not in _YEARS:
            return
        zero = then - timedelta(seconds=at)
        with self._lock:
            if self._last is not None and abs(zero - self._last) <= _TOLERANCE:
                # The earlier one: a cutoff that is a little early loses nothing.
                self._agreed = min(zero, self._last)
            self._last = zero

    def now(self) -> datetime:
        """Return the host's time in UTC, or this machine's while no two answers agree.

        Raises:
            ClockError: the two clocks differ by more than a day.
        """
        local = self._machine.now()
        if self._agreed is None:
            return local
        now = self._agreed + timedelta(seconds=self._machine.monotonic())
        if abs(now - local) > _FARTHEST:
            raise ClockError(
                f"The clock of {self._host} says {rfc3339(now)} and this machine's says"
                f" {rfc3339(local)}, more than a day apart: nothing is read, since records would"
                " be lost. Set this machine's clock, or check api_url."
            )
        return now
