"""Workflow rules, how many there are, and what a module offers them.

Paths: `/crm/v8/settings/automation/workflow_rules`, one of them, three counts, and
`/crm/v8/workflow_configurations`.

Source: https://www.zoho.com/crm/developer/docs/api/v8/openapi-specification.html
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.chosen_module import (
    ANY_MODULE,
    DETAILS,
    INNER_DETAILS,
    MODULE,
    chosen_module,
    of_chosen_module,
)
from zohocrm_demo.families.rows import (
    PAGES,
    Row,
    id_list,
    limit_exceeded,
    one_row,
    page_of,
    without,
)
from zohocrm_demo.families.sorting import in_order, sorting
from zohocrm_demo.organisation.references import has_tab
from zohocrm_demo.params import Param, one_of, refused
from zohocrm_demo.routes import Context, Route

if TYPE_CHECKING:
    from collections.abc import Iterable

_SCOPES = ("ZohoCRM.settings.workflow_rules.READ",)
_PATH = "/crm/v8/settings/automation/workflow_rules"
_PATH_INDEX = 3
_MOST_IDS = 10
_LIMITS = {
    "scheduled_actions_per_rule_limit": 10,
    "total_rules_limit": 2_500,
    "rules_per_process_limit": 10,
    "total_actions_per_rule_limit": 60,
    "total_rules_limit_per_module": 500,
    "active_rules_limit": 1_000,
    "active_rules_limit_per_module": 150,
}
_TRIGGERS = ("create", "edit", "create_or_edit", "delete", "field_update", "date_or_datetime")
_ACTIONS = ("email_notifications", "field_updates", "tasks", "webhooks", "functions", "add_tags")
_of_module = of_chosen_module(lambda organisation: organisation.automation.workflow_rules)


def _in_list(context: Context) -> list[Row]:
    # Conditions and actions only come with the call for one.
    active, trigger = context.params.get("status_active"), context.params.get("execute_on")
    rules = [
        without(rule, ("conditions",))
        for rule in _of_module(context)
        if active in {None, str(rule["status"]["active"]).lower()}
        and trigger in {None, rule["execute_when"]["type"]}
    ]
    return in_order(context, rules, "desc")


def _whole(context: Context) -> list[Row]:
    return context.organisation.automation.workflow_rules


def count_rules(context: Context) -> Answer:
    """`rules_count`: an object of limits, and how many rules there are and are active."""
    rules = _whole(context)
    counts = {
        "total_rules_configured": len(rules),
        "active_rules_configured": _active(rules),
    }
    return json_answer({"rules_count": {**_LIMITS, **counts}})


def count_by_module(context: Context) -> Answer:
    """`module_specific_count`: a row a module with rules; 204 without any.

    Raises:
        ZohoError: 400 INVALID_MODULE for unknown modules.
    """
    groups: dict[str, list[Row]] = {}
    for rule in _of_module(context):
        groups.setdefault(rule["module"]["api_name"], []).append(rule)
    rows = [
        {
            "module": rules[0]["module"],
            "active_rules_configured": _active(rules),
            "total_rules_configured": len(rules),
        }
        for rules in groups.values()
    ]
    return json_answer({"module_specific_count": rows}) if rows else NO_CONTENT


def count_actions(context: Context) -> Answer:
    """How many actions of each type the rules in `ids` set off; 204 if none is known."""
    wanted = context.params["ids"].split(",")
    rows = [
        {
            "id": rule["id"],
            "conditions": [
                {
                    "sequence_number": condition["sequence_number"],
                    "instant_actions": _counted(condition["instant_actions"]["actions"]),
                    "scheduled_actions": [
                        _counted(later["actions"]) for later in condition["scheduled_actions"] or ()
                    ]
                    or None,
                    "id": condition["id"],
                }
                for condition in rule["conditions"]
            ],
        }
        for rule in _whole(context)
        if rule["id"] in wanted
    ]
    return json_answer({"workflow_rules": rows}) if rows else NO_CONTENT


def get_configurations(context: Context) -> Answer:
    """`workflow_configurations`: an object of what may set rules of `module` off, and do.

    Raises:
        ZohoError: 400 INVALID_MODULE for unknown modules and those without a tab.
    """
    try:
        module = chosen_module(context)
    except ZohoError:
        module = None
    if module is None or not has_tab(module):
        message = "The value provided to the param is Invalid"
        raise ZohoError(400, "INVALID_MODULE", message, DETAILS)
    own = {
        "related_triggers_details": [],
        "triggers": [
            {
                "api_name": trigger,
                "deprecated": False,
                "name": trigger.replace("_", " ").capitalize(),
                "scheduled_actions_supported": trigger != "delete",
                "actions": list(_ACTIONS),
            }
            for trigger in _TRIGGERS
        ],
        "actions": [
            {
                "is_clickable": True,
                "associate_action": index < len(_ACTIONS) - 1,
                "limit_per_action": None if index else 5,
                "api_name": action,
                "supported_in_scheduled_action": True,
                "name": action.replace("_", " ").capitalize(),
                "limit": 5,
            }
            for index, action in enumerate(_ACTIONS)
        ],
    }
    return json_answer({"workflow_configurations": own})


def _active(rules: Iterable[Row]) -> int:
    return sum(1 for rule in rules if rule["status"]["active"])


def _counted(actions: list[Row]) -> dict[str, Any]:
    counts = Counter(action["type"] for action in actions)
    return {"actions_count": [{"type": kind, "value": count} for kind, count in counts.items()]}


def _ten_ids(name: str, value: str) -> None:
    id_list(name, value)
    if value.count(",") >= _MOST_IDS:
        raise limit_exceeded(name, _MOST_IDS)


ROUTES = (
    Route(
        _PATH,
        page_of("workflow_rules", _in_list),
        _SCOPES,
        (
            ANY_MODULE,
            Param("status_active", one_of("true", "false")),
            Param("execute_on"),
            Param("filter", refused("filter is not supported by the demo")),
            INNER_DETAILS,
            *sorting("modified_time"),
            *PAGES,
        ),
    ),
    Route(f"{_PATH}/{{one}}", one_row("workflow_rules", _whole, _PATH_INDEX), _SCOPES),
    Route(f"{_PATH}/actions/rules_count", count_rules, _SCOPES),
    Route(f"{_PATH}/actions/module_specific_count", count_by_module, _SCOPES, (ANY_MODULE,)),
    Route(
        f"{_PATH}/actions/actions_count",
        count_actions,
        _SCOPES,
        (Param("ids", _ten_ids, required=True),),
    ),
    Route("/crm/v8/workflow_configurations", get_configurations, _SCOPES, (MODULE,)),
)
