"""What uses tags, values of global picklists and sharing rules, and how often.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/tag-record-count.html,
https://www.zoho.com/crm/developer/docs/api/v8/data-sharing-rules-summary.html, and the OpenAPI
file of global picklists
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zohocrm_demo.answers import Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.rows import existing, rows_named
from zohocrm_demo.organisation.references import Row, ref

_USERS_OF_VALUES = {"custom_views": "custom_views", "workflow_rules": "workflow_rules"}


def count_of_tag(context: Context) -> Answer:
    """How many records of `module` carry the tag in the path, as a text."""
    tag = existing(rows_named(context, "tags"), context.variables["tag"], 2)
    store, name = context.organisation.records, str(context.module_name)
    tagged = sum(tag["name"] in (record.value("Tag") or ()) for record in store.scan(name))
    nothing = {
        "cvnames": [],
        "cvids": [],
        "cvmodules": [],
        "inaccessible_custom_view_present": False,
    }
    return json_answer({"configured_areas": {"custom_view": nothing}, "count": str(tagged)})


def features_of_value(context: Context) -> list[Row]:
    """The views and rules whose conditions name the value of the global picklist."""
    picklist, wanted = context.known["picklist"], context.params["picklist_value_id"]
    value = next((one for one in picklist["pick_list_values"] if one["id"] == wanted), None)
    if value is None:
        raise ZohoError("INVALID_DATA", param_name="picklist_value_id")
    fields = {
        field["id"]
        for rows in context.organisation.fields.values()
        for field in rows
        if (field["global_picklist"] or {}).get("id") == picklist["id"]
    }
    found = []
    for kind in _USERS_OF_VALUES:
        resources = [
            {**ref(row, "name", "id"), "details": {"module": module}}
            for module, row in _rows(context, kind)
            if any(
                one["field"]["id"] in fields and one["value"] == value["actual_value"]
                for one in _conditions(row)
            )
        ]
        if resources:
            found.append({"type": kind, "resources": resources})
    return found


def _rows(context: Context, kind: str) -> Iterator[tuple[Row, Row]]:
    content = context.organisation.content(kind)
    if isinstance(content, dict):
        for module in context.organisation.modules:
            for row in content.get(module["api_name"], ()):
                yield ref(module), row
        return
    for row in content or ():
        yield row["module"], row


def _conditions(part: Any) -> Iterator[Row]:
    if isinstance(part, dict):
        if isinstance(part.get("field"), dict) and "id" in part["field"] and "value" in part:
            yield part
        for inner in part.values():
            yield from _conditions(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _conditions(inner)


def sharing_summary(context: Context) -> list[Row]:
    """How many sharing rules each shared module has; none without any rule."""
    rules = rows_named(context, "sharing_rules")
    if not rules:
        return []
    return [
        {
            "module": row["module"],
            "rule_computation_status": row["rule_computation_running"],
            "rule_count": sum(rule["module"]["id"] == row["module"]["id"] for rule in rules),
        }
        for row in context.organisation.data_sharing
    ]
