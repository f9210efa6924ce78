"""How a call that failed for the moment is made again."""

from __future__ import annotations

import dataclasses
import logging
import math
import random
import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import backoff

from tap_zohocrm_modules.zoho.transport.errors import (
    GivenUpError,
    TransientError,
    UnknownHostError,
)
from tap_zohocrm_modules.zoho.transport.texts import counted

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

    def waits(self, patience: Callable[[], float]) -> Generator[float, TransientError, None]:
        """Yield waits for `backoff`: exponential with jitter, but never less than Zoho asks for.

        Ends when Zoho asks for more than is left of `max_time`, or when a wait would take longer
        than `patience` then says.
        """
        began = time.monotonic()
        end = began + self.max_time
        error = yield 0
        ceiling = self.first_wait
        while error.wait is None or error.wait <= end - time.monotonic():
            wait = max(random.uniform(ceiling / 2, ceiling), error.wait or 0)  # noqa: S311 - jitter
            if wait >= patience():
                return
            if isinstance(error, UnknownHostError) and (
                time.monotonic() + wait > began + self.unknown_host_time
            ):
                return
            ceiling = min(self.longest_wait, ceiling * 2)
            error = yield wait

    def run(
        self,
        call: Callable[[], T],
        on_retry: Callable[[], None],
        patience: Callable[[], float] = lambda: math.inf,
    ) -> T:
        """Return what `call` returns, calling again after a `TransientError` within bounds.

        `on_retry` is called before each further try; `patience` returns the seconds that are left.

        Raises:
            GivenUpError: from the last `TransientError` when the bounds are reached, with the
                number of tries.
            ZohoError: any other error of `call`, at once.
        """
        tries = 0

        def say(details: Any) -> None:
            nonlocal tries
            tries = details["tries"]
            on_retry()
            logger.warning("%s Trying again in %.1f s.", details["exception"], details["wait"])

        patient = backoff.on_exception(
            lambda: self.waits(patience),
            TransientError,
            max_tries=self.max_tries,
            max_time=self.max_time,
            jitter=None,
            on_backoff=say,
            logger=None,
        )
        try:
            return patient(call)()
        except TransientError as error:
            asked = f" It asks to wait {error.wait:.0f} s." if error.wait else ""
            made = counted(tries + 1, "try").replace("trys", "tries")
            raise GivenUpError(f"{error}{asked} Gave up after {made}: run again later.") from error
