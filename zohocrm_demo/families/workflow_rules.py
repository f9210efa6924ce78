"""Workflow rules counted, what may set them off, and what they do; cadences.

Source: https://www.zoho.com/crm/developer/docs/api/v8/openapi-specification.html
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.families.rows import Row, pick, ref, rows_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zohocrm_demo.routes import Context

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


def count_rules(context: Context) -> Answer:
    """`rules_count`: an object of limits, and how many rules there are and are active."""
    return json_answer(
        {"rules_count": {**_LIMITS, **_counts(rows_named(context, "workflow_rules"))}}
    )


def counts_by_module(context: Context) -> list[Row]:
    """How many rules there are and are active, a row per module with rules."""
    groups: dict[str, list[Row]] = {}
    for rule in rows_named(context, "workflow_rules"):
        groups.setdefault(rule["module"]["api_name"], []).append(rule)
    return [
        {"module": rules[0]["module"], **dict(reversed(_counts(rules).items()))}
        for rules in groups.values()
    ]


def action_counts(context: Context) -> list[Row]:
    """How many actions of each type the rules in `ids` set off."""
    wanted = context.params["ids"].split(",")
    return [
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
        for rule in context.organisation.automation.workflow_rules
        if rule["id"] in wanted
    ]


def configurations(context: Context) -> Row:
    """What may set rules of `module` off, and what they may do."""
    del context
    return {
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


def field_updates(context: Context) -> list[Row]:
    """All field updates, with what `include_inner_details` names of their fields."""
    rows = context.organisation.automation.field_updates
    asked = context.params.get("include_inner_details")
    if asked is None:
        return rows
    return [{**row, "field": _detailed(context, row, asked.split(","))} for row in rows]


def cadences(context: Context) -> list[Row]:
    """The cadences; ids and names alone if `fields` says so."""
    rows = rows_named(context, "cadences")
    if "fields" not in context.params:
        return rows
    active = context.params.get("active")
    kept = [row for row in rows if active in {None, str(row["active"]).lower()}]
    return [ref(row, "id", "name") for row in kept]


def _detailed(context: Context, update: Row, wanted: Iterable[str]) -> Row:
    fields = context.organisation.fields.get(update["module"]["api_name"], [])
    known = pick(fields, update["field"]["id"]) or {}
    return {**update["field"], **{key: known.get(key) for key in wanted}}


def _counts(rules: list[Row]) -> dict[str, int]:
    active = sum(1 for rule in rules if rule["status"]["active"])
    return {"total_rules_configured": len(rules), "active_rules_configured": active}


def _counted(actions: list[Row]) -> dict[str, Any]:
    counts = Counter(action["type"] for action in actions)
    return {"actions_count": [{"type": kind, "value": count} for kind, count in counts.items()]}
