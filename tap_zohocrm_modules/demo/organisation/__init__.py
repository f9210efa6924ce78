"""The organisation behind the demo: plain JSON values, free to be edited between runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tap_zohocrm_modules.demo.organisation.company import company
from tap_zohocrm_modules.demo.organisation.modules import modules

_ENTERPRISE_CREDITS = 50_000
_ENTERPRISE_CREDITS_PER_USER = 1_000


@dataclass(slots=True)
class Organisation:
    """One organisation's data, in the shapes in which Zoho returns it.

    Attributes:
        company: The element of `GET /crm/v8/org`.
        modules: The elements of `GET /crm/v8/settings/modules`.
    """

    company: dict[str, Any]
    modules: list[dict[str, Any]] = field(default_factory=list)

    @property
    def daily_credits(self) -> int:
        """API credits a day by the formula for Enterprise."""
        licences = self.company["license_details"]["users_license_purchased"]
        return _ENTERPRISE_CREDITS + _ENTERPRISE_CREDITS_PER_USER * int(licences)

    def module(self, name_or_id: str) -> dict[str, Any] | None:
        """The module of this API name (case-sensitive) or id."""
        for module in self.modules:
            if name_or_id in {module["api_name"], module["id"]}:
                return module
        return None


def sample_organisation() -> Organisation:
    """Brightwater Instruments: the same values every time, a copy of your own."""
    return Organisation(company=company(), modules=modules())
