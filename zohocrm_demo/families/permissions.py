"""Profiles, and what they permit.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-profiles.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zohocrm_demo.families.rows import Row
    from zohocrm_demo.routes import Context

_GENERAL = "General"


def profiles(context: Context) -> list[Row]:
    """All profiles but those of light users, or those of `type`, without their permissions."""
    kind = context.params.get("type")
    hidden = set() if "Lite" in context.params.get("include_types", "") else {"lite_profile"}
    return [
        row
        for row in context.organisation.profiles
        if kind in {None, row["type"]} and row["type"] not in hidden
    ]


def whole_profiles(context: Context) -> list[Row]:
    """All profiles with `permissions_details` and `sections`."""
    organisation = context.organisation
    whole = []
    for profile in organisation.profiles:
        granted = frozenset(organisation.granted_permissions.get(profile["id"], ()))
        details = [{**row, "enabled": row["id"] in granted} for row in organisation.permissions]
        sections = _sections(organisation.permissions)
        whole.append({**profile, "permissions_details": details, "sections": sections})
    return whole


def _sections(permissions: list[Row]) -> list[Row]:
    categories: dict[str, Row] = {}
    for permission in permissions:
        module = permission["module"]
        name = _GENERAL if module is None else module["api_name"]
        category = categories.setdefault(
            name,
            {
                "display_label": name.replace("_", " "),
                "permissions_details": [],
                "name": name,
                "module": module,
            },
        )
        category["permissions_details"].append(permission["id"])
    general = categories.pop(_GENERAL, None)
    return [
        {"name": "ModulePermissions", "categories": list(categories.values())},
        {"name": "AdminPermissions", "categories": [] if general is None else [general]},
    ]
