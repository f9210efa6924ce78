"""Layouts and what is made of them: pipelines, related lists, custom views, wizards.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/layouts-meta.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-pipelines.html,
https://www.zoho.com/crm/developer/docs/api/v8/related-list-meta.html,
https://www.zoho.com/crm/developer/docs/api/v8/custom-view-meta.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-wizards.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.rows import known_param, page, pick, ref, rows_named, without

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zohocrm_demo.organisation.references import Row
    from zohocrm_demo.routes import Context

_ELSEWHERE = ("layout_associations", "email_parser")
_VIEW_DETAILS = frozenset(
    ["criteria", "cross_filters", "fields", "shared_to", "sort_by", "sort_order", "wrap_text"]
)
_VIEW_CATEGORIES = {
    "public_views": "Public Views",
    "other_users_views": "Other Users' Views",
    "shared_with_me": "Shared With Me",
    "created_by_me": "Created By Me",
}


def whole_layouts(context: Context) -> list[Row]:
    """The layouts of `module` with the fields in them."""
    known = {field["id"]: field for field in rows_named(context, "fields")}
    return [_whole(layout, known, context) for layout in rows_named(context, "layouts")]


def _whole(layout: Row, known: Mapping[str, Row], context: Context) -> Row:
    maps = _maps(layout["id"], context)
    sections = []
    for section in layout["sections"]:
        fields = [
            {**_as_in_layouts(known[place["id"]], maps), **place}
            for place in section["fields"]
            if place["id"] in known
        ]
        sections.append({**section, "fields": fields})
    included = {"total_profiles": len(layout["profiles"]), "portal_user_types": []}
    return {**layout, "sections": sections, **included}


def _as_in_layouts(field: Row, maps: Mapping[str, list[Row]]) -> Row:
    values = [{**value, "maps": maps.get(value["id"], [])} for value in field["pick_list_values"]]
    return {**without(field, _ELSEWHERE), "pick_list_values": values}


def _maps(layout_id: str, context: Context) -> dict[str, list[Row]]:
    """What the choice of a value leaves to choose from in other fields, by the value's id."""
    made = context.organisation
    maps: dict[str, list[Row]] = {}
    for pipeline in made.pipelines.get(layout_id, []):
        stage = pick(context.organisation.fields["Deals"], "Stage", "api_name") or {}
        maps.setdefault(pipeline["id"], []).append(_map(stage, pipeline["maps"]))
    for dependency in made.map_dependencies.get(layout_id, []):
        for value in dependency["pick_list_values"]:
            maps.setdefault(value["id"], []).append(_map(dependency["child"], value["maps"]))
    return maps


def _map(field: Row, values: list[Row]) -> Row:
    keys = ("display_value", "colour_code", "actual_value", "id")
    return {
        **ref(field),
        "pick_list_values": [{key: row.get(key) for key in keys} for row in values],
    }


def pipelines(context: Context) -> list[Row]:
    """The pipelines of a layout of deals; 400 INVALID_DATA for an unknown one."""
    made = context.organisation
    layout = known_param(context, "layout_id", made.layouts.get("Deals", []))
    rows: list[Row] = made.pipelines.get(layout, [])
    return rows


def related_lists(context: Context) -> list[Row]:
    """The related lists of `module`, hidden ones too; 400 INVALID_DATA for an unknown layout."""
    known_param(context, "layout_id", rows_named(context, "layouts"))
    return rows_named(context, "related_lists")


def custom_views(context: Context) -> Answer:
    """The views of `module`, without criteria, fields and sorting, or one whole; 204 for none."""
    views = rows_named(context, "custom_views")
    default = next((view["id"] for view in views if view["default"]), None)
    info: Row = {"default": default, "translation": _VIEW_CATEGORIES}
    if "one" not in context.variables:
        rows = [without(view, _VIEW_DETAILS) for view in views]
        return page(context, "custom_views", rows, **info)
    view = pick(views, context.variables["one"])
    return json_answer({"custom_views": [view], "info": info}) if view else NO_CONTENT


def wizards(context: Context) -> list[Row]:
    """All wizards, or those of `module`, without the fields of their screens."""
    return [
        {**wizard, "containers": list(_brief(wizard["containers"]))}
        for wizard in rows_named(context, "wizards")
    ]


def whole_wizards(context: Context) -> list[Row]:
    """One wizard with its container for a layout: the screens' fields and the way through them.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown wizard, or a layout that it hasn't.
    """
    wizard = pick(rows_named(context, "wizards"), context.variables["one"])
    if wizard is None:
        raise ZohoError("INVALID_DATA", "Invalid Wizard ID", resource_path_index=2)
    layout = context.params["layout_id"]
    known_param(context, "layout_id", (row["layout"] for row in wizard["containers"]))
    containers = [row for row in wizard["containers"] if row["layout"]["id"] == layout]
    return [{**wizard, "containers": containers}]


def _brief(containers: list[Row]) -> Iterable[Row]:
    for container in containers:
        screens = [without(screen, ("segments", "reference_id")) for screen in container["screens"]]
        yield {**without(container, ("chart_data",)), "screens": screens}
