"""What an organisation's edition allows.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

LEAST_CONCURRENCY = 5
"""What every edition allows."""

MOST_CONCURRENCY = 25
"""What no edition exceeds."""

SUB_CONCURRENCY = 10
"""How many costly calls (queries, sorted lists) every edition runs at a time."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Edition:
    """Simultaneous calls, and the API credits for 24 hours: for all, and for each user licence."""

    concurrency: int
    credits: int
    per_user: int = 0
    most: float = math.inf


_EDITIONS: Mapping[str, _Edition] = {
    "free": _Edition(5, 5_000),
    "starter": _Edition(10, 50_000, 250, 100_000),
    "standard": _Edition(10, 50_000, 250, 100_000),
    "professional": _Edition(15, 50_000, 500, 3_000_000),
    "enterprise": _Edition(20, 50_000, 1_000, 5_000_000),
    "zohoone": _Edition(20, 50_000, 1_000, 5_000_000),
    "ultimate": _Edition(25, 50_000, 2_000),
    "crmplus": _Edition(25, 50_000, 2_000),
}


def daily_credits_of(org: Mapping[str, Any]) -> int | None:
    """Return the API credits of an organisation for 24 hours; None for an unknown edition.

    Credits that were bought besides are not among them.
    """
    edition, users = _licence_of(org)
    if edition is None:
        return None
    return int(min(edition.credits + edition.per_user * users, edition.most))


def concurrency_of(org: Mapping[str, Any]) -> int:
    """Return how many simultaneous calls an organisation may make, by its row of `/org`.

    A trial has the limits of the edition on trial; an edition that is not known counts as the
    smallest.
    """
    edition, _ = _licence_of(org)
    return edition.concurrency if edition else LEAST_CONCURRENCY


def _licence_of(org: Mapping[str, Any]) -> tuple[_Edition | None, int]:
    """Return the edition, None if it is not known, and how many users are paid for."""
    licence = org.get("license_details")
    if not isinstance(licence, dict):
        return None, 0
    edition = licence.get("trial_type") or (licence.get("paid") and licence.get("paid_type"))
    users = licence.get("users_license_purchased")
    name = str(edition or "free").lower().replace(" ", "").replace("_", "")
    return _EDITIONS.get(name), users if isinstance(users, int) else 0
