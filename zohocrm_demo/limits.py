"""API credits and simultaneous calls, and what an edition allows of them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from zohocrm_demo.errors import ZohoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call takes.

    Attributes:
        credits: API credits, spent for good in a rolling day.
        slots: Simultaneous calls that it counts as.
        sub_concurrent: Whether it also takes one of the few slots for costly calls.
    """

    credits: int = 1
    slots: int = 1
    sub_concurrent: bool = False


class Limits:
    """The gauges of one organisation; safe to use from several threads."""

    def __init__(
        self,
        daily_credits: int,
        concurrency: int,
        sub_concurrency: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._daily_credits = daily_credits
        self._concurrency = concurrency
        self._sub_concurrency = sub_concurrency
        self._clock = clock
        self._lock = threading.Lock()
        self._spent: deque[tuple[datetime, int]] = deque()
        self._running = 0
        self._running_costly = 0

    @property
    def headers(self) -> dict[str, str]:
        """`X-API-CREDITS-REMAINING` once half of the credits are gone, else nothing."""
        with self._lock:
            used = self._used()
        if used * 2 < self._daily_credits:
            return {}
        return {"X-API-CREDITS-REMAINING": str(max(0, self._daily_credits - used))}

    @contextmanager
    def admit(self, cost: Cost) -> Iterator[None]:
        """Spend the credits and hold the slots while a call runs.

        Raises:
            ZohoError: 429, if a slot or the credits are wanting.
        """
        costly = 1 if cost.sub_concurrent else 0
        with self._lock:
            if (
                self._running + cost.slots > self._concurrency
                or self._running_costly + costly > self._sub_concurrency
                or self._used() + cost.credits > self._daily_credits
            ):
                raise ZohoError("TOO_MANY_REQUESTS")
            self._spent.append((self._clock(), cost.credits))
            self._running += cost.slots
            self._running_costly += costly
        try:
            yield
        finally:
            with self._lock:
                self._running -= cost.slots
                self._running_costly -= costly

    def _used(self) -> int:
        horizon = self._clock() - _WINDOW
        while self._spent and self._spent[0][0] <= horizon:
            self._spent.popleft()
        return sum(count for _, count in self._spent)


@dataclass(frozen=True, slots=True)
class Edition:
    """The limits of one edition.

    Attributes:
        credits: API credits for 24 hours.
        credits_per_user: Credits that each user licence adds.
        most_credits: What the licences can bring the credits to; None: no limit.
        concurrency: Simultaneous API calls.
    """

    credits: int
    credits_per_user: int
    most_credits: int | None
    concurrency: int

    def daily_credits(self, users: int) -> int:
        """API credits for 24 hours with so many user licences."""
        total = self.credits + self.credits_per_user * users
        return total if self.most_credits is None else min(total, self.most_credits)


EDITIONS: Mapping[str, Edition] = {
    "free": Edition(5_000, 0, 5_000, 5),
    "standard": Edition(50_000, 250, 100_000, 10),
    "professional": Edition(50_000, 500, 3_000_000, 15),
    "enterprise": Edition(50_000, 1_000, 5_000_000, 20),
    "ultimate": Edition(50_000, 2_000, None, 25),
}


def subscribe(company: dict[str, Any], edition: str) -> None:
    """Let the row of `GET /crm/v8/org` say that the company has this edition."""
    paid = edition != "free"
    company["license_details"] |= {"paid": paid, "paid_type": edition}


def edition_of(company: Mapping[str, Any]) -> Edition:
    """The limits of the edition in a row of `GET /crm/v8/org`; of an unknown one, the least."""
    return EDITIONS.get(company["license_details"]["paid_type"], EDITIONS["free"])


def licensed_users(company: Mapping[str, Any]) -> int:
    """How many user licences a row of `GET /crm/v8/org` counts."""
    return int(company["license_details"]["users_license_purchased"])
