"""What an organisation's edition allows.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

LEAST_CONCURRENCY = 5
"""What every edition allows."""

MOST_CONCURRENCY = 25
"""What no edition exceeds."""

SUB_CONCURRENCY = 10
"""How many costly calls (queries, sorted lists) every edition runs at a time."""

_CONCURRENCY: Mapping[str, int] = {
    "free": 5,
    "starter": 10,
    "standard": 10,
    "professional": 15,
    "enterprise": 20,
    "zohoone": 20,
    "ultimate": 25,
    "crmplus": 25,
}


@dataclasses.dataclass(frozen=True, slots=True)
class _DailyCredits:
    """The API credits of an edition for 24 hours: some for all, and more for each user licence."""

    basic: int
    per_user: int = 0
    most: int | None = None

    def of(self, users: int) -> int:
        total = self.basic + self.per_user * users
        return total if self.most is None else min(total, self.most)


_DAILY_CREDITS: Mapping[str, _DailyCredits] = {
    "free": _DailyCredits(5_000),
    "standard": _DailyCredits(50_000, 250, 100_000),
    "starter": _DailyCredits(50_000, 250, 100_000),
    "professional": _DailyCredits(50_000, 500, 3_000_000),
    "enterprise": _DailyCredits(50_000, 1_000, 5_000_000),
    "zohoone": _DailyCredits(50_000, 1_000, 5_000_000),
    "ultimate": _DailyCredits(50_000, 2_000),
    "crmplus": _DailyCredits(50_000, 2_000),
}


def daily_credits_of(org: Mapping[str, Any]) -> int | None:
    """Return the API credits of an organisation for 24 hours; None for an unknown edition.

    Credits that were bought besides are not among them.
    """
    licence = org.get("license_details")
    if (
        not isinstance(licence, dict)
        or (credits_of := _DAILY_CREDITS.get(_edition(licence))) is None
    ):
        return None
    users = licence.get("users_license_purchased")
    return credits_of.of(users if isinstance(users, int) else 0)


def concurrency_of(org: Mapping[str, Any]) -> int:
    """Return how many simultaneous calls an organisation may make, by its row of `/org`.

    A trial has the limits of the edition on trial; an edition that is not known counts as the
    smallest.
    """
    licence = org.get("license_details")
    if not isinstance(licence, dict):
        return LEAST_CONCURRENCY
    return _CONCURRENCY.get(_edition(licence), LEAST_CONCURRENCY)


def _edition(licence: Mapping[str, Any]) -> str:
    edition = licence.get("trial_type") or (licence.get("paid") and licence.get("paid_type"))
    return str(edition or "free").lower().replace(" ", "").replace("_", "")
