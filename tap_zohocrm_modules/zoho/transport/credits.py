"""What a run costs: calls, API credits and retries, and what it may still cost.

Credits: https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import collections
import threading
from collections.abc import Collection

from tap_zohocrm_modules.zoho.transport.errors import OutOfCreditsError
from tap_zohocrm_modules.zoho.transport.texts import counted


class CreditLedger:
    """Counts calls and credits for all threads of a run, and keeps the run within its bounds.

    It may spend the budget, and must leave the reserve of the day to others; None for no bound.
    """

    def __init__(self, budget: int | None = None, reserve: int | None = None) -> None:
        self._lock = threading.Lock()
        self._budget = budget
        self._reserve = reserve
        self.calls = 0  # made so far, those for tokens not among them
        self.spent = 0  # API credits
        self.retries = 0  # calls made again
        self.remaining: int | None = None  # of the organisation's day; None where Zoho is silent
        self._retried: collections.Counter[str] = collections.Counter()
        self._streams: dict[str, tuple[int, int]] = {}

    def charge(self, cost: int, stream: str = "") -> None:
        """Count one call that costs `cost` credits, before it is made, and the stream it is for.

        Raises:
            OutOfCreditsError: the call would pass the budget or touch the reserve; it is then not
                counted.
        """
        with self._lock:
            self._check(cost)
            self.calls += 1
            self._spend(cost, stream, calls=1)

    def afford(self, cost: int) -> None:
        """Count nothing; raise as `charge` does if calls that cost so much would pass a bound."""
        with self._lock:
            self._check(cost)

    def refund(self, cost: int, stream: str = "") -> None:
        """Take back the credits of a call that Zoho refused (429); the call stays counted."""
        with self._lock:
            self._spend(-cost, stream, calls=0)

    def _spend(self, cost: int, stream: str, *, calls: int) -> None:
        self.spent += cost
        if self.remaining is not None:
            self.remaining -= cost
        if stream:
            made, spent = self._streams.get(stream, (0, 0))
            self._streams[stream] = made + calls, spent + cost

    def _check(self, cost: int) -> None:
        if self._budget is not None and self.spent + cost > self._budget:
            raise OutOfCreditsError(
                f"credit_budget is {self._budget}, {counted(self.spent, 'credit')}"
                f" {'is' if self.spent == 1 else 'are'} spent and the next call costs {cost}:"
                " the run stops here. Raise credit_budget, or run again to continue from the last"
                " STATE.",
                least=self.spent + cost,
            )
        if self._reserve is None or self.remaining is None:
            return
        if self.remaining - cost < self._reserve:
            raise OutOfCreditsError(
                f"credit_reserve is {self._reserve}, {counted(max(0, self.remaining), 'credit')}"
                f" of today {'is' if self.remaining == 1 else 'are'} left by Zoho's count and the"
                f" next call costs {cost}: the run stops here. Lower credit_reserve, or run again"
                " later to continue from the last STATE."
            )

    @property
    def left(self) -> int | None:
        """Credits that the run may still spend, as far as is known; None for no bound."""
        with self._lock:
            bounds = []
            if self._budget is not None:
                bounds.append(self._budget - self.spent)
            if self._reserve is not None and self.remaining is not None:
                bounds.append(self.remaining - self._reserve)
            return max(0, min(bounds)) if bounds else None

    def charged_to(self, stream: str) -> tuple[int, int]:
        """Return the calls made and the credits spent for a stream so far."""
        with self._lock:
            return self._streams.get(stream, (0, 0))

    def besides(self, streams: Collection[str]) -> str:
        """Return what was charged to other streams than these; empty if nothing was."""
        with self._lock:
            return ", ".join(
                f"{name} by {counted(calls, 'call')} for {counted(spent, 'credit')}"
                # In one order, whichever of the calls that overlap is charged first.
                for name, (calls, spent) in sorted(self._streams.items())
                if name not in streams
            )

    def note_retry(self, stream: str = "") -> None:
        """Count one call that is about to be made again, and the stream it is for."""
        with self._lock:
            self.retries += 1
            self._retried[stream] += 1

    def retries_of(self, stream: str) -> int:
        """Return how many calls were made again for a stream so far."""
        with self._lock:
            return self._retried[stream]

    def note_remaining(self, credits_left: int) -> None:
        """Keep what Zoho said is left of the organisation's daily credits."""
        with self._lock:
            self.remaining = credits_left

    def summary(self) -> str:
        """Return the run's account in one line."""
        with self._lock:
            left = "not said by Zoho" if self.remaining is None else str(self.remaining)
            return (
                f"API calls: {self.calls}, credits: {self.spent}, retries: {self.retries},"
                f" credits left today (X-API-CREDITS-REMAINING): {left}"
            )
