"""Layouts and what is made of them: dependencies, pipelines, related lists, custom views.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/layouts-meta.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-map-dependency.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-pipelines.html,
https://www.zoho.com/crm/developer/docs/api/v8/related-list-meta.html,
https://www.zoho.com/crm/developer/docs/api/v8/custom-view-meta.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.families.rows import (
    Row,
    existing,
    known_param,
    page,
    pick,
    rows_named,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zohocrm_demo.routes import Context

_LAYOUT_INDEX = 2
_ELSEWHERE = ("layout_associations", "email_parser")
_VIEW_DETAILS = (
    "criteria",
    "cross_filters",
    "fields",
    "shared_to",
    "sort_by",
    "sort_order",
    "wrap_text",
)
_VIEW_CATEGORIES = {
    "public_views": "Public Views",
    "other_users_views": "Other Users' Views",
    "shared_with_me": "Shared With Me",
    "created_by_me": "Created By Me",
}


def whole_layouts(context: Context) -> list[Row]:
    """The layouts of `module` with the fields in them."""
    return [_whole(layout, context) for layout in rows_named(context, "layouts")]


def map_dependencies(context: Context) -> list[Row]:
    """The dependencies of a layout of `module`.

    Raises:
        ZohoError: 400 INVALID_DATA for a layout that isn't the module's.
    """
    layout = existing(rows_named(context, "layouts"), context.variables["layout"], _LAYOUT_INDEX)
    return context.organisation.customization.map_dependencies.get(layout["id"], [])


def pipelines(context: Context) -> list[Row]:
    """The pipelines of a layout of deals; 400 INVALID_DATA for an unknown one."""
    made = context.organisation.customization
    layout = known_param(context, "layout_id", made.layouts.get("Deals", []))
    return made.pipelines.get(layout or "", [])


def related_lists(context: Context) -> list[Row]:
    """The related lists of `module`, hidden ones too; 400 INVALID_DATA for an unknown layout."""
    known_param(context, "layout_id", rows_named(context, "layouts"))
    return rows_named(context, "related_lists")


def list_custom_views(context: Context) -> Answer:
    """The views of `module`, without criteria, fields and sorting; 204 for a module with none."""
    views = rows_named(context, "custom_views")
    rows = [without(view, _VIEW_DETAILS) for view in views]
    return page(context, "custom_views", rows, **_view_info(views))


def get_custom_view(context: Context) -> Answer:
    """One whole view of `module` by its id; 204 for an unknown one."""
    views = rows_named(context, "custom_views")
    view = pick(views, context.variables["one"])
    return json_answer({"custom_views": [view], "info": _view_info(views)}) if view else NO_CONTENT


def _view_info(views: list[Row]) -> Row:
    default = next((view["id"] for view in views if view["default"]), None)
    return {"default": default, "translation": _VIEW_CATEGORIES}


def _whole(layout: Row, context: Context) -> Row:
    organisation = context.organisation
    known = {field["id"]: field for field in organisation.fields[context.named_module["api_name"]]}
    maps = _maps(layout["id"], context)
    sections = [
        {
            **section,
            "fields": [
                {**_as_in_layouts(known[place["id"]], maps), **place}
                for place in section["fields"]
                if place["id"] in known
            ],
        }
        for section in layout["sections"]
    ]
    included: Row = {}
    if context.params.get("include") == "total_profiles":
        included["total_profiles"] = len(layout["profiles"])
    elif context.params.get("include") == "portal_user_types":
        included["portal_user_types"] = []
    return {**layout, "sections": sections, **included}


def _as_in_layouts(field: Row, maps: Mapping[str, list[Row]]) -> Row:
    values = [{**value, "maps": maps.get(value["id"], [])} for value in field["pick_list_values"]]
    return {**without(field, _ELSEWHERE), "pick_list_values": values}


def _maps(layout_id: str, context: Context) -> dict[str, list[Row]]:
    """What the choice of a value leaves to choose from in other fields, by the value's id."""
    made = context.organisation.customization
    maps: dict[str, list[Row]] = {}
    for pipeline in made.pipelines.get(layout_id, []):
        stage = next(
            field for field in context.organisation.fields["Deals"] if field["api_name"] == "Stage"
        )
        maps.setdefault(pipeline["id"], []).append(_map(stage, pipeline["maps"]))
    for dependency in made.map_dependencies.get(layout_id, []):
        for value in dependency["pick_list_values"]:
            maps.setdefault(value["id"], []).append(_map(dependency["child"], value["maps"]))
    return maps


def _map(field: Row, values: list[Row]) -> Row:
    return {
        "api_name": field["api_name"],
        "id": field["id"],
        "pick_list_values": [
            {
                "display_value": value["display_value"],
                "colour_code": value.get("colour_code"),
                "actual_value": value["actual_value"],
                "id": value["id"],
            }
            for value in values
        ],
    }
