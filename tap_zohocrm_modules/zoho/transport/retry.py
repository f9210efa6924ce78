"""How a call that failed for the moment is made again."""

from __future__ import annotations

import dataclasses
import logging
import math
from collections.abc import Callable, Generator
from typing import TypeVar

import backoff

from tap_zohocrm_modules.zoho.transport.errors import (
    GivenUpError,
    TransientError,
    UnknownHostError,
)
from tap_zohocrm_modules.zoho.transport.machine import Machine

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long a transient failure is met with another try; times in seconds."""

    max_tries: int = 8
    max_time: float = 600
    first_wait: float = 1
    longest_wait: float = 60
    unknown_host_time: float = 600  # where the host's name leads nowhere

    def upto(self, most_tries: int | None) -> RetryPolicy:
        """Return the policy with so many tries at the most; None for its own number."""
        if most_tries is None or most_tries >= self.max_tries:
            return self
        return dataclasses.replace(self, max_tries=most_tries)

    def run(
        self,
        call: Callable[[], T],
        on_retry: Callable[[], None],
        patience: Callable[[], float] = lambda: math.inf,
        machine: Machine | None = None,
    ) -> T:
        """Return what `call` returns, calling again after a `TransientError` within bounds.

        `on_retry` is called before each further try; `patience` returns the seconds that are left.

        Raises:
            GivenUpError: from the last `TransientError` when the bounds are reached, with the
                number of tries.
            ZohoError: any other error of `call`, at once.
        """
        used, tries = machine or Machine(), 1

        def pause(error: TransientError, seconds: float) -> None:
            nonlocal tries
            tries += 1
            on_retry()
            logger.warning("%s Trying again in %.1f s.", error, seconds)
            used.sleep(seconds)

        patient = backoff.on_exception(
            lambda: self._pauses(patience, used, pause),
            TransientError,
            max_tries=self.max_tries,
            jitter=None,
            logger=None,
        )
        try:
            return patient(call)()
        except TransientError as error:
            asked = f" It asks to wait {error.wait:.0f} s." if error.wait else ""
            made = "1 try" if tries == 1 else f"{tries} tries"
            raise GivenUpError(f"{error}{asked} Gave up after {made}: run again later.") from error

    def _pauses(
        self,
        patience: Callable[[], float],
        machine: Machine,
        pause: Callable[[TransientError, float], object],
    ) -> Generator[float, TransientError, None]:
        """Pause before each further try, for `backoff`, which need not wait any more.

        Pauses grow exponentially, with jitter, but are never shorter than Zoho asks for. Ends when
        Zoho asks for more than is left of `max_time`, or when a pause would take longer than
        `patience` then says.
        """
        began = machine.monotonic()
        ceiling = self.first_wait
        error = yield 0
        while (left := began + self.max_time - machine.monotonic()) > 0:
            if error.wait is not None and error.wait > left:
                return
            wait = max(machine.uniform(ceiling / 2, ceiling), error.wait or 0)
            if wait >= patience():
                return
            is_late = machine.monotonic() + wait > began + self.unknown_host_time
            if isinstance(error, UnknownHostError) and is_late:
                return
            ceiling = min(self.longest_wait, ceiling * 2)
            pause(error, min(wait, left))
            error = yield 0
