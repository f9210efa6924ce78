"""Layouts, made out of the fields: which field stands in which section.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/layouts-meta.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.ids import LAYOUTS, make_id
from zohocrm_demo.organisation.references import (
    SECTIONS,
    Fields,
    Row,
    field_ref,
    has_tab,
    stamps,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

# A second layout leaves out every third field that may be left out.
_SECOND_LAYOUTS: Mapping[str, str] = {
    "Leads": "Distributors",
    "Deals": "Tenders",
    "Cases": "Field Service",
    "Sites": "Reservoirs",
}
_INACTIVE = frozenset({"Field Service"})
_SKIPPED = 3
_PLAIN = re.compile(r"[^A-Za-z0-9]+")
_LONG_TEXTS = frozenset({"textarea"})
_ADDRESS_PARTS = ("_Street", "_City", "_State", "_Code", "_Country", "_Address")
_CONVERTED_TO: Mapping[str, tuple[str, ...]] = {
    "Leads": ("Contacts", "Deals", "Accounts"),
    "Quotes": ("Sales_Orders", "Invoices"),
    "Sales_Orders": ("Invoices",),
}


def layouts(modules: list[Row], fields: Fields) -> dict[str, list[Row]]:
    """The layouts of every module with a tab, by the module's API name.

    `sections[].fields[]` only has what a layout says about its fields: `{api_name, id, required,
    sequence_number, section_id}`. The rest is in `fields`, and added when the API answers.
    """
    made: dict[str, list[Row]] = {}
    for position, module in enumerate(modules):
        own = fields.get(module["api_name"])
        if has_tab(module) and own:
            number = LAYOUTS + 2 * position
            made[module["api_name"]] = [standard_layout(module, own, number)]
            second = _SECOND_LAYOUTS.get(module["api_name"])
            if second is not None:
                made[module["api_name"]].append(_second_layout(second, module, own, number + 1))
    _map_conversions(made, fields)
    return made


def standard_layout(module: Row, fields: list[Row], number: int) -> Row:
    """A layout `Standard` with all fields that users see.

    Args:
        module: The module.
        fields: Its fields.
        number: The number of the layout's id; see `ids.make_id`.
    """
    shown = [field for field in fields if _is_shown(field)]
    return _layout("Standard", module, shown, number)


def associate(fields: Fields, layouts_by_module: dict[str, list[Row]]) -> None:
    """Tell the fields which layouts they are in."""
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


def _second_layout(name: str, module: Row, fields: list[Row], number: int) -> Row:
    shown = [field for field in fields if _is_shown(field)]
    kept = [
        field
        for index, field in enumerate(shown)
        if field["system_mandatory"] or (not field["custom_field"] and index % _SKIPPED)
    ]
    return _layout(name, module, kept, number)


def _layout(name: str, module: Row, fields: list[Row], number: int) -> Row:
    layout_id = make_id(number)
    standard = name == "Standard"
    made: Row = (
        {"created_time": None, "modified_time": None, "created_by": None, "modified_by": None}
        if standard and module["generated_type"] == "default"
        else stamps(number % 400, "Tomás", "Ingrid")
    )
    return {
        "has_more_profiles": module["has_more_profiles"],
        **made,
        "convert_mapping": None,
        "visible": True,
        "created_for": None,
        "profiles": [_profile(profile, layout_id, name) for profile in module["profiles"]],
        "source": "crm",
        "sections": _sections(module, fields, number),
        "display_label": name,
        "show_business_card": True,
        "actions_allowed": {
            "edit": True,
            "rename": True,
            "clone": True,
            "downgrade": False,
            "delete": not standard,
            "deactivate": not standard,
            "set_layout_permissions": True,
        },
        "api_name": name.replace(" ", "_"),
        "name": name,
        "generated_type": "system" if standard else "custom",
        "id": layout_id,
        "status": "inactive" if name in _INACTIVE else "active",
    }


def _profile(profile: Row, layout_id: str, name: str) -> Row:
    view = {"name": name, "id": layout_id, "type": "layout"}
    return {
        "default": name == "Standard",
        "name": profile["name"],
        "id": profile["id"],
        "_default_view": view,
        "_default_assignment_view": dict(view),
        "type": "normal_profile",
    }


def _sections(module: Row, fields: list[Row], number: int) -> list[Row]:
    parts: dict[str, list[Row]] = {}
    for field in fields:
        parts.setdefault(_section_of(field, module), []).append(field)
    # Subforms come last, one section each.
    ordered = sorted(parts.items(), key=lambda part: part[1][0]["data_type"] == "subform")
    return [
        _section(name, index, make_id(SECTIONS + 20 * number + index), own)
        for index, (name, own) in enumerate(ordered, 1)
    ]


def _section_of(field: Row, module: Row) -> str:
    if field["data_type"] == "subform":
        return str(field["field_label"])
    if field["api_name"].endswith(_ADDRESS_PARTS):
        return "Address Information"
    if field["data_type"] in _LONG_TEXTS:
        return "Description Information"
    return f"{module['singular_label']} Information"


def _section(name: str, index: int, section_id: str, fields: list[Row]) -> Row:
    subform = fields[0]["data_type"] == "subform"
    return {
        "isSubformSection": subform,
        "parent_section": None,
        "type": "used",
        "display_label": name,
        "mode": "all",
        "sequence_number": index,
        "actions_allowed": {
            "add_field": not subform,
            "rename": True,
            "change_tab_traversal": not subform,
            "reorder": True,
            "delete": index > 1,
            "remove_field": True,
            "change_column_count": not subform,
        },
        "tab_traversal": "left_to_right",
        "api_name": _PLAIN.sub("_", name).strip("_") or f"Section_{index}",
        "column_count": 1 if subform else 2,
        "is_parent_section": False,
        "name": name,
        "generated_type": "default",
        "id": section_id,
        "fields": [
            {
                **field_ref(field),
                "required": field["system_mandatory"],
                "sequence_number": place,
                "section_id": index,
            }
            for place, field in enumerate(fields, 1)
        ],
        "properties": _subform_properties() if subform else None,
    }


def _subform_properties() -> dict[str, Any]:
    return {"reorder_rows": True, "bulk_addition": None, "tooltip": None, "maximum_rows": 200}


def _map_conversions(made: dict[str, list[Row]], fields: Fields) -> None:
    for name, targets in _CONVERTED_TO.items():
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
