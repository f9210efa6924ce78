"""What a run costs: calls, API credits and retries.

Credits: https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import threading
from collections.abc import Collection

from tap_zohocrm_modules.zoho.transport.errors import OutOfCreditsError
from tap_zohocrm_modules.zoho.transport.texts import counted


class CreditLedger:
    """Counts calls and credits for all threads of a run, and keeps the run within its budget."""

    def __init__(self, budget: int | None = None) -> None:
        self._lock = threading.Lock()
        self._budget = budget
        self._calls = 0
        self._credits = 0
        self._retries = 0
        self._remaining: int | None = None
        self._streams: dict[str, tuple[int, int]] = {}

    def charge(self, cost: int, stream: str = "") -> None:
        """Count one call that costs `cost` credits, before it is made, and for whom.

        Raises:
            OutOfCreditsError: if the call would pass the budget; it is then not counted.
        """
        with self._lock:
            if self._budget is not None and self._credits + cost > self._budget:
                raise OutOfCreditsError(
                    f"credit_budget is {self._budget}, {self._credits} credits are spent and the"
                    f" next call costs {cost}: the run stops here. Raise credit_budget, or run"
                    " again to go on from the last STATE."
                )
            self._calls += 1
            self._credits += cost
            if stream:
                calls, spent = self._streams.get(stream, (0, 0))
                self._streams[stream] = calls + 1, spent + cost

    def of(self, stream: str) -> tuple[int, int]:
        """Return the calls made and the credits spent for a stream so far."""
        with self._lock:
            return self._streams.get(stream, (0, 0))

    def besides(self, streams: Collection[str]) -> str:
        """Return what was charged to others than these, which needed it; empty if nothing was."""
        with self._lock:
            return ", ".join(
                f"{name} by {counted(calls, 'call')} for {counted(spent, 'credit')}"
                for name, (calls, spent) in self._streams.items()
                if name not in streams
            )

    def note_retry(self) -> None:
        """Count one call that is about to be made again."""
        with self._lock:
            self._retries += 1

    def note_remaining(self, credits_left: int) -> None:
        """Keep what Zoho said is left of the organisation's daily credits."""
        with self._lock:
            self._remaining = credits_left

    @property
    def credits(self) -> int:
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

    def summary(self) -> str:
        """Return the run's account in one line."""
        with self._lock:
            left = "not told by Zoho" if self._remaining is None else str(self._remaining)
            return (
                f"API calls: {self._calls}, credits: {self._credits}, retries: {self._retries},"
                f" credits left today (X-API-CREDITS-REMAINING): {left}"
            )
