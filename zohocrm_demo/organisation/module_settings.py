"""What follows from modules and layouts: wizards, sharing, permissions, picklists, pipelines.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-wizards.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-data-sharing.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-profiles.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-global-picklist.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-map-dependency.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-pipelines.html
"""

from __future__ import annotations

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.directory import Directory
from zohocrm_demo.organisation.references import (
    FIRST,
    Fields,
    Row,
    by_api_name,
    has_tab,
    make_id,
    ref,
)

_ACTIONS = ("View", "Create", "Edit", "Delete")
_ADMINISTRATOR = "Administrator"
_REFUSED_EVERY = 5


def wizards(directory: Directory, layouts: Fields) -> list[Row]:
    """The wizards, whole: one container for each layout, a screen for each of its sections."""
    return [
        directory.shape(
            "wizard",
            day=200 + place,
            label=traits["label"],
            module=name,
            active=traits["active"],
            containers=[
                _container(directory, layout, FIRST["wizards"] + 1_000 * place + 100 * index)
                for index, layout in enumerate(layouts[name], 1)
            ],
            id=make_id(FIRST["wizards"] + 1_000 * place),
        )
        for place, (name, traits) in enumerate(read_file("module_settings.yaml")["wizards"].items())
    ]


def data_sharing(modules: list[Row]) -> list[Row]:
    """Who sees whose records by default, one row for each module with a tab."""
    private = read_file("module_settings.yaml")["private"]
    rows = []
    for module in filter(has_tab, modules):
        kind = "private" if module["api_name"] in private else "public_read_write"
        row = {"share_type": kind, "public_in_portals": False, "module": ref(module)}
        rows.append({**row, "rule_computation_running": False})
    return rows


def permissions(directory: Directory, modules: list[Row]) -> list[Row]:
    """What profiles may permit: four actions for each module with records, and a few more."""
    rows: list[Row] = []
    for module in modules:
        if has_tab(module):
            first = FIRST["permissions"] + len(rows)
            rows += [
                directory.shape(
                    "permission",
                    action=action,
                    module=module["api_name"],
                    plural_label=module["plural_label"],
                    id=make_id(first + number),
                    # One sees a record before one changes it.
                    parents=[make_id(first)] if number else None,
                )
                for number, action in enumerate(_ACTIONS)
            ]
    for general in read_file("module_settings.yaml")["permissions"]:
        rows.append(directory.fill(general, id=make_id(FIRST["permissions"] + len(rows))))
    return rows


def granted_permissions(profiles: list[Row], permissions: list[Row]) -> dict[str, list[str]]:
    """The ids of the permissions that a profile has, by the profile's id: alike in a department."""
    few = read_file("module_settings.yaml")["granted_to"]
    departments = [profile["name"].rpartition(" ")[2] for profile in profiles]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(departments))}
    found: dict[str, list[str]] = {}
    for profile, department in zip(profiles, departments, strict=True):
        granted = found[profile["id"]] = []
        for number, permission in enumerate(permissions):
            parents, names = permission["parent_permissions"], few.get(permission["name"])
            often = parents is None or (number + numbers[department]) % _REFUSED_EVERY
            usual = often if names is None else department in names
            if department == _ADMINISTRATOR or (usual and set(parents or ()) <= set(granted)):
                granted.append(permission["id"])
    return found


def _container(directory: Directory, layout: Row, number: int) -> Row:
    screens = [
        directory.shape(
            "wizard_screen",
            **ref(section, "api_name", "display_label", "column_count"),
            fields=[ref(field) for field in section["fields"]],
            number=index,
            id=make_id(number + index),
            segment_id=make_id(number + 30 + index),
        )
        for index, section in enumerate(layout["sections"], 1)
    ]
    nodes = [
        directory.shape(
            "wizard_node",
            place=120 * index,
            start=index == 0,
            screen=ref(screen, "api_name", "id", "display_label"),
        )
        for index, screen in enumerate(screens)
    ]
    return directory.shape(
        "wizard_container",
        layout=ref(layout, "name", "display_label", "id"),
        nodes=nodes,
        screens=screens,
        id=make_id(number),
    )


def global_picklists(directory: Directory, fields: Fields) -> list[Row]:
    """The global picklists with their values; entered in the fields that use one."""
    every = (field for own in fields.values() for field in own)
    choices = [field for field in every if field["data_type"] == "picklist"]
    made = []
    for index, (api_name, traits) in enumerate(read_file("picklists.yaml")["global"].items()):
        end = traits.get("ending", "nowhere")
        users = [one for one in choices if one["api_name"].endswith(end)]
        values = traits.get("values") or [
            value["actual_value"] for user in users[:1] for value in user["pick_list_values"]
        ]
        number = FIRST["global_picklists"] + 1_000 * index
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
                    parent=ref(own[parent]),
                    child=ref(own[child]),
                    id=make_id(FIRST["map_dependencies"] + 10 * index + place),
                    values=[
                        {**_value(value), "maps": choices[: 1 + number % len(choices)]}
                        for number, value in enumerate(own[parent]["pick_list_values"])
                    ],
                )
                made.setdefault(layout["id"], []).append(row)
    return made


def pipelines(directory: Directory, fields: Fields, layouts: Fields) -> dict[str, list[Row]]:
    """The pipelines of the layouts of Deals, by layout; ids are those of the picklists' values."""
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


def _value(value: Row) -> Row:
    return ref(value, "id", "actual_value", "display_value")


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
        category_id=make_id(FIRST["forecast_categories"] + categories.index(category)),
        name=name,
        id=stage["id"],
        type=name if name in closed else "Open",
    )
