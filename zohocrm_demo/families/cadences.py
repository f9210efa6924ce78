"""Cadences: `GET /crm/v8/settings/automation/cadences`.

Source: https://www.zoho.com/crm/developer/docs/api/v8/cadences/get-cadences.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.families.chosen_module import ANY_MODULE, of_chosen_module
from zohocrm_demo.families.rows import PAGES, Row, page_of
from zohocrm_demo.params import Param, one_of
from zohocrm_demo.routes import Route

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_of_module = of_chosen_module(
    lambda organisation: organisation.automation.cadences, "INVALID_DATA", "invalid data"
)


def _cadences(context: Context) -> list[Row]:
    name, active = context.params.get("name"), context.params.get("active")
    rows = [
        row
        for row in _of_module(context)
        if name in {None, row["name"]} and active in {None, str(row["active"]).lower()}
    ]
    if "fields" in context.params:
        return [{"id": row["id"], "name": row["name"]} for row in rows]
    return rows


ROUTES = (
    Route(
        "/crm/v8/settings/automation/cadences",
        page_of("cadences", _cadences),
        ("ZohoCRM.settings.cadences.READ",),
        (
            ANY_MODULE,
            Param("name"),
            Param("active", one_of("true", "false")),
            Param("fields", one_of("name")),
            *PAGES,
        ),
    ),
)
