"""Rules that give records away, score them or follow them up.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-assignment-rules.html,
https://www.zoho.com/crm/developer/docs/api/v8/scoring-rules.html,
https://www.zoho.com/crm/developer/docs/api/v8/cadences/get-cadences.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.people import role_refs, user_refs
from zohocrm_demo.organisation.references import (
    RULES,
    Fields,
    Row,
    by_api_name,
    field_ref,
    module_ref,
    stamps,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zohocrm_demo.organisation.customization import Customization

_ASSIGNED = {"Leads": "Lead_Source", "Cases": "Priority", "Deals": "Type", "Sites": "Site_Kind"}
_SCORED = {"Leads": "Lead_Source", "Contacts": "Lead_Source", "Deals": "Stage"}
_FOLLOWED = ("Leads", "Contacts", "Deals")
_DRAFT = 2


def assignment_rules(modules: list[Row], fields: Fields, tasks: list[Row]) -> list[Row]:
    """The assignment rules, whole: with their entries.

    Args:
        modules: All modules.
        fields: All fields.
        tasks: The tasks of workflows, for what follows an assignment.
    """
    known = by_api_name(modules)
    users, roles = user_refs(), role_refs()
    made = []
    for index, (name, field) in enumerate(_chosen(_ASSIGNED, fields).items()):
        user = users["Amara"]
        first = RULES + 100 * index
        assign_to: list[Row] = [
            {"type": "users", "resources": [users["Amara"], users["Haruto"]]},
            {"type": "role", "resource": roles[index % len(roles)]},
        ]
        made.append(
            {
                "id": make_id(first),
                "name": f"{known[name]['plural_label']} by {field['field_label']}",
                "api_name": f"{name}_by_{field['api_name']}",
                "module": {**module_ref(known[name]), "name": known[name]["plural_label"]},
                "description": "" if index else "Whoever speaks the customer's language",
                **stamps(80 + index, "Tomás"),
                "default_assignee": {**user, "type": "user", "resource": user},
                "rule_entries": [
                    {
                        "id": make_id(first + place),
                        "sequence_number": place,
                        "criteria": criterion(field, place),
                        "assign_to": whom,
                        "user_availability_based_on": ["online_status"] if place > 1 else None,
                        "followup_actions": [
                            {
                                "type": "tasks",
                                "resources": [{key: task[key] for key in ("name", "id")}],
                            }
                            for task in tasks
                            if task["module"]["api_name"] == name
                        ]
                        or None,
                    }
                    for place, whom in enumerate(assign_to, 1)
                ],
            }
        )
    return made


def scoring_rules(modules: list[Row], fields: Fields, made: Customization) -> list[Row]:
    """The scoring rules, whole: with the rules for fields, and one that Zia has learnt.

    Args:
        modules: All modules.
        fields: All fields.
        made: What the organisation has made of its modules.
    """
    known = by_api_name(modules)
    rules = []
    for index, (name, field) in enumerate(_chosen(_SCORED, fields).items()):
        first = RULES + 10_000 + 100 * index
        by_zia = index == _DRAFT
        layout = made.layouts[name][0] if name in made.layouts else None
        rules.append(
            {
                **stamps(90 + index, "Tomás"),
                "custom_fields": None,
                "module": module_ref(known[name]),
                "description": None if index else "Points for where they come from",
                "active": index < _DRAFT,
                "layout": layout
                and {key: layout[key] for key in ("display_label", "api_name", "id")},
                "name": f"{known[name]['singular_label']} score",
                "id": make_id(first),
                "scoring_type": "zia_scoring" if by_zia else "manual_scoring",
                "manual_scoring_rule": None if by_zia else _by_hand(field, first),
                "zia_scoring_rule": _by_zia(field) if by_zia else None,
            }
        )
    return rules


def cadences(modules: list[Row], made: Customization) -> list[Row]:
    """The cadences: one active for a view, one by hand, one draft that nobody has changed.

    Args:
        modules: All modules.
        made: What the organisation has made of its modules.
    """
    known = by_api_name(modules)
    rows = []
    for index, name in enumerate(name for name in _FOLLOWED if name in made.custom_views):
        view = made.custom_views[name][0]
        by_view = index == 0
        row: Row = {
            "summary": {
                "whatsapp_follow_up_count": 0,
                "task_follow_up_count": index,
                "call_follow_up_count": 1,
                "email_follow_up_count": 3 - index,
            },
            "description": "",
            **stamps(150 + index, "Haruto"),
            "module": module_ref(known[name]),
            "active": index < _DRAFT,
            "execution_details": {
                "unenroll_properties": {"end_date": "2026-12-31", "type": "date"},
                "end_date": "2026-12-31",
                "automatic_unenroll": True,
                "type": "date",
                "execute_every": {"unit": 1, "period": "days"},
            }
            if by_view
            else None,
            "published": index < _DRAFT,
            "type": "custom_view" if by_view else "manual_enrollment",
            "name": f"Follow up {known[name]['plural_label']}",
            "id": make_id(RULES + 20_000 + index),
            "custom_view": {key: view[key] for key in ("name", "id")} if by_view else None,
            "status": "active" if index < _DRAFT else "draft",
        }
        if index >= _DRAFT:
            row.update(modified_time=None, modified_by=None)
        rows.append(row)
    return rows


def criterion(field: Row, place: int) -> Row:
    """`{comparator, field, value, type}`: a picklist field has its `place`th value."""
    values = field["pick_list_values"]
    return {
        "comparator": "equal",
        "field": field_ref(field),
        "value": values[place % len(values)]["actual_value"] if values else "",
        "type": "value",
    }


def _chosen(table: Mapping[str, str], fields: Fields) -> dict[str, Row]:
    found = {name: by_api_name(fields.get(name, [])).get(field) for name, field in table.items()}
    return {name: field for name, field in found.items() if field is not None}


def _by_hand(field: Row, first: int) -> Row:
    return {
        "has_signal_rules": False,
        "field_rules": [
            {"score": 10 * place, "id": make_id(first + place), "criteria": criterion(field, place)}
            for place in (1, 2)
        ],
        "touch_point_rules": [
            {
                "group": {"name": "email", "display_value": "Email"},
                "rules": [
                    {
                        "score": -5,
                        "id": make_id(first + 10),
                        "factors": [
                            {
                                "name": "bounced",
                                "comparator": "greater_than",
                                "values": [1],
                                "unit": 30,
                                "period": "days",
                            }
                        ],
                    }
                ],
            }
        ],
    }


def _by_zia(field: Row) -> Row:
    condition = {"criteria": criterion(field, 1), "cross_filters": []}
    return {
        "type": "conversion_score",
        "scoring_record_criteria": criterion(field, 1),
        "training_data": {
            "favourable_condition": condition,
            "unfavourable_condition": {**condition, "criteria": criterion(field, 2)},
        },
    }
