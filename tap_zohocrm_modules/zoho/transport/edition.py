"""What an organisation's edition allows.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

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


def concurrency_of(org: Mapping[str, Any]) -> int:
    """Return how many simultaneous calls an organisation may make, by its row of `/org`.

    A trial has the limits of the edition on trial; an edition that is not known counts as the
    smallest.
    """
    licence = org.get("license_details")
    if not isinstance(licence, dict):
        return LEAST_CONCURRENCY
    edition = licence.get("trial_type") or (licence.get("paid") and licence.get("paid_type"))
    name = str(edition or "free").lower().replace(" ", "").replace("_", "")
    return _CONCURRENCY.get(name, LEAST_CONCURRENCY)
