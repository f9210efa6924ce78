"""The organisation behind the demo: plain JSON values, free to be edited between runs."""

from __future__ import annotations

import functools
import pickle
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from typing import Any

from zohocrm_demo.organisation.automation import Automation, automation
from zohocrm_demo.organisation.company import company
from zohocrm_demo.organisation.customization import Customization, customization
from zohocrm_demo.organisation.fields import fields
from zohocrm_demo.organisation.modules import modules
from zohocrm_demo.organisation.organisation_wide import OrganisationWide, furnish
from zohocrm_demo.organisation.records.store import RecordStore

_ENTERPRISE_CREDITS = 50_000
_ENTERPRISE_CREDITS_PER_USER = 1_000


@dataclass(slots=True)
class Organisation(OrganisationWide):
    """One organisation's data, in the shapes in which Zoho returns it.

    Attributes:
        company: The element of `GET /crm/v8/org`.
        modules: The elements of `GET /crm/v8/settings/modules`.
        fields: The elements of `GET /crm/v8/settings/fields`, by the module's API name; a module
            that isn't in here has no fields.
        customization: What has been made of the modules: layouts, views, picklists, tags.
        automation: Rules, and the actions that they set off.
        records: The records of all modules; none but in the sample.
    """

    company: dict[str, Any]
    modules: list[dict[str, Any]] = field(default_factory=list)
    fields: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    customization: Customization = field(default_factory=Customization)
    automation: Automation = field(default_factory=Automation)
    records: RecordStore = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Give the records their organisation."""
        self.records = RecordStore(self)

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
    sample = Organisation(**pickle.loads(_pickled_sample()))  # noqa: S301 - our own values
    sample.records.fill_with_sample()
    return sample


@functools.cache
def _pickled_sample() -> bytes:
    """The sample's values; to read them again takes a fifth of the time of making them."""
    made = _sample()
    return pickle.dumps({f.name: getattr(made, f.name) for f in fields_of(made) if f.init})


def _sample() -> Organisation:
    listed = modules()
    by_module = fields(listed)
    for module in listed:
        if module["generated_type"] == "static_subform":
            module["static_subform_properties"] = {
                "fields": [
                    {"api_name": own["api_name"], "id": own["id"]}
                    for own in by_module[module["api_name"]]
                ]
            }
    made = customization(listed, by_module)
    return furnish(
        Organisation(
            company=company(),
            modules=listed,
            fields=by_module,
            customization=made,
            automation=automation(listed, by_module, made),
        )
    )
