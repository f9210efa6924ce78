"""Modules, fields and layouts, and what is made of them: views, pipelines, lists, wizards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zohocrm_demo.answers import NO_CONTENT, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.rows import known_param, page, pick, rows_named, without
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.directory import Directory
from zohocrm_demo.organisation.records.calculations import formula_of
from zohocrm_demo.organisation.references import FIRST, Row, make_id, ref

_CARD_FIELDS = 5
_VIEW_FIELDS = 6
_WEB_TABS = frozenset({"web", "webtab_link"})
_ALLOWED = {"read_write": True, "read_only": True, "hidden": True}
_PROPERTIES = ("$approval", "$process_flow", "$editable", "$locked_for_me", "$state", "$in_merge")


def modules(context: Context) -> list[Row]:
    """All modules, or those of the statuses asked for."""
    status = context.params.get("status")
    rows = context.organisation.modules
    return [row for row in rows if status is None or row["status"] in status.split(",")]


def get_module(context: Context) -> Answer:
    """One module by API name or id, with more keys than in the list; 204 for web tabs."""
    module = context.organisation.module(context.variables["module"])
    if module is None:
        raise ZohoError("INVALID_MODULE", resource_path_index=2)
    if module["generated_type"] in _WEB_TABS:
        return NO_CONTENT
    if not module["api_supported"]:
        raise ZohoError("NOT_SUPPORTED", resource_path_index=2)
    # The list's own values win over the details' defaults.
    return json_answer(
        {"modules": [{**module, **_details(module, context.organisation), **module}]}
    )


def _details(module: Row, organisation: Organisation) -> Row:
    fields = organisation.fields.get(module["api_name"], [])
    used = [field for field in fields if field["type"] == "used" and field["visible"]]
    names = [field["api_name"] for field in used]
    shape = Directory().shape
    with_views = bool(module["show_as_tab"] and names)
    name, number = f"All {module['plural_label']}", FIRST["custom_views"]
    columns = [{**ref(field), "_pin": False} for field in used[:_VIEW_FIELDS]]
    own = make_id(number + module["sequence_number"])
    view = shape("default_view", name=name, module=ref(module), fields=columns, id=own)
    return shape(
        "module_details",
        view=view if with_views else None,
        with_views=with_views,
        card=names[: min(_CARD_FIELDS, module["business_card_field_limit"])],
        searched=[field["api_name"] for field in used if field["searchable"]][:_CARD_FIELDS],
        display=next((ref(field) for field in used if field["display_field"]), None),
        properties=list(_PROPERTIES) if module["editable"] else [],
        lookups=[{"sequence_number": at, **ref(field)} for at, field in enumerate(used[:2], 1)],
        related=names[:2],
        triggers=module["isBlueprintSupported"],
        badge="Enabled" if with_views else "Disabled",
    )


def fields(context: Context) -> list[Row]:
    """The fields of `module` of a `type`; by default those in use, and for one by its id all."""
    kind = context.params.get("type", "all" if "one" in context.variables else "used")
    rows = (row for row in rows_named(context, "fields") if kind in {"all", row["type"]})
    return [{**row, "allowed_permissions_to_update": dict(_ALLOWED)} for row in rows]


def global_picklists(context: Context) -> list[Row]:
    """The global picklists with their values and where they are in use."""
    rows = []
    for row in context.organisation.global_picklists:
        uses = list(_uses(context, row["id"]))
        used_in = list({module["id"]: ref(module) for module, _ in uses}.values())
        rows.append({**row, "associated_fields_count": len(uses), "used_in_modules": used_in})
    return rows


def uses_of_picklist(context: Context) -> list[Row]:
    """The fields that use a global picklist."""
    return [
        {
            "field": ref(field),
            "module": ref(module),
            "layouts": [ref(place, "name", "id") for place in field["layout_associations"]],
        }
        for module, field in _uses(context, context.known["picklist"]["id"])
    ]


def _uses(context: Context, picklist_id: str) -> Iterator[tuple[Row, Row]]:
    for module in context.organisation.modules:
        for field in context.organisation.fields.get(module["api_name"], []):
            used = field["global_picklist"]
            if used and used["id"] == picklist_id:
                yield module, field


_ELSEWHERE = ("layout_associations", "email_parser")
_SCREEN_DETAILS = ("segments", "reference_id")
_VIEW_DETAILS = frozenset(
    ["criteria", "cross_filters", "fields", "shared_to", "sort_by", "sort_order", "wrap_text"]
)


def whole_layouts(context: Context) -> list[Row]:
    """The layouts of `module` with the fields in them."""
    known = {field["id"]: field for field in rows_named(context, "fields")}
    return [_whole(layout, known, context) for layout in rows_named(context, "layouts")]


def _whole(layout: Row, known: Mapping[str, Row], context: Context) -> Row:
    maps = _maps(layout["id"], context)

    def field(place: Row) -> Row:
        own = known[place["id"]]
        values = [{**one, "maps": maps.get(one["id"], [])} for one in own["pick_list_values"]]
        formula = formula_of(own)
        return {
            **without(own, _ELSEWHERE),
            "pick_list_values": values,
            **({"formula": formula} if formula else {}),
            **place,
        }

    sections = [
        {**section, "fields": [field(one) for one in section["fields"] if one["id"] in known]}
        for section in layout["sections"]
    ]
    included = {"total_profiles": len(layout["profiles"]), "portal_user_types": []}
    return {**layout, "sections": sections, **included}


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
    info: Row = {
        "default": default,
        "translation": read_file("module_settings.yaml")["view_categories"],
    }
    if "one" not in context.variables:
        rows = [without(view, _VIEW_DETAILS) for view in views]
        return page(context, "custom_views", rows, **info)
    view = pick(views, context.variables["one"])
    return json_answer({"custom_views": [view], "info": info}) if view else NO_CONTENT


def wizards(context: Context) -> list[Row]:
    """All wizards, or those of `module`, without the fields of their screens."""
    rows = []
    for wizard in rows_named(context, "wizards"):
        containers = [
            {
                **without(container, ("chart_data",)),
                "screens": [without(one, _SCREEN_DETAILS) for one in container["screens"]],
            }
            for container in wizard["containers"]
        ]
        rows.append({**wizard, "containers": containers})
    return rows


def whole_wizards(context: Context) -> list[Row]:
    """One wizard with its container for a layout: the screens' fields and the way through them."""
    wizard = pick(rows_named(context, "wizards"), context.variables["one"])
    if wizard is None:
        raise ZohoError("INVALID_DATA", "Invalid Wizard ID", resource_path_index=2)
    layout = context.params["layout_id"]
    known_param(context, "layout_id", (row["layout"] for row in wizard["containers"]))
    containers = [row for row in wizard["containers"] if row["layout"]["id"] == layout]
    return [{**wizard, "containers": containers}]
