"""What workflow rules set off: field updates and tasks.

Source: https://www.zoho.com/crm/developer/docs/api/v8/openapi-specification.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import invalid_param, not_supported
from zohocrm_demo.families.chosen_module import (
    ANY_MODULE,
    INNER_DETAILS,
    of_chosen_module,
)
from zohocrm_demo.families.rows import PAGES, Row, one_row, page_of, pick
from zohocrm_demo.families.sorting import in_order, sorting
from zohocrm_demo.params import Param, one_of
from zohocrm_demo.routes import Route

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

SCOPES = ("ZohoCRM.settings.automation_actions.READ",)
_UPDATES = "/crm/v8/settings/automation/field_updates"
_TASKS = "/crm/v8/settings/automation/tasks"
_PATH_INDEX = 3
_INNER = "include_inner_details"
_OF_FIELD = ("field_label", "enable_colour_code", "data_type")
_ELSEWHERE = ("pick_list_values.colour_code", "display_value")
_tasks_of_module = of_chosen_module(lambda organisation: organisation.automation.workflow_tasks)


def _field_updates(context: Context) -> list[Row]:
    rows = in_order(context, context.organisation.automation.field_updates, "desc")
    if _INNER not in context.params:
        return rows
    return [{**row, "field": _detailed(context, row)} for row in rows]


def _detailed(context: Context, update: Row) -> Row:
    fields = context.organisation.fields.get(update["module"]["api_name"], [])
    known = pick(fields, update["field"]["id"]) or {}
    wanted = context.params[_INNER].split(",")
    return {**update["field"], **{key: known.get(key) for key in wanted}}


def _tasks(context: Context) -> list[Row]:
    feature = context.params.get("feature_type")
    return [row for row in _tasks_of_module(context) if feature in {None, row["feature_type"]}]


def _inner_details(name: str, value: str) -> None:
    for index, item in enumerate(value.split(",")):
        if item in _ELSEWHERE:
            raise not_supported(f"{item} is not supported by the demo", {"param_name": name})
        if item not in _OF_FIELD:
            raise invalid_param(name, (*_OF_FIELD, *_ELSEWHERE), index)


ROUTES = (
    Route(
        _UPDATES,
        page_of("field_updates", _field_updates),
        SCOPES,
        (Param(_INNER, _inner_details), *sorting("modified_time"), *PAGES),
    ),
    Route(
        f"{_UPDATES}/{{one}}",
        one_row("field_updates", _field_updates),
        SCOPES,
        (Param(_INNER, _inner_details, required=True),),
    ),
    Route(
        _TASKS,
        page_of("tasks", _tasks),
        SCOPES,
        (ANY_MODULE, Param("feature_type", one_of("workflow")), *PAGES),
    ),
    Route(f"{_TASKS}/{{one}}", one_row("tasks", _tasks, _PATH_INDEX), SCOPES, (INNER_DETAILS,)),
)
