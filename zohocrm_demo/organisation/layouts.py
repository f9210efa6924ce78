"""Layouts and custom views, made out of the fields.

Shapes: https://www.zoho.com/crm/developer/docs/api/v8/layouts-meta.html,
https://www.zoho.com/crm/developer/docs/api/v8/custom-view-meta.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.directory import Directory
from zohocrm_demo.organisation.references import (
    FIRST,
    Fields,
    Row,
    by_api_name,
    criterion,
    has_tab,
    make_id,
    ref,
)

# A second layout leaves out every third field that may be left out.
_SKIPPED = 3
_PLAIN = re.compile(r"[^A-Za-z0-9]+")
_ADDRESS_PARTS = ("_Street", "_City", "_State", "_Code", "_Zip", "_Country", "_Address")
_UNSTAMPED = dict.fromkeys(("created_time", "modified_time", "created_by", "modified_by"))


def layouts(directory: Directory, modules: list[Row], fields: Fields) -> Fields:
    """The layouts of every module with a tab, by name: of fields only what layouts say of them."""
    made: Fields = {}
    second_layouts = read_file("layouts.yaml")["second"]
    for module in modules:
        name = module["api_name"]
        if has_tab(module) and fields.get(name):
            shown = [field for field in fields[name] if _is_shown(field)]
            made[name] = [_layout(directory, "Standard", module, shown)]
            second = second_layouts.get(name)
            if second is not None:
                kept = [
                    field
                    for index, field in enumerate(shown)
                    if field["system_mandatory"] or (not field["custom_field"] and index % _SKIPPED)
                ]
                made[name].append(_layout(directory, second, module, kept))
    _map_conversions(made, fields)
    return made


def standard_layout(directory: Directory, module: Row, fields: list[Row]) -> Row:
    """A layout `Standard` with all fields that users see."""
    shown = [field for field in fields if _is_shown(field)]
    return _layout(directory, "Standard", module, shown)


def associate(fields: Fields, layouts_by_module: Fields) -> None:
    """Enter in the fields which layouts they are in."""
    for name, own in fields.items():
        places: dict[str, list[Row]] = {}
        for layout in layouts_by_module.get(name, []):
            place = ref(layout, "api_name", "name", "id")
            for section in layout["sections"]:
                for field in section["fields"]:
                    places.setdefault(field["id"], []).append(place)
        for field in own:
            field["layout_associations"] = [dict(one) for one in places.get(field["id"], [])]


def _is_shown(field: Row) -> bool:
    view = field["view_type"]
    return bool(field["type"] == "used" and field["visible"] and (view["view"] or view["edit"]))


def _layout(directory: Directory, name: str, module: Row, fields: list[Row]) -> Row:
    standard = name == "Standard"
    number = FIRST["layouts"] + 2 * (module["sequence_number"] - 1) + (not standard)
    layout_id = make_id(number)
    stamps = _UNSTAMPED
    if not (standard and module["generated_type"] == "default"):
        author, editor = "Tomás Quintero", "Ingrid Solheim"
        stamps = directory.fill({"+stamps": [number % 400, author, editor]})
    profiles = [
        directory.shape(
            "layout_profile", default=standard, profile=profile["name"], layout=name, id=layout_id
        )
        for profile in module["profiles"]
    ]
    return directory.shape(
        "layout",
        name=name,
        id=layout_id,
        own=not standard,
        stamps=stamps,
        has_more_profiles=module["has_more_profiles"],
        profiles=profiles,
        sections=list(_sections(directory, module, fields, FIRST["sections"] + 20 * number)),
        generated_type="system" if standard else "custom",
        status="inactive" if name in read_file("layouts.yaml")["inactive"] else "active",
    )


def _sections(directory: Directory, module: Row, fields: list[Row], first: int) -> list[Row]:
    parts: dict[str, list[Row]] = {}
    for field in fields:
        parts.setdefault(_section_of(field, module), []).append(field)
    # Subforms come last, one section each.
    ordered = sorted(parts.items(), key=lambda part: part[1][0]["data_type"] == "subform")
    sections = []
    for number, (name, own) in enumerate(ordered, 1):
        subform = own[0]["data_type"] == "subform"
        section = directory.shape(
            "section",
            name=name,
            id=make_id(first + number),
            number=number,
            api_name=_PLAIN.sub("_", name).strip("_") or f"Section_{number}",
            subform=subform,
            plain=not subform,
            deletable=number > 1,
            columns=1 if subform else 2,
            properties=directory.shape("subform_properties") if subform else None,
            fields=[
                {
                    **ref(field),
                    "required": field["system_mandatory"],
                    "sequence_number": place,
                    "section_id": number,
                }
                for place, field in enumerate(own, 1)
            ],
        )
        sections.append(section)
    return sections


def _section_of(field: Row, module: Row) -> str:
    if field["data_type"] == "subform":
        return str(field["field_label"])
    if field["api_name"].endswith(_ADDRESS_PARTS):
        return "Address Information"
    if field["data_type"] == "textarea":
        return "Description Information"
    return f"{module['singular_label']} Information"


def _map_conversions(made: Fields, fields: Fields) -> None:
    for name, targets in read_file("layouts.yaml")["converted_to"].items():
        for layout in made.get(name, []):
            layout["convert_mapping"] = {
                # Zoho writes SalesOrders here.
                target.replace("_", ""): _conversion(target, made[target][0], fields[target])
                for target in targets
                if target in made
            }


def _conversion(target: str, layout: Row, fields: list[Row]) -> Row:
    mapping = ref(layout, "display_label", "name", "id")
    if target == "Deals":
        mapping["fields"] = [
            {**ref(field), "field_label": field["field_label"], "required": True}
            for field in fields
            if field["system_mandatory"]
        ]
    return mapping


_COLUMNS = 6
_WIDE = 100
_COMPARED = frozenset({"double", "percent", "picklist", "boolean"})


def custom_views(directory: Directory, modules: list[Row], fields: Fields) -> Fields:
    """The views of every module with a tab, whole, by name; of Water_Samples more than a page."""
    return {
        module["api_name"]: views(directory, module, fields[module["api_name"]])
        for module in modules
        if has_tab(module) and module["api_name"] in fields
    }


def views(directory: Directory, module: Row, fields: list[Row]) -> list[Row]:
    """The views of one module."""
    used = [field for field in fields if field["type"] == "used" and field["visible"]]
    place = module["sequence_number"]

    def view(name: str, number: int, **own: Any) -> Row:
        columns = [{**ref(field), "_pin": False} for field in used[:_COLUMNS]]
        shape = directory.shape(
            "custom_view", name=name, id=make_id(number), module=module["api_name"], fields=columns
        )
        return {**shape, **own}

    # The call for one module has this view, too; hence the number.
    first = FIRST["custom_views"] + place
    made = [view(f"All {module['plural_label']}", first, system_name="ALLVIEWS")]
    owner = by_api_name(used).get("Owner")
    if owner is not None:
        mine = criterion(owner, "${CURRENTUSER}", kind="merge_field")
        keys = {"criteria": mine, "default": False, "system_name": "MYVIEWS"}
        made.append(view(f"My {module['plural_label']}", first + 1_000, **keys))
    own = _by_field(used) if len(used) > _WIDE else _by_picklist(directory, module, used)
    for index, (name, more) in enumerate(own):
        common = directory.shape("own_view", day=7 * len(name))
        made.append(view(name, FIRST["own_views"] + 1_000 * place + index, **{**common, **more}))
    return made


def _by_picklist(
    directory: Directory, module: Row, fields: list[Row]
) -> Iterator[tuple[str, dict[str, Any]]]:
    choices = [field for field in fields if field["data_type"] == "picklist"]
    for index, field in enumerate(choices[:3]):
        values = [value["actual_value"] for value in field["pick_list_values"][1:3]]
        if not values:
            continue
        first = criterion(field, values[0])
        keys: dict[str, Any] = {
            "criteria": first,
            "sort_by": ref(field),
            "sort_order": "desc" if index else "asc",
        }
        if index == 0:
            other = criterion(field, values, comparator="contains")
            sales = {**directory.ref("role", "Sales"), "type": "roles", "subordinates": True}
            keys |= {
                "criteria": {"group_operator": "or", "group": [first, other]},
                "access_type": "shared",
                "category": "shared_with_me",
                "shared_to": [sales],
            }
        yield f"{module['plural_label']} by {field['field_label']}", keys


def _by_field(fields: list[Row]) -> Iterator[tuple[str, dict[str, Any]]]:
    for field in fields:
        if field["data_type"] in _COMPARED:
            for comparator in ("equal", "not_equal"):
                name = f"{field['field_label']} {comparator.replace('_', ' ')}"
                yield name, {"criteria": criterion(field, "${EMPTY}", comparator=comparator)}
