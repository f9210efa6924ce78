"""Global picklists, dependencies between picklists, and the pipelines of Deals.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-global-picklist.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-map-dependency.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-pipelines.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.references import (
    FORECAST_CATEGORIES,
    GLOBAL_PICKLISTS,
    MAP_DEPENDENCIES,
    Fields,
    Row,
    by_api_name,
    field_ref,
    stamps,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Fields whose API names end so share the values of the first of them.
_SHARED: Mapping[str, tuple[str, str]] = {
    "Lead_Sources": ("Lead_Source", "Lead Sources"),
    "Carriers": ("Carrier", "Carriers"),
    "Laboratory_Methods": ("_Method", "Laboratory Methods"),
}
_UNUSED = "Regions"
_DEPENDENCIES = (
    ("Leads", "Lead_Source", "Lead_Status"),
    ("Leads", "Industry", "Rating"),
    ("Products", "Manufacturer", "Product_Category"),
    ("Products", "Product_Category", "Usage_Unit"),
    ("Cases", "Type", "Case_Reason"),
    ("Deals", "Stage", "Reason_For_Loss__s"),
    ("Campaigns", "Type", "Status"),
)
_CLOSED = {"Closed Won": "Closed Won", "Closed Lost": "Closed Lost"}
_FORECASTS = ("Pipeline", "Closed", "Omitted")


def global_picklists(fields: Fields) -> list[Row]:
    """The global picklists with their values; the fields that use one are told so."""
    made = []
    for index, (api_name, (ending, label)) in enumerate(_SHARED.items()):
        users = list(_fields_ending(fields, ending))
        values = [value["actual_value"] for user in users[:1] for value in user["pick_list_values"]]
        picklist = _global_picklist(index, api_name, label, values)
        made.append(picklist)
        for field in users:
            field["global_picklist"] = {"api_name": api_name, "id": picklist["id"]}
    made.append(_global_picklist(len(made), _UNUSED, _UNUSED, ["North", "South"]))
    return made


def map_dependencies(fields: Fields, layouts: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The dependencies between picklists, whole, by the id of their layout."""
    made: dict[str, list[Row]] = {}
    for index, (module, parent, child) in enumerate(_DEPENDENCIES):
        own = by_api_name(fields.get(module, []))
        if parent not in own or child not in own:
            continue
        for place, layout in enumerate(layouts.get(module, [])):
            shown = {field["id"] for section in layout["sections"] for field in section["fields"]}
            if {own[parent]["id"], own[child]["id"]} <= shown:
                number = MAP_DEPENDENCIES + 10 * index + place
                row = _dependency(own[parent], own[child], number)
                made.setdefault(layout["id"], []).append(row)
    return made


def pipelines(fields: Fields, layouts: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The pipelines of the layouts of Deals, by the id of the layout.

    The ids of pipelines and stages are those of the values of the fields Pipeline and Stage.
    """
    deals = by_api_name(fields["Deals"])
    stages = deals["Stage"]["pick_list_values"][1:]
    made: dict[str, list[Row]] = {}
    for left_out, layout in enumerate(layouts["Deals"]):
        values = deals["Pipeline"]["pick_list_values"][1 + left_out :]
        made[layout["id"]] = [
            _pipeline(value, stages[left_out + place :], default=place == 0)
            for place, value in enumerate(values)
        ]
    return made


def _fields_ending(fields: Fields, ending: str) -> Iterator[Row]:
    for own in fields.values():
        for field in own:
            if field["data_type"] == "picklist" and field["api_name"].endswith(ending):
                yield field


def _global_picklist(index: int, api_name: str, label: str, values: list[str]) -> Row:
    number = GLOBAL_PICKLISTS + 1_000 * index
    return {
        "display_label": label,
        "source": "crm",
        "api_name": api_name,
        **stamps(60 + index, "Ingrid", "Owen"),
        "id": make_id(number),
        "actual_label": label,
        "description": None,
        "presence": True,
        "customizable": True,
        "pick_list_values_sorted_lexically": False,
        "pick_list_values": [
            {
                "type": "used",
                "id": make_id(number + place),
                "sequence_number": place,
                "display_value": value,
                "reference_value": value,
                "actual_value": value,
            }
            for place, value in enumerate(values, 1)
        ],
    }


def _dependency(parent: Row, child: Row, number: int) -> Row:
    choices = [_value(value) for value in child["pick_list_values"]]
    return {
        "parent": field_ref(parent),
        "child": field_ref(child),
        "sub_module": None,
        "internal": False,
        "active": True,
        "id": make_id(number),
        "source": 1,
        "category": 0,
        "pick_list_values": [
            {**_value(value), "maps": choices[: 1 + index % len(choices)]}
            for index, value in enumerate(parent["pick_list_values"])
        ],
    }


def _value(value: Row) -> Row:
    return {key: value[key] for key in ("id", "actual_value", "display_value")}


def _pipeline(value: Row, stages: list[Row], *, default: bool) -> Row:
    return {
        "display_value": value["display_value"],
        "default": default,
        "maps": [_stage(stage, index) for index, stage in enumerate(stages, 1)],
        "actual_value": value["actual_value"],
        "id": value["id"],
    }


def _stage(stage: Row, index: int) -> Row:
    kind = _CLOSED.get(stage["actual_value"], "Open")
    forecast = {"Closed Won": 1, "Closed Lost": 2}.get(kind, 0)
    return {
        "display_value": stage["display_value"],
        "sequence_number": index,
        "colour_code": "#658ba8",
        "forecast_category": {
            "name": _FORECASTS[forecast],
            "id": make_id(FORECAST_CATEGORIES + forecast),
        },
        "actual_value": stage["actual_value"],
        "id": stage["id"],
        "forecast_type": kind,
    }
