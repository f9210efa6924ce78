"""Roles and profiles.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-roles.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-profiles.html
"""

from __future__ import annotations

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.errors import invalid_id
from zohocrm_demo.families.rows import (
    FILTERS,
    Row,
    all_of,
    one_row,
    page,
    pick,
)
from zohocrm_demo.params import Param, list_of, one_of
from zohocrm_demo.routes import Context, Route

_ROLE_SCOPES = ("ZohoCRM.settings.roles.READ",)
_PROFILE_SCOPES = ("ZohoCRM.settings.profiles.READ",)
_PATH_INDEX = 2
_LICENSE_LIMIT = 500
_GENERAL = "General"


def _roles(context: Context) -> list[Row]:
    return context.organisation.roles


def list_profiles(context: Context) -> Answer:
    """All profiles but those of light users, or those of `type`, without their permissions."""
    kind = context.params.get("type")
    hidden = set() if "Lite" in context.params.get("include_types", "") else {"lite_profile"}
    rows = [
        row
        for row in context.organisation.profiles
        if kind in {None, row["type"]} and row["type"] not in hidden
    ]
    return page(context, "profiles", rows, license_limit=_LICENSE_LIMIT)


def get_profile(context: Context) -> Answer:
    """One profile with `permissions_details` and `sections`.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown id.
    """
    organisation = context.organisation
    profile = pick(organisation.profiles, context.variables["one"])
    if profile is None:
        raise invalid_id(_PATH_INDEX)
    granted = frozenset(organisation.granted_permissions.get(profile["id"], ()))
    details = [{**row, "enabled": row["id"] in granted} for row in organisation.permissions]
    sections = _sections(organisation.permissions)
    return json_answer(
        {"profiles": [{**profile, "permissions_details": details, "sections": sections}]}
    )


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


ROUTES = (
    Route("/crm/v8/settings/roles", all_of("roles", _roles), _ROLE_SCOPES),
    Route("/crm/v8/settings/roles/{one}", one_row("roles", _roles), _ROLE_SCOPES),
    Route(
        "/crm/v8/settings/profiles",
        list_profiles,
        _PROFILE_SCOPES,
        (
            Param("type", one_of("private_profile", "normal_profile")),
            # The sample has no such profiles to be included; those of support are told by no type.
            Param("include_types", list_of("Lite", "Support")),
            FILTERS,
        ),
    ),
    Route("/crm/v8/settings/profiles/{one}", get_profile, _PROFILE_SCOPES),
)
