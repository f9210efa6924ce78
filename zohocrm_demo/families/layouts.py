"""Layouts: `GET /crm/v8/settings/layouts` and one of them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/layouts-meta.html
"""

from __future__ import annotations

from collections.abc import Mapping

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import invalid_param, not_supported
from zohocrm_demo.families.chosen_module import (
    DETAILS,
    INNER_DETAILS,
    MODULE,
    chosen_module,
)
from zohocrm_demo.families.rows import Row, pick, without
from zohocrm_demo.params import Param, one_of
from zohocrm_demo.routes import Context, Route

_SCOPES = ("ZohoCRM.settings.layouts.READ",)
_WITHOUT_LAYOUTS = frozenset(
    {"subform", "static_subform", "linking", "field_tracker", "picklisttracker"}
)
_ELSEWHERE = ("layout_associations", "email_parser")
_MODES = ("all", "business_card", "quick_create")


def list_layouts(context: Context) -> Answer:
    """The layouts of `module` with the fields in them; 204 for a module that has none.

    Raises:
        ZohoError: 400 INVALID_MODULE, or NOT_SUPPORTED for subforms, linking modules and histories.
    """
    layouts = layouts_of(context)
    if not layouts:
        return NO_CONTENT
    return json_answer({"layouts": [_whole(layout, context) for layout in layouts]})


def get_layout(context: Context) -> Answer:
    """One layout of `module` by its id; 204 for an unknown one.

    Raises:
        ZohoError: As for the list.
    """
    layout = pick(layouts_of(context), context.variables["layout"])
    return NO_CONTENT if layout is None else json_answer({"layouts": [_whole(layout, context)]})


def layouts_of(context: Context) -> list[Row]:
    """The layouts of the module that the call names.

    Raises:
        ZohoError: As for the list.
    """
    module = chosen_module(context)
    if module["generated_type"] in _WITHOUT_LAYOUTS:
        raise not_supported("the given module has no layouts", DETAILS)
    return context.organisation.customization.layouts.get(module["api_name"], [])


def _whole(layout: Row, context: Context) -> Row:
    organisation = context.organisation
    known = {field["id"]: field for field in organisation.fields[context.params["module"]]}
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


def _mode(name: str, value: str) -> None:
    if value not in _MODES:
        raise invalid_param(name, _MODES)
    if value != _MODES[0]:
        raise not_supported("the demo only has the mode all", {"param_name": name})


_PARAMS = (
    MODULE,
    Param("mode", _mode),
    Param("include", one_of("total_profiles", "portal_user_types")),
    INNER_DETAILS,
)
ROUTES = (
    Route("/crm/v8/settings/layouts", list_layouts, _SCOPES, _PARAMS),
    Route("/crm/v8/settings/layouts/{layout}", get_layout, _SCOPES, _PARAMS),
)
