"""Workflow rules: when which actions are set off.

Source: https://www.zoho.com/crm/developer/docs/api/v8/openapi-specification.html
"""

from __future__ import annotations

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.references import (
    RULES,
    Fields,
    Row,
    by_api_name,
    field_ref,
    module_ref,
    stamps,
)
from zohocrm_demo.organisation.rules import criterion

_WHEN = (
    ("Leads", "create"),
    ("Leads", "create_or_edit"),
    ("Deals", "field_update"),
    ("Cases", "date_or_datetime"),
    ("Accounts", "delete"),
    ("Water_Samples", "edit"),
)
_REPEATED = frozenset({"edit", "create_or_edit"})
_NEVER_RUN = 4


def workflow_rules(modules: list[Row], fields: Fields, actions: dict[str, list[Row]]) -> list[Row]:
    """The workflow rules, whole: with their conditions.

    Args:
        modules: All modules.
        fields: All fields.
        actions: What may be set off, by Zoho's name for its type.
    """
    known = by_api_name(modules)
    made = []
    for index, (name, kind) in enumerate(_WHEN):
        own = fields.get(name)
        if name not in known or not own:
            continue
        first = RULES + 30_000 + 100 * index
        ref = module_ref(known[name])
        run = local(f"2025-08-{index + 10}T06:00:00")
        made.append(
            {
                **stamps(110 + index, "Priya", "Ingrid"),
                "execute_when": {"type": kind, "details": _trigger(kind, ref, own)},
                "editable": True,
                "module": ref,
                "deprecated": False,
                "deletable": True,
                "description": None if index % 2 else f"When {kind.replace('_', ' ')}",
                "source": "crm",
                "last_executed_time": None if index == _NEVER_RUN else run,
                "name": f"{known[name]['plural_label']}: {kind.replace('_', ' ')}",
                "lock": {"locked_by": None, "message": None, "status": False},
                "id": make_id(first),
                "category": "workflow",
                "conditions": [_condition(name, own, actions, first + 1)],
                "status": {"active": index != _NEVER_RUN},
            }
        )
    return made


def _trigger(kind: str, module: Row, fields: list[Row]) -> Row:
    details: Row = {"trigger_module": module}
    if kind in _REPEATED:
        details["repeat"] = True
    elif kind == "field_update":
        choice = dict(_first_choice(fields) or {})
        choice.pop("type", None)
        details.update(criteria=choice or None, repeat=False, match_all=False)
    elif kind == "date_or_datetime":
        created = by_api_name(fields)["Created_Time"]
        details.update(
            unit=3,
            period="days",
            field=field_ref(created),
            recur_cycle="once",
            repeat=False,
            execute_at="09:00",
        )
    return details


def _condition(name: str, fields: list[Row], actions: dict[str, list[Row]], number: int) -> Row:
    instant = [
        {
            "id": row["id"],
            "name": row["name"],
            "type": kind,
            "related_details": None,
            "details": {"module": module_ref(row["module"])},
        }
        for kind, rows in actions.items()
        for row in rows
        if row["module"]["api_name"] == name
    ]
    later = {
        "execute_after": {"period": "hours", "unit": 4},
        "actions": instant[:1],
        "id": make_id(number + 1),
    }
    return {
        "sequence_number": 1,
        "instant_actions": {"actions": instant},
        "scheduled_actions": [later] if len(instant) > 1 else None,
        "criteria_details": {
            "criteria": _first_choice(fields),
            "relational_criteria": {"criteria": None, "module_selection": None, "module": None},
        },
        "id": make_id(number),
    }


def _first_choice(fields: list[Row]) -> Row | None:
    for field in fields:
        if field["data_type"] == "picklist" and len(field["pick_list_values"]) > 1:
            return criterion(field, 1)
    return None
