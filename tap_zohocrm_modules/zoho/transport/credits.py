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

    Args:
        budget: Credits that the run may spend; None for no bound.
        reserve: Credits of the organisation's day that the run must leave; None for none.
    """

    def __init__(self, budget: int | None = None, reserve: int | None = None) -> None:
        self._lock = threading.Lock()
        self._budget = budget
        self._reserve = reserve
        self._calls = 0
        self._credits = 0
        self._retries = 0
        self._retried: collections.Counter[str] = collections.Counter()
        self._remaining: int | None = None
        self._streams: dict[str, tuple[int, int]] = {}

    def charge(self, cost: int, stream: str = "") -> None:
        """Count one call that costs `cost` credits, before it is made, and the stream it is for.

        Raises:
            OutOfCreditsError: the call would pass the budget or touch the reserve; it is then not
                counted.
        """
        with self._lock:
            self._check(cost)
            self._calls += 1
            self._spend(cost, stream, calls=1)

    def refund(self, cost: int, stream: str = "") -> None:
        """Take back the credits of a call that Zoho refused (429); the call stays counted."""
        with self._lock:
            self._spend(-cost, stream, calls=0)

    def _spend(self, cost: int, stream: str, *, calls: int) -> None:
        self._credits += cost
        if self._remaining is not None:
            self._remaining -= cost
        if stream:
            made, spent = self._streams.get(stream, (0, 0))
            self._streams[stream] = made + calls, spent + cost

    def _check(self, cost: int) -> None:
        if self._budget is not None and self._credits + cost > self._budget:
            raise OutOfCreditsError(
                f"credit_budget is {self._budget}, {counted(self._credits, 'credit')}"
                f" {'is' if self._credits == 1 else 'are'} spent and the next call costs {cost}:"
                " the run stops here. Raise credit_budget, or run again to continue from the last"
                " STATE."
            )
        if self._reserve is None or self._remaining is None:
            return
        if self._remaining - cost < self._reserve:
            raise OutOfCreditsError(
                f"credit_reserve is {self._reserve}, {counted(max(0, self._remaining), 'credit')}"
                f" of today {'is' if self._remaining == 1 else 'are'} left by Zoho's count and the"
                f" next call costs {cost}: the run stops here. Lower credit_reserve, or run again"
                " later to continue from the last STATE."
            )

    @property
    def left(self) -> int | None:
        """Credits that the run may still spend, as far as is known; None for no bound."""
        with self._lock:
            bounds = []
            if self._budget is not None:
                bounds.append(self._budget - self._credits)
            if self._reserve is not None and self._remaining is not None:
                bounds.append(self._remaining - self._reserve)
            return max(0, min(bounds)) if bounds else None

    def of(self, stream: str) -> tuple[int, int]:
        """Return the calls made and the credits spent for a stream so far."""
        with self._lock:
            return self._streams.get(stream, (0, 0))

    def besides(self, streams: Collection[str]) -> str:
        """Return what was charged to other streams than these; empty if nothing was."""
        with self._lock:
            return ", ".join(
                f"{name} by {counted(calls, 'call')} for {counted(spent, 'credit')}"
                for name, (calls, spent) in self._streams.items()
                if name not in streams
            )

    def note_retry(self, stream: str = "") -> None:
        """Count one call that is about to be made again, and the stream it is for."""
        with self._lock:
            self._retries += 1
            self._retried[stream] += 1

    def retries_of(self, stream: str) -> int:
        """Return how many calls were made again for a stream so far."""
        with self._lock:
            return self._retried[stream]

    def note_remaining(self, credits_left: int) -> None:
        """Keep what Zoho said is left of the organisation's daily credits."""
        with self._lock:
            self._remaining = credits_left

    @property
    def spent(self) -> int:
        """API credits spent so far."""
        return self._credits

    @property
    def calls(self) -> int:
        """API calls made so far, tokens not among them."""
        return self._calls

    @property
    def retries(self) -> int:
        """Calls made again so far."""
        return self._retries

    @property
    def remaining(self) -> int | None:
        """Credits that are left of the organisation's day; None where Zoho does not say."""
        return self._remaining

    def summary(self) -> str:
        """Return the run's account in one line."""
        with self._lock:
            left = "not said by Zoho" if self._remaining is None else str(self._remaining)
            return (
                f"API calls: {self._calls}, credits: {self._credits}, retries: {self._retries},"
                f" credits left today (X-API-CREDITS-REMAINING): {left}"
            )
