"""Global picklists, dependencies between picklists, and the pipelines of Deals.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-global-picklist.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-map-dependency.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-pipelines.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.ids import (
    FORECAST_CATEGORIES,
    GLOBAL_PICKLISTS,
    MAP_DEPENDENCIES,
    make_id,
)
from zohocrm_demo.organisation.references import Fields, Row, by_api_name, field_ref

if TYPE_CHECKING:
    from zohocrm_demo.organisation.directory import Directory


def global_picklists(directory: Directory, fields: Fields) -> list[Row]:
    """The global picklists with their values; entered in the fields that use one."""
    made = []
    for index, (api_name, traits) in enumerate(read_file("picklists.yaml")["global"].items()):
        users = _fields_ending(fields, traits["ending"]) if "ending" in traits else []
        values = traits.get("values") or [
            value["actual_value"] for user in users[:1] for value in user["pick_list_values"]
        ]
        number = GLOBAL_PICKLISTS + 1_000 * index
        shown = [
            directory.shape("global_value", value=value, number=at, id=make_id(number + at))
            for at, value in enumerate(values, 1)
        ]
        picklist = directory.shape(
            "global_picklist",
            label=traits["label"],
            api_name=api_name,
            day=60 + index,
            id=make_id(number),
            values=shown,
            description=traits.get("description"),
        )
        made.append(picklist)
        for field in users:
            field["global_picklist"] = {"api_name": api_name, "id": picklist["id"]}
    return made


def replaced_values(picklists: list[Row]) -> dict[str, list[Row]]:
    """The values that are being replaced, by the id of their global picklist."""
    known = by_api_name(picklists)
    return {
        known[name]["id"]: [dict(value) for value in values]
        for name, values in read_file("picklists.yaml")["replaced"].items()
    }


def map_dependencies(directory: Directory, fields: Fields, layouts: Fields) -> dict[str, list[Row]]:
    """The dependencies between picklists, whole, by the id of their layout."""
    made: dict[str, list[Row]] = {}
    for index, (module, parent, child) in enumerate(read_file("picklists.yaml")["dependencies"]):
        own = by_api_name(fields[module])
        for place, layout in enumerate(layouts[module]):
            shown = {field["id"] for section in layout["sections"] for field in section["fields"]}
            if {own[parent]["id"], own[child]["id"]} <= shown:
                choices = [_value(value) for value in own[child]["pick_list_values"]]
                row = directory.shape(
                    "map_dependency",
                    parent=field_ref(own[parent]),
                    child=field_ref(own[child]),
                    id=make_id(MAP_DEPENDENCIES + 10 * index + place),
                    values=[
                        {**_value(value), "maps": choices[: 1 + number % len(choices)]}
                        for number, value in enumerate(own[parent]["pick_list_values"])
                    ],
                )
                made.setdefault(layout["id"], []).append(row)
    return made


def pipelines(directory: Directory, fields: Fields, layouts: Fields) -> dict[str, list[Row]]:
    """The pipelines of the layouts of Deals, by the id of the layout.

    The ids of pipelines and stages are those of the values of the fields Pipeline and Stage.
    """
    deals = by_api_name(fields["Deals"])
    stages = deals["Stage"]["pick_list_values"][1:]
    made: dict[str, list[Row]] = {}
    for left_out, layout in enumerate(layouts["Deals"]):
        made[layout["id"]] = []
        values = deals["Pipeline"]["pick_list_values"][1 + left_out :]
        for place, value in enumerate(values):
            own = enumerate(stages[left_out + place :], 1)
            maps = [_stage(directory, stage, index) for index, stage in own]
            row = {"display_value": value["display_value"], "default": place == 0, "maps": maps}
            row |= {"actual_value": value["actual_value"], "id": value["id"]}
            made[layout["id"]].append(row)
    return made


def _fields_ending(fields: Fields, ending: str) -> list[Row]:
    every = (field for own in fields.values() for field in own)
    return [
        field
        for field in every
        if field["data_type"] == "picklist" and field["api_name"].endswith(ending)
    ]


def _value(value: Row) -> Row:
    return {key: value[key] for key in ("id", "actual_value", "display_value")}


def _stage(directory: Directory, stage: Row, index: int) -> Row:
    content = read_file("picklists.yaml")
    categories, closed = content["forecast_categories"], content["closed_stages"]
    name = stage["actual_value"]
    category = closed.get(name, categories[0])
    return directory.shape(
        "stage",
        shown=stage["display_value"],
        number=index,
        category=category,
        category_id=make_id(FORECAST_CATEGORIES + categories.index(category)),
        name=name,
        id=stage["id"],
        type=name if name in closed else "Open",
    )
