"""What Zia looks up about organisations and people.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/zia-enrichment/get-config.html,
https://www.zoho.com/crm/developer/docs/api/v8/zia-enrichment/get-org-config.html,
https://www.zoho.com/crm/developer/docs/api/v8/zia-enrichment/get-ppl-config.html
"""

from __future__ import annotations

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.people import user_refs
from zohocrm_demo.organisation.references import (
    ENRICHMENTS,
    Fields,
    Row,
    by_api_name,
    field_ref,
    module_ref,
    stamps,
)

_CONFIGURED = (("people", "Leads", ("Email", "Phone")), ("org", "Accounts", ("Website", "Phone")))
_STATES = ("COMPLETED", "DATA_NOT_FOUND", "SCHEDULED", "FAILED")


def data_enrichment(modules: list[Row], fields: Fields) -> list[Row]:
    """Which fields take what Zia finds; one finding has no field."""
    known = by_api_name(modules)
    made = []
    for index, (kind, name, sources) in enumerate(_CONFIGURED):
        own = by_api_name(fields.get(name, []))
        mapping: list[Row] = [
            {
                "enrich_field": {"name": source.lower(), "display_label": source},
                "crm_field": {**field_ref(own[source]), "name": own[source]["field_label"]},
            }
            for source in sources
            if source in own
        ]
        mapping.append(
            {"enrich_field": {"name": "name", "display_label": "Name"}, "crm_field": None}
        )
        made.append(
            {
                "id": make_id(ENRICHMENTS + index),
                "type": kind,
                "module": module_ref(known[name]),
                "status": index == 0,
                "input_data_field_mapping": mapping,
                **stamps(300 + index, "Priya"),
            }
        )
    return made


def org_enrichments() -> list[Row]:
    """Organisations looked up, whole: with what was asked and found."""
    asked = {
        "name": "Harbour Authority",
        "email": "info@harbour-authority.example",
        "website": "https://harbour-authority.example",
    }
    found = {"name": asked["name"], "website": asked["website"], "industries": []}
    return [_enrichment(1_000 + index, asked, found) for index in range(len(_STATES))]


def people_enrichments() -> list[Row]:
    """People looked up, whole: with what was asked and found."""
    asked = {
        "social": {"twitter": "", "facebook": "", "linkedin": ""},
        "name": "Sigrid Dahl",
        "company": {"name": "Harbour Authority", "website": ""},
        "email": "sigrid.dahl@harbour-authority.example",
    }
    found = {
        "name": "Sigrid Dahl",
        "first_name": "Sigrid",
        "last_name": "Dahl",
        "designation": "Harbour Master",
        "company_info": {"name": "Harbour Authority", "industries": [], "experiences": []},
    }
    return [_enrichment(2_000 + index, asked, found) for index in range(len(_STATES) + 1)]


def _enrichment(number: int, asked: Row, found: Row) -> Row:
    state = _STATES[number % len(_STATES)]
    return {
        "id": make_id(ENRICHMENTS + number),
        "status": state,
        "created_time": local(f"2025-05-{20 - number % 1_000:02d}T17:15:00"),
        "created_by": user_refs()["Tomás"],
        "enrich_based_on": dict(asked),
        "enriched_data": dict(found) if state == "COMPLETED" else None,
    }
