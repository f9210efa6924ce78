"""API credits and simultaneous calls, and what an edition allows of them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.organisation.data_files import read_file

_WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call takes."""

    credits: int = 1  # API credits, spent for good in a rolling day
    slots: int = 1  # simultaneous calls that it counts as
    sub_concurrent: bool = False  # whether it also takes one of the few slots for costly calls


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLimits:
    """How much one call may ask for, where it isn't as much as Zoho allows."""

    fields: int | None = None  # of Get Records and related lists
    rows_by_page: int | None = None  # that page numbers lead to
    rows_by_token: int | None = None  # that page tokens lead to
    job_fields: int | None = None  # of Bulk Read
    job_rows: int | None = None  # on a page of Bulk Read
    query_columns: int | None = None  # of COQL


@dataclass(slots=True)
class Limits:
    """The gauges of one organisation; safe to use from several threads."""

    daily_credits: int
    concurrency: int
    sub_concurrency: int
    clock: Callable[[], datetime]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _spent: deque[tuple[datetime, int]] = field(default_factory=deque)
    _sum: int = 0  # of what is in `_spent`
    _running: int = 0
    _running_costly: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """`X-API-CREDITS-REMAINING` once half of the credits are gone, else nothing."""
        with self._lock:
            used = self._used()
        if used * 2 < self.daily_credits:
            return {}
        return {"X-API-CREDITS-REMAINING": str(max(0, self.daily_credits - used))}

    @contextmanager
    def admit(self, cost: Cost) -> Iterator[None]:
        """Spend the credits and hold the slots while a call runs; 429 if some are wanting."""
        with self._lock:
            if (
                self._running + cost.slots > self.concurrency
                or self._running_costly + cost.sub_concurrent > self.sub_concurrency
                or self._used() + cost.credits > self.daily_credits
            ):
                raise ZohoError("TOO_MANY_REQUESTS")
            self._spent.append((self.clock(), cost.credits))
            self._sum += cost.credits
            self._running += cost.slots
            self._running_costly += cost.sub_concurrent
        try:
            yield
        finally:
            with self._lock:
                self._running -= cost.slots
                self._running_costly -= cost.sub_concurrent

    def _used(self) -> int:
        horizon = self.clock() - _WINDOW
        while self._spent and self._spent[0][0] <= horizon:
            self._sum -= self._spent.popleft()[1]
        return self._sum


@dataclass(frozen=True, slots=True)
class Edition:
    """The limits of one edition."""

    credits: int
    credits_per_user: int  # credits that each user licence adds
    most_credits: int | None  # what the licences can bring the credits to; None: no limit
    concurrency: int  # simultaneous API calls

    def daily_credits(self, users: int) -> int:
        """API credits for 24 hours with so many user licences."""
        total = self.credits + self.credits_per_user * users
        return total if self.most_credits is None else min(total, self.most_credits)


def subscribe(company: dict[str, Any], edition: str) -> None:
    """Let the row of `GET /crm/v8/org` say that the company has this edition."""
    paid = edition != "free"
    company["license_details"] |= {"paid": paid, "paid_type": edition}


def edition_of(company: Mapping[str, Any]) -> Edition:
    """The limits of the edition in a row of `GET /crm/v8/org`; of an unknown one, the least."""
    editions = read_file("editions.yaml")
    return Edition(*editions.get(company["license_details"]["paid_type"], editions["free"]))


def licensed_users(company: Mapping[str, Any]) -> int:
    """How many user licences a row of `GET /crm/v8/org` counts."""
    return int(company["license_details"]["users_license_purchased"])
