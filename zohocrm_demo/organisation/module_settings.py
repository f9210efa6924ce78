"""Settings that follow from modules and their layouts: wizards, sharing, what profiles permit.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-wizards.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-data-sharing.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-profiles.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.ids import PERMISSIONS, WIZARDS, make_id
from zohocrm_demo.organisation.references import Fields, Row, field_ref, has_tab, module_ref

if TYPE_CHECKING:
    from zohocrm_demo.organisation.directory import Directory

_ACTIONS = ("View", "Create", "Edit", "Delete")
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
                _container(directory, layout, WIZARDS + 1_000 * place + 100 * index)
                for index, layout in enumerate(layouts[name], 1)
            ],
            id=make_id(WIZARDS + 1_000 * place),
        )
        for place, (name, traits) in enumerate(read_file("module_settings.yaml")["wizards"].items())
    ]


def data_sharing(modules: list[Row]) -> list[Row]:
    """Who sees whose records by default, one row for each module with a tab."""
    private = read_file("module_settings.yaml")["private"]
    rows = []
    for module in filter(has_tab, modules):
        kind = "private" if module["api_name"] in private else "public_read_write"
        row = {"share_type": kind, "public_in_portals": False, "module": module_ref(module)}
        rows.append({**row, "rule_computation_running": False})
    return rows


def permissions(directory: Directory, modules: list[Row]) -> list[Row]:
    """What profiles may permit: four actions for each module with records, and a few more.

    Shape: the elements of `permissions_details`, but for `enabled`.
    """
    rows: list[Row] = []
    for module in modules:
        if has_tab(module):
            first = PERMISSIONS + len(rows)
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
        rows.append(directory.fill(general, id=make_id(PERMISSIONS + len(rows))))
    return rows


def granted_permissions(profiles: list[Row], permissions: list[Row]) -> dict[str, list[str]]:
    """The ids of the permissions that a profile has, by the profile's id."""
    return {
        profile["id"]: [
            permission["id"]
            for number, permission in enumerate(permissions)
            if profile["name"] == "Administrator"
            or permission["parent_permissions"] is None
            or (number + index) % _REFUSED_EVERY
        ]
        for index, profile in enumerate(profiles)
    }


def _container(directory: Directory, layout: Row, number: int) -> Row:
    screens = [
        directory.shape(
            "wizard_screen",
            api_name=section["api_name"],
            label=section["display_label"],
            columns=section["column_count"],
            fields=[field_ref(field) for field in section["fields"]],
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
            screen={key: screen[key] for key in ("api_name", "id", "display_label")},
        )
        for index, screen in enumerate(screens)
    ]
    ref = {key: layout[key] for key in ("name", "display_label", "id")}
    return directory.shape(
        "wizard_container", layout=ref, nodes=nodes, screens=screens, id=make_id(number)
    )
