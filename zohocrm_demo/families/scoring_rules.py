"""Scoring rules: `GET /crm/v8/settings/automation/scoring_rules` and one of them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/scoring-rules.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.families.chosen_module import (
    ANY_MODULE,
    INNER_DETAILS,
    of_chosen_module,
)
from zohocrm_demo.families.rows import PAGES, Row, one_row, page_of, without
from zohocrm_demo.params import Param
from zohocrm_demo.routes import Route

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_SCOPES = ("ZohoCRM.settings.scoring_rules.READ",)
_PATH = "/crm/v8/settings/automation/scoring_rules"
_of_module = of_chosen_module(
    lambda organisation: organisation.automation.scoring_rules,
    "INVALID_DATA",
    "Please check whether the input values are correct",
)


def _in_list(context: Context) -> list[Row]:
    # What the rules are made of only comes with the call for one.
    name, layout = context.params.get("name"), context.params.get("layout_id")
    return [
        without(rule, ("manual_scoring_rule", "zia_scoring_rule"))
        for rule in _of_module(context)
        if name in {None, rule["name"]}
        and layout in {None, rule["layout"]["id"] if rule["layout"] else ""}
    ]


def _whole(context: Context) -> list[Row]:
    return context.organisation.automation.scoring_rules


ROUTES = (
    Route(
        _PATH,
        page_of("scoring_rules", _in_list),
        _SCOPES,
        (ANY_MODULE, Param("layout_id"), Param("name"), INNER_DETAILS, *PAGES),
    ),
    Route(f"{_PATH}/{{one}}", one_row("scoring_rules", _whole), _SCOPES),
)
