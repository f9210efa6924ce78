"""The profiles of the sample organisation, and what each of them permits.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/get-profiles.html
"""

from __future__ import annotations

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.people import (
    ADMINISTRATOR,
    STANDARD,
    profile_refs,
    user_refs,
)
from zohocrm_demo.organisation.references import Row
from zohocrm_demo.organisation.wide_ids import PERMISSIONS

_DESCRIPTIONS = {
    ADMINISTRATOR: "This profile will have all the permissions.",
    STANDARD: "This profile will have all the permissions except administrative privileges.",
}
_PRIVATE = frozenset({"Central Laboratory", "Central Finance"})
_NEVER_CHANGED = 11
_ACTIONS = ("View", "Create", "Edit", "Delete")
_GENERAL = (
    ("Crm_Implied_Api_Access", "Zoho CRM API Access"),
    ("Crm_Implied_Export_Data", "Export Data"),
    ("Crm_Implied_Manage_Users", "Manage Users"),
    ("Crm_Implied_Bulk_Email", "Mass Email"),
)
_REFUSED_EVERY = 5


def profiles() -> list[Row]:
    """Every profile without its permissions: `GET /settings/profiles`."""
    users = user_refs()
    rows: list[Row] = []
    for index, (name, ref) in enumerate(profile_refs().items()):
        delivered = name in _DESCRIPTIONS
        untouched = delivered or index % _NEVER_CHANGED == 0
        rows.append(
            {
                "display_label": name,
                "created_time": None if delivered else local("2019-04-02T16:30:00"),
                "modified_time": None if untouched else local(f"2024-05-{index % 28 + 1:02}T08:00"),
                "custom": not delivered,
                "modified_by": None if untouched else users["Ingrid"],
                "name": name,
                "description": _DESCRIPTIONS.get(name),
                "id": ref["id"],
                "created_by": None if delivered else users["Ingrid"],
                "type": "private_profile" if name in _PRIVATE else "normal_profile",
                "api_name": f"Profile_{index}" if not name.isascii() else name.replace(" ", "_"),
            }
        )
    return rows


def permissions(modules: list[Row]) -> list[Row]:
    """What profiles may permit: four actions for each module with records, and a few more.

    Shape: the elements of `permissions_details`, but for `enabled`.
    """
    rows: list[Row] = []
    for module in modules:
        if module["creatable"] and module["show_as_tab"] and module["api_supported"]:
            first = PERMISSIONS + len(rows)
            rows += [_of_module(action, n, module, first) for n, action in enumerate(_ACTIONS)]
    rows += [
        {
            "display_label": label,
            "customizable": name != "Crm_Implied_Manage_Users",
            "parent_permissions": None,
            "module": None,
            "name": name,
            "id": make_id(PERMISSIONS + len(rows) + n),
            "tooltip_msg": f"Allows: {label}",
        }
        for n, (name, label) in enumerate(_GENERAL)
    ]
    return rows


def granted_permissions(profiles: list[Row], permissions: list[Row]) -> dict[str, list[str]]:
    """The ids of the permissions that a profile has, by the profile's id."""
    return {
        profile["id"]: [
            permission["id"]
            for number, permission in enumerate(permissions)
            if profile["name"] == ADMINISTRATOR
            or permission["parent_permissions"] is None
            or (number + index) % _REFUSED_EVERY
        ]
        for index, profile in enumerate(profiles)
    }


def _of_module(action: str, number: int, module: Row, first: int) -> Row:
    api_name = module["api_name"]
    return {
        "display_label": action,
        "customizable": True,
        # One sees a record before one changes it.
        "parent_permissions": [make_id(first)] if number else None,
        "module": {"api_name": api_name, "id": module["id"]},
        "name": f"Crm_Implied_{action}_{api_name}",
        "id": make_id(first + number),
        "tooltip_msg": f"{action} {module['plural_label']}",
    }
