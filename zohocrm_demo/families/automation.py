"""Rules counted, what they do, and what failed of it.

Source: https://www.zoho.com/crm/developer/docs/api/v8/openapi-specification.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.families.rows import known_param, pick, rows_named
from zohocrm_demo.organisation.data_files import read_file

if TYPE_CHECKING:
    from zohocrm_demo.organisation.references import Row
    from zohocrm_demo.routes import Context


def count_rules(context: Context) -> Answer:
    """`rules_count`: an object of limits, and how many rules there are and are active."""
    limits = read_file("module_settings.yaml")["rule_limits"]
    counts = _counts(rows_named(context, "workflow_rules"))
    return json_answer({"rules_count": {**limits, **dict(reversed(counts.items()))}})


def counts_by_module(context: Context) -> list[Row]:
    """How many rules there are and are active, a row per module with rules."""
    groups: dict[str, list[Row]] = {}
    for rule in rows_named(context, "workflow_rules"):
        groups.setdefault(rule["module"]["api_name"], []).append(rule)
    return [{"module": rules[0]["module"], **_counts(rules)} for rules in groups.values()]


def _counts(rules: list[Row]) -> dict[str, int]:
    active = sum(1 for rule in rules if rule["status"]["active"])
    return {"active_rules_configured": active, "total_rules_configured": len(rules)}


def configurations(context: Context) -> Row:
    """What may set rules of `module` off, and what they may do."""
    del context
    settings = read_file("module_settings.yaml")
    triggers, actions = settings["triggers"], settings["actions"]
    return {
        "related_triggers_details": [],
        "triggers": [
            {
                "api_name": trigger,
                "deprecated": False,
                "name": _title(trigger),
                "scheduled_actions_supported": trigger != "delete",
                "actions": actions,
            }
            for trigger in triggers
        ],
        "actions": [
            {
                "is_clickable": True,
                "associate_action": action is not actions[-1],
                "limit_per_action": None if index else 5,
                "api_name": action,
                "supported_in_scheduled_action": True,
                "name": _title(action),
                "limit": 5,
            }
            for index, action in enumerate(actions)
        ],
    }


def _title(api_name: str) -> str:
    return api_name.replace("_", " ").capitalize()


def field_updates(context: Context) -> list[Row]:
    """All field updates, with what `include_inner_details` names of their fields."""
    rows = context.organisation.field_updates
    keys = [key for key in context.params.get("include_inner_details", "").split(",") if key]
    return [{**row, "field": _detailed(context, row, keys)} for row in rows]


def _detailed(context: Context, update: Row, keys: list[str]) -> Row:
    fields = context.organisation.fields.get(update["module"]["api_name"], [])
    known = pick(fields, update["field"]["id"]) or {}
    return {**update["field"], **{key: known.get(key) for key in keys}}


def webhook_failures(context: Context) -> list[Row]:
    """The failures of the days `from` to `to`, of all webhooks or one, of all modules or one.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown webhook.
    """
    automation = context.organisation
    hook = known_param(context, "webhook_id", automation.webhooks)
    first, last = context.params.get("from", ""), context.params.get("to", "9999-12-31")
    return [
        row
        for row in automation.webhook_failures
        if hook in {None, row["webhook"]["id"]}
        and context.module_name in {None, row["entity_details"]["module"]["api_name"]}
        and first <= row["failure_time"][:10] <= last
    ]
