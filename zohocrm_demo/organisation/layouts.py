"""Layouts, made out of the fields: which field stands in which section.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/layouts-meta.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.ids import LAYOUTS, SECTIONS, make_id
from zohocrm_demo.organisation.references import Fields, Row, field_ref, has_tab

if TYPE_CHECKING:
    from zohocrm_demo.organisation.directory import Directory

# A second layout leaves out every third field that may be left out.
_SKIPPED = 3
_PLAIN = re.compile(r"[^A-Za-z0-9]+")
_ADDRESS_PARTS = ("_Street", "_City", "_State", "_Code", "_Country", "_Address")
_UNSTAMPED = dict.fromkeys(("created_time", "modified_time", "created_by", "modified_by"))


def layouts(directory: Directory, modules: list[Row], fields: Fields) -> Fields:
    """The layouts of every module with a tab, by the module's API name.

    `sections[].fields[]` only has what a layout says about its fields: `{api_name, id, required,
    sequence_number, section_id}`. The rest is in `fields`, and added when the API answers.
    """
    made: Fields = {}
    second_layouts = read_file("layouts.yaml")["second"]
    for module in modules:
        name = module["api_name"]
        if has_tab(module) and fields.get(name):
            shown = [field for field in fields[name] if _is_shown(field)]
            made[name] = [_layout(directory, "Standard", module, shown)]
            second = second_layouts.get(name)
            if second is not None:
                made[name].append(_layout(directory, second, module, _kept(shown)))
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
            ref = {key: layout[key] for key in ("api_name", "name", "id")}
            for section in layout["sections"]:
                for field in section["fields"]:
                    places.setdefault(field["id"], []).append(ref)
        for field in own:
            field["layout_associations"] = [dict(ref) for ref in places.get(field["id"], [])]


def _is_shown(field: Row) -> bool:
    view = field["view_type"]
    return bool(field["type"] == "used" and field["visible"] and (view["view"] or view["edit"]))


def _kept(shown: list[Row]) -> list[Row]:
    return [
        field
        for index, field in enumerate(shown)
        if field["system_mandatory"] or (not field["custom_field"] and index % _SKIPPED)
    ]


def _layout(directory: Directory, name: str, module: Row, fields: list[Row]) -> Row:
    standard = name == "Standard"
    number = LAYOUTS + 2 * (module["sequence_number"] - 1) + (not standard)
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
        sections=list(_sections(directory, module, fields, SECTIONS + 20 * number)),
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
                    **field_ref(field),
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
    mapping = {key: layout[key] for key in ("display_label", "name", "id")}
    if target == "Deals":
        mapping["fields"] = [
            {**field_ref(field), "field_label": field["field_label"], "required": True}
            for field in fields
            if field["system_mandatory"]
        ]
    return mapping
