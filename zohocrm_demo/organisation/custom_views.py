"""Custom views: those that come with every module, and those that people have made.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/custom-view-meta.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.ids import CUSTOM_VIEWS, OWN_VIEWS, make_id
from zohocrm_demo.organisation.references import (
    Fields,
    Row,
    by_api_name,
    criterion,
    field_ref,
    has_tab,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zohocrm_demo.organisation.directory import Directory

_COLUMNS = 6
_WIDE = 100
_COMPARED = frozenset({"double", "percent", "picklist", "boolean"})


def custom_views(directory: Directory, modules: list[Row], fields: Fields) -> Fields:
    """The views of every module with a tab, whole, by the module's API name.

    The laboratory keeps two views for each analyte, so that Water_Samples has more of them than
    one page holds.
    """
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
        columns = [{**field_ref(field), "_pin": False} for field in used[:_COLUMNS]]
        shape = directory.shape(
            "custom_view", name=name, id=make_id(number), module=module["api_name"], fields=columns
        )
        return {**shape, **own}

    # The call for one module has this view, too; hence the number.
    first = CUSTOM_VIEWS + place
    made = [view(f"All {module['plural_label']}", first, system_name="ALLVIEWS")]
    owner = by_api_name(used).get("Owner")
    if owner is not None:
        mine = criterion(owner, "${CURRENTUSER}", kind="merge_field")
        made.append(
            view(
                f"My {module['plural_label']}",
                first + 1_000,
                criteria=mine,
                default=False,
                system_name="MYVIEWS",
            )
        )
    own = _by_field(used) if len(used) > _WIDE else _by_picklist(directory, module, used)
    for index, (name, keys) in enumerate(own):
        common = directory.shape("own_view", day=7 * len(name))
        made.append(view(name, OWN_VIEWS + 1_000 * place + index, **{**common, **keys}))
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
            "sort_by": field_ref(field),
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
