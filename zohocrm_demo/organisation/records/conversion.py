"""A lead becomes an account, a contact and perhaps a deal.

Source: https://www.zoho.com/crm/developer/docs/api/v8/convert-lead.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.records.table import Record

if TYPE_CHECKING:
    from zohocrm_demo.organisation.records.store import RecordStore

USUAL_DEAL: Mapping[str, Any] = {"Stage": "Qualification"}
# Types whose values are kept as they are sent.
_MOVING = frozenset({"text", "email", "phone", "website", "textarea", "picklist", "integer"})


@dataclass(frozen=True, slots=True)
class Conversion:
    """What becomes of a lead, beside a new contact of a new account."""

    deal: Mapping[str, Any] | None = None  # its values; None: there is none
    owner: str | None = None  # a user's id; the lead's owner unless set
    existing: Mapping[str, str] = field(default_factory=dict)  # ids, in place of new records
    at: datetime | None = None  # the clock's time unless set


def convert(store: RecordStore, lead: Record, how: Conversion) -> dict[str, str]:
    """Convert a lead; returns the ids of what it has become. ValueError: it is converted already.

    What a lead and the new record have by the same name and type moves: no mapping says otherwise.
    """
    if lead.value("Converted__s"):
        raise ValueError(f"lead {lead.id} has been converted already")
    company, at = lead.value("Company"), how.at
    owner = how.owner or lead.value("Owner")
    owned = {} if owner is None else {"Owner": owner}
    made = dict(how.existing)
    if "Accounts" not in made:
        account = {**_moving(store, lead, "Accounts"), **owned, "Account_Name": company}
        made["Accounts"] = store.insert("Accounts", account, at=at)
    if "Contacts" not in made:
        contact = {**_moving(store, lead, "Contacts"), **owned, "Account_Name": made["Accounts"]}
        made["Contacts"] = store.insert("Contacts", contact, at=at)
    if how.deal is not None:
        of = {"Account_Name": made["Accounts"], "Contact_Name": made["Contacts"]}
        known = {name: value for name, value in of.items() if name in store.fields("Deals")}
        own = {"Deal_Name": company, **owned, **how.deal, **known}
        made["Deals"] = store.insert("Deals", own, at=at)
    result = {
        "Converted__s": True,
        "Converted_Date_Time": at or store.clock(),
        "Converted_Account": made["Accounts"],
        "Converted_Contact": made["Contacts"],
        "Converted_Deal": made.get("Deals"),
    }
    store.update("Leads", str(lead.id), result, at=at)
    return made


def _moving(store: RecordStore, lead: Record, module: str) -> dict[str, Any]:
    there = store.fields(module)
    return {
        name: lead.value(name)
        for name, own in store.fields("Leads").items()
        if own["data_type"] in _MOVING
        and not own["virtual_field"]
        and there.get(name, {}).get("data_type") == own["data_type"]
        and lead.value(name) is not None
    }
