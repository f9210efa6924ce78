"""What an edition allows: API credits a day, simultaneous calls.

Source: https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


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
