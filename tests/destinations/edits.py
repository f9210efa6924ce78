"""What happens to the organisation between two runs, as it happens in a CRM that is in use."""

from __future__ import annotations

import copy
import dataclasses
import itertools
from typing import Any

from zohocrm_demo import Organisation
from zohocrm_demo.organisation.records.store import RecordStore

RELABELLED = "リード «Leads» ✓ عميل"
NEW_MODULE = "Reservations"
NEW_FIELD = "Water_Hardness"
LAST_NAME = "Żółć «新» 🚰"
REMOVED_MODULE = "Ideas"
# Of leads: what Zoho no longer has, has under another name, or in another type.
DROPPED = "Website"
OLD_NAME, NEW_NAME = "Secondary_Email", "Office_Email"
RETYPED = "No_of_Employees"
NEWS = {"since": "2026-01-01", "levels": [1, 2.5, None, {"deep": "ß"}]}


@dataclasses.dataclass(frozen=True)
class Edited:
    """What was edited.

    Attributes:
        changed: The id of the lead that has new values in some fields.
        added: The id of the lead that is new.
        retyped: The id of the lead whose value only the field's new type can hold.
        deleted: The id of what was deleted, by stream.
        touched: All that a later run has to read, by stream.
    """

    changed: str
    added: str
    retyped: str
    deleted: dict[str, str]
    touched: dict[str, set[str]]


def edit(organisation: Organisation) -> Edited:
    """Change, empty, add and remove: modules, fields, users and records."""
    schema = organisation.schema
    schema.drop_field("Leads", DROPPED)
    schema.rename_field("Leads", OLD_NAME, NEW_NAME)
    schema.retype_field("Leads", RETYPED, "double:8")
    leads = _module(organisation, "Leads")
    leads["plural_label"] = RELABELLED
    leads["modified_time"] = "2026-02-28T23:59:59-08:00"
    leads["profiles"] = leads["profiles"][:1]
    leads["quite_new"] = NEWS
    _module(organisation, "Weather_Map")["web_link"] = None
    organisation.modules.remove(_module(organisation, REMOVED_MODULE))

    model = _module(organisation, "Trainings")
    organisation.modules.append(
        {
            **copy.deepcopy(model),
            "id": _next_id(model["id"]),
            "api_name": NEW_MODULE,
            "module_name": "CustomModule99",
            "plural_label": "Réservations",
            "modified_time": "2026-03-01T00:00:00+05:30",
        }
    )
    fields = organisation.fields["Leads"]
    text = next(field for field in fields if field["api_name"] == "Designation")
    fields.append(
        {
            **copy.deepcopy(text),
            "id": _next_id(fields[-1]["id"]),
            "api_name": NEW_FIELD,
            "field_label": "硬度 °dH",
        }
    )
    organisation.users[1]["last_name"] = "Quintero-Müller 🚰"
    organisation.users[1]["phone"] = None
    return _edit_records(organisation.records)


def _edit_records(records: RecordStore) -> Edited:
    somewhere = (lead["id"] for lead in records.read("Leads", "City") if lead["City"])
    changed, deleted, retyped = itertools.islice(somewhere, 3)
    records.update("Leads", changed, {"Last_Name": LAST_NAME, "City": None, NEW_FIELD: "14 °dH"})
    records.update("Leads", retyped, {RETYPED: "12.5"})
    records.delete("Leads", deleted)
    added = records.insert("Leads", {"Last_Name": "Ångström", "Company": "Vårdö"})

    sample, *_, useless = (each["id"] for each in records.read("Water_Samples", "Name"))
    records.update("Water_Samples", sample, {"Temperature": "-0.25", "Lead_Flagged": True})
    records.delete("Water_Samples", useless)
    contact = next(records.read("Site_Contacts", "Role"))["id"]
    records.update("Site_Contacts", contact, {"Role": None})
    complaint = records.insert("Shikayat", {"Name": "شكاية"})
    unlinked = next(records.read("Sensors_X_Partners", "Sensor"))["id"]
    records.delete("Sensors_X_Partners", unlinked)
    return Edited(
        changed,
        added,
        retyped,
        deleted={"Leads": deleted, "Water_Samples": useless, "Sensors_X_Partners": unlinked},
        touched={
            "Leads": {changed, deleted, retyped, added},
            "Water_Samples": {sample, useless},
            "Site_Contacts": {contact},
            "Shikayat": {complaint},
        },
    )


def _module(organisation: Organisation, api_name: str) -> dict[str, Any]:
    module = organisation.module(api_name)
    assert module, api_name
    return module


def _next_id(of: str) -> str:
    # Ids of different kinds stand far apart in an organisation.
    return str(int(of) + 1)
