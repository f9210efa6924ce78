"""Custom views: those that come with every module, and those that people have made.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/custom-view-meta.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.ids import CUSTOM_VIEWS, make_id
from zohocrm_demo.organisation.people import role_refs, user_refs
from zohocrm_demo.organisation.references import (
    OWN_VIEWS,
    Fields,
    Row,
    by_api_name,
    field_ref,
    has_tab,
    module_ref,
    stamps,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_COLUMNS = 6
_WIDE = 100
_NAMELESS = {"created_time": None, "modified_time": None, "created_by": None, "modified_by": None}


def custom_views(modules: list[Row], fields: Fields) -> dict[str, list[Row]]:
    """The views of every module with a tab, whole, by the module's API name.

    The laboratory keeps two views for each analyte, so that Water_Samples has more of them than
    one page holds.
    """
    return {
        module["api_name"]: _views(module, fields[module["api_name"]])
        for module in modules
        if has_tab(module) and module["api_name"] in fields
    }


def _views(module: Row, fields: list[Row]) -> list[Row]:
    used = [field for field in fields if field["type"] == "used" and field["visible"]]
    views = list(_system_views(module, used))
    number = OWN_VIEWS + 1_000 * module["sequence_number"]
    own = _by_field(module, used) if len(used) > _WIDE else _by_picklist(module, used)
    views.extend({**view, "id": make_id(number + index)} for index, view in enumerate(own))
    return views


def _system_views(module: Row, fields: list[Row]) -> Iterator[Row]:
    plural = module["plural_label"]
    # The call for one module tells of this view, too; hence the number.
    first = CUSTOM_VIEWS + module["sequence_number"]
    everything = _view(f"All {plural}", module, fields)
    yield {**everything, **_NAMELESS, "system_name": "ALLVIEWS", "id": make_id(first)}
    owner = by_api_name(fields).get("Owner")
    if owner is not None:
        mine = _view(f"My {plural}", module, fields)
        mine["criteria"] = _criterion(owner, "equal", "${CURRENTUSER}", "merge_field")
        mine["default"] = False
        yield {**mine, **_NAMELESS, "system_name": "MYVIEWS", "id": make_id(first + 1_000)}


def _by_picklist(module: Row, fields: list[Row]) -> Iterator[Row]:
    choices = [field for field in fields if field["data_type"] == "picklist"]
    sales = role_refs()[2]
    for index, field in enumerate(choices[:3]):
        values = [value["actual_value"] for value in field["pick_list_values"][1:3]]
        if not values:
            continue
        view = _own_view(f"{module['plural_label']} by {field['field_label']}", module, fields)
        first = _criterion(field, "equal", values[0])
        view["criteria"] = first
        view["sort_by"], view["sort_order"] = field_ref(field), "desc" if index else "asc"
        if index == 0:
            other = _criterion(field, "contains", values)
            view["criteria"] = {"group_operator": "or", "group": [first, other]}
            view["access_type"], view["category"] = "shared", "shared_with_me"
            view["shared_to"] = [{**sales, "type": "roles", "subordinates": True}]
        yield view


def _by_field(module: Row, fields: list[Row]) -> Iterator[Row]:
    for field in fields:
        if field["data_type"] in {"double", "percent", "picklist", "boolean"}:
            for comparator in ("equal", "not_equal"):
                name = f"{field['field_label']} {comparator.replace('_', ' ')}"
                view = _own_view(name, module, fields)
                view["criteria"] = _criterion(field, comparator, "${EMPTY}", "value")
                yield view


def _own_view(name: str, module: Row, fields: list[Row]) -> Row:
    return {
        **_view(name, module, fields),
        **stamps(len(name) * 7, "Callum", "Zuzana"),
        "category": "created_by_me",
        "access_type": "only_to_me",
        "default": False,
        "system_defined": False,
        "shared_to": [{**user_refs()["Ingrid"], "type": "users", "subordinates": None}],
    }


def _view(name: str, module: Row, fields: list[Row]) -> Row:
    return {
        "display_value": name,
        "system_name": None,
        "category": "public_views",
        "created_time": None,
        "modified_time": None,
        "last_accessed_time": None,
        "name": name,
        "created_by": None,
        "modified_by": None,
        "module": module_ref(module),
        "criteria": None,
        "cross_filters": [],
        "default": True,
        "system_defined": True,
        "locked": False,
        "favorite": None,
        "offline": True,
        "access_type": "public",
        "shared_to": None,
        "fields": [{**field_ref(field), "_pin": False} for field in fields[:_COLUMNS]],
        "sort_by": None,
        "sort_order": None,
        "wrap_text": False,
        "id": "",
    }


def _criterion(field: Row, comparator: str, value: object, kind: str = "value") -> Row:
    return {
        "comparator": comparator,
        "field": field_ref(field),
        "value": value,
        "type": kind,
    }
