"""Assignment rules: `GET /crm/v8/settings/automation/assignment_rules` and one of them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-assignment-rules.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import not_supported
from zohocrm_demo.families.chosen_module import (
    ANY_MODULE,
    DETAILS,
    INNER_DETAILS,
    MODULE,
    chosen_module,
)
from zohocrm_demo.families.rows import Row, all_of, one_row, without
from zohocrm_demo.organisation.references import has_tab
from zohocrm_demo.routes import Route

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_SCOPES = ("ZohoCRM.settings.assignment_rules.READ",)
_PATH = "/crm/v8/settings/automation/assignment_rules"
_ACTIVITIES = frozenset({"Tasks", "Events", "Calls"})


def _in_list(context: Context) -> list[Row]:
    # The entries of a rule only come with the call for one.
    return [without(row, ("rule_entries",)) for row in _whole(context)]


def _whole(context: Context) -> list[Row]:
    rules = context.organisation.automation.assignment_rules
    if "module" not in context.params:
        return rules
    module = chosen_module(context)
    if not has_tab(module) or module["api_name"] in _ACTIVITIES:
        raise not_supported("Module not supported in assignment rules", DETAILS)
    return [rule for rule in rules if rule["module"]["api_name"] == module["api_name"]]


ROUTES = (
    Route(_PATH, all_of("assignment_rules", _in_list), _SCOPES, (ANY_MODULE, INNER_DETAILS)),
    Route(
        f"{_PATH}/{{one}}", one_row("assignment_rules", _whole), _SCOPES, (MODULE, INNER_DETAILS)
    ),
)
