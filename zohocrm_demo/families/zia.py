"""What Zia looks up: its configuration, and the organisations and people looked up so far.

Paths: `/crm/v8/settings/zia/data_enrichment`, `/crm/v8/__zia_org_enrichment`,
`/crm/v8/__zia_people_enrichment`, and one of these.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/zia-enrichment/get-config.html,
https://www.zoho.com/crm/developer/docs/api/v8/zia-enrichment/get-org-config.html,
https://www.zoho.com/crm/developer/docs/api/v8/zia-enrichment/get-ppl-config.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from zohocrm_demo.families.rows import Row, all_of, natural, one_row, page, without
from zohocrm_demo.families.short_pages import short_pages
from zohocrm_demo.families.sorting import in_order, sorting
from zohocrm_demo.params import Param, one_of
from zohocrm_demo.routes import Context, Handler, Route

if TYPE_CHECKING:
    from zohocrm_demo.answers import Answer
    from zohocrm_demo.organisation import Organisation

# The document names the scope without an operation; granted ones have one.
_CONFIGURATION = ("ZohoCRM.zia.enrichment.READ",)
_LOOKED_UP = ("ZohoCRM.settings.intelligence.READ",)
_ORG, _PEOPLE = "__zia_org_enrichment", "__zia_people_enrichment"
_MOST_ROWS = 100
_PARAMS = (
    Param("status", one_of("COMPLETED", "FAILED", "DATA_NOT_FOUND", "SCHEDULED")),
    *sorting("created_time"),
    Param("page", natural()),
    Param("per_page", natural(_MOST_ROWS)),
)


def _listed(key: str, rows: Callable[[Organisation], list[Row]]) -> Handler:
    # What was asked and found only comes with the call for one.
    def answer(context: Context) -> Answer:
        state = context.params.get("status")
        found = [
            without(row, ("enrich_based_on", "enriched_data"))
            for row in rows(context.organisation)
            if state in {None, row["status"]}
        ]
        sized = short_pages(context, _MOST_ROWS)
        return page(sized, key, in_order(context, found, "desc"))

    return answer


def _one(key: str, rows: Callable[[Organisation], list[Row]]) -> Handler:
    def found(context: Context) -> list[Row]:
        stamps = ("created_time", "created_by")
        return [without(row, stamps) for row in rows(context.organisation)]

    return one_row(key, found)


def _configurations(context: Context) -> list[Row]:
    return context.organisation.customization.data_enrichment


def _organisations(organisation: Organisation) -> list[Row]:
    return organisation.customization.zia_org_enrichments


def _people(organisation: Organisation) -> list[Row]:
    return organisation.customization.zia_people_enrichments


ROUTES = (
    Route(
        "/crm/v8/settings/zia/data_enrichment",
        all_of("data_enrichment", _configurations),
        _CONFIGURATION,
    ),
    Route(f"/crm/v8/{_ORG}", _listed(_ORG, _organisations), _LOOKED_UP, _PARAMS),
    Route(f"/crm/v8/{_ORG}/{{one}}", _one(_ORG, _organisations), _LOOKED_UP),
    Route(f"/crm/v8/{_PEOPLE}", _listed(_PEOPLE, _people), _LOOKED_UP, _PARAMS),
    Route(f"/crm/v8/{_PEOPLE}/{{one}}", _one(_PEOPLE, _people), _LOOKED_UP),
)
