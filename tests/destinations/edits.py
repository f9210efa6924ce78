"""What happens to the organisation between two runs, as it happens in a CRM that is in use."""

from __future__ import annotations

import copy
from typing import Any

from tap_zohocrm_modules.demo import Organisation

RELABELLED = "リード «Leads» ✓ عميل"
NEW_MODULE = "Reservations"
NEW_FIELD = "Water_Hardness"
REMOVED_MODULE = "Ideas"
NEWS = {"since": "2026-01-01", "levels": [1, 2.5, None, {"deep": "ß"}]}


def edit(organisation: Organisation) -> None:
    """Change, empty, add and remove: modules, fields and users."""
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
    fields.append(
        {
            **copy.deepcopy(fields[-1]),
            "id": _next_id(fields[-1]["id"]),
            "api_name": NEW_FIELD,
            "field_label": "硬度 °dH",
        }
    )
    organisation.users[1]["last_name"] = "Quintero-Müller 🚰"
    organisation.users[1]["phone"] = None


def _module(organisation: Organisation, api_name: str) -> dict[str, Any]:
    module = organisation.module(api_name)
    assert module, api_name
    return module


def _next_id(of: str) -> str:
    # Ids of different kinds stand far apart in an organisation.
    return str(int(of) + 1)
