"""What workflow rules set off: field updates, tasks and webhooks.

Source: https://www.zoho.com/crm/developer/docs/api/v8/openapi-specification.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import ZONE_NAME, local
from zohocrm_demo.organisation.people import user_refs
from zohocrm_demo.organisation.references import (
    ACTIONS,
    FAILURES,
    Fields,
    Row,
    by_api_name,
    field_ref,
    module_ref,
    stamps,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_UPDATED = (
    ("Leads", "Lead_Status"),
    ("Deals", "Stage"),
    ("Cases", "Status"),
    ("Water_Samples", "Odour"),
    ("Accounts", "Owner"),
)
_TASKED = ("Leads", "Deals", "Cases")
_NOTIFIED = ("Leads", "Accounts", "Cases", "Water_Samples")
_URL = "https://hooks.brightwater-instruments.example/"
_FAILED_CALLS = 5


def field_updates(modules: list[Row], fields: Fields) -> list[Row]:
    """The field updates; the value is a text, or a reference for an owner."""
    known = by_api_name(modules)
    made = []
    for index, (name, field) in enumerate(_found(_UPDATED, fields)):
        value: str | Row = user_refs()["Leïla"]
        if field["pick_list_values"]:
            value = field["pick_list_values"][-1]["actual_value"]
        made.append(
            {
                **_action(index, known[name]),
                "update_type": "overwrite",
                "apply_assignment_threshold": False,
                "related_module": None,
                "type": "static",
                "notify": False,
                "field": {**field_ref(field), "ui_type": field["ui_type"]},
                "dependent_fields": [],
                "related_records": None,
                "name": f"Set {field['field_label']} of {known[name]['plural_label']}",
                "value": value,
            }
        )
    return made


def workflow_tasks(modules: list[Row], fields: Fields) -> list[Row]:
    """The tasks; their fields are those of the module Tasks."""
    known, tasks = by_api_name(modules), by_api_name(fields["Tasks"])
    made = []
    for index, name in enumerate(name for name in _TASKED if name in known):
        module = known[name]
        subject = f"Call back: {module['singular_label']}"
        mappings = (
            ("Subject", "static", subject, subject),
            ("Due_Date", "execution_time", "Execution date", {"unit": 2, "period": "days"}),
            ("Owner", "merge_field", "Owner", f"${{!{name}.Owner}}"),
        )
        made.append(
            {
                **_action(1_000 + index, module),
                "related_module": None,
                "notify": True,
                "field_mappings": [
                    {
                        "display_value": shown,
                        "field": field_ref(tasks[field]),
                        "type": kind,
                        "value": value,
                    }
                    for field, kind, shown, value in mappings
                    if field in tasks
                ],
                "name": subject,
            }
        )
    return made


def webhooks(modules: list[Row]) -> list[Row]:
    """The webhooks; one of them for the notes of a module."""
    known = by_api_name(modules)
    made = []
    for index, name in enumerate(name for name in _NOTIFIED if name in known):
        raw = index % 2 == 1
        action = _action(2_000 + index, known[name])
        made.append(
            {
                **action,
                "module": module_ref(known[name]),
                "related_module": module_ref(known["Notes"]) if index == 1 else None,
                "lock_status": {"locked": False, "message": ""},
                "headers": {
                    "custom_parameters": [{"name": "X-Sender", "value": "crm"}],
                    "module_parameters": [],
                },
                "url_parameters": {},
                "description": None if raw else "Tells the warehouse",
                "body": {
                    "format": "JSON" if raw else None,
                    "raw_data_content": '{"id": "${!id}"}' if raw else None,
                    "type": "raw" if raw else "form_data",
                    "form_data_content": {
                        "module_parameters": []
                        if raw
                        else [{"name": "id", "value": f"${{!{name}.id}}"}],
                        "user_defined_parameter": {"name": "", "value": ""},
                        "custom_parameters": [],
                    },
                },
                "url": f"{_URL}{name.lower()}",
                "http_method": "POST",
                "name": f"Tell of {known[name]['plural_label']}",
                "date_time_format": {
                    "datetime_format": "yyyy-MM-dd'T'HH:mm:ssZ",
                    "date_format": "yyyy-MM-dd",
                    "time_zone": ZONE_NAME,
                },
                "authentication": {"type": "general"},
            }
        )
    return made


def webhook_failures(hooks: list[Row], rules: list[Row]) -> list[Row]:
    """Calls of webhooks that failed, the latest first.

    Args:
        hooks: The webhooks.
        rules: The workflow rules that set them off.
    """
    made = []
    for index in range(_FAILED_CALLS if hooks and rules else 0):
        hook = hooks[index % len(hooks)]
        rule = next((row for row in rules if row["module"] == hook["module"]), rules[0])
        made.append(
            {
                "webhook": {key: hook[key] for key in ("name", "id")},
                "entity_details": {
                    "module": hook["module"],
                    "name": f"Record {index}",
                    "id": make_id(FAILURES + 1_000 + index),
                },
                "failure_time": local(f"2025-08-{20 - index:02d}T03:04:05"),
                "failure_reason": "Response code 502" if index else "Connection timed out",
                "id": make_id(FAILURES + index),
                "workflow_rule": {key: rule[key] for key in ("name", "id")},
            }
        )
    return made


def _action(number: int, module: Row) -> Row:
    return {
        **stamps(100 + number % 100, "Priya", "Ingrid"),
        "lock_status": {"locked": False},
        "editable": True,
        "module": {
            **module_ref(module),
            "singular_label": module["singular_label"],
            "plural_label": module["plural_label"],
            "moduleName": module["module_name"],
        },
        "deletable": False,
        "source": "crm",
        "feature_type": "workflow",
        "associated": True,
        "id": make_id(ACTIONS + number),
    }


def _found(table: tuple[tuple[str, str], ...], fields: Fields) -> Iterator[tuple[str, Row]]:
    for name, api_name in table:
        field = by_api_name(fields.get(name, [])).get(api_name)
        if field is not None:
            yield name, field
