"""The portal of the sample organisation's customers, the kinds of its users and they themselves.

Shapes: https://www.zoho.com/crm/developer/docs/api/v8/get-portals.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-user-types.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-users-user-type.html
"""

from __future__ import annotations

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.named import field_named, module_named
from zohocrm_demo.organisation.people import user_refs
from zohocrm_demo.organisation.references import Fields, Row
from zohocrm_demo.organisation.wide_ids import (
    PORTAL_FILTERS,
    PORTAL_PEOPLE,
    PORTAL_USER_TYPES,
)

PORTAL = "brightwaterclients"
_LOGIN = f"https://{PORTAL}.zohocrmportal.example"

# Kind: the module of its persons, how many of them, the modules that they see.
_KINDS = {
    "Client": ("Contacts", 7, ("Deals", "Cases")),
    "Partner": ("Leads", 0, ("Accounts",)),
}
_INACTIVE, _UNCONFIRMED = 3, 5
_SHOWN_FIELDS = 3


def portals() -> list[Row]:
    """The one portal, with the keys that only the call for one portal shows."""
    author = user_refs()["Ingrid"]
    return [
        {
            "created_time": local("2023-01-16T18:22:09"),
            "modified_time": local("2025-02-20T16:41:55"),
            "modified_by": author,
            "created_by": author,
            "zaid": "10087412233",
            "name": PORTAL,
            "active": True,
            "login_url": f"{_LOGIN}/login",
            "saml_configuration": None,
            "acs_url": f"{_LOGIN}/saml",
            "admin_zuid": 738291046,
            "default_relay_state_url": _LOGIN,
            "issuer": PORTAL,
            "single_logout_url": f"{_LOGIN}/logout",
        }
    ]


def portal_users() -> dict[str, list[Row]]:
    """The users of each kind, by the kind's id; the second kind has none yet."""
    return {
        make_id(PORTAL_USER_TYPES + number): [_person(index, module) for index in range(how_many)]
        for number, (module, how_many, _) in enumerate(_KINDS.values())
    }


def portal_user_types(
    modules: list[Row], fields: Fields, people: dict[str, list[Row]]
) -> dict[str, list[Row]]:
    """The kinds of users of each portal, by the portal's name."""
    author = user_refs()["Ingrid"]
    labels = {module["api_name"]: module["plural_label"] for module in modules}
    kinds = []
    for number, (name, (personality, _, seen)) in enumerate(_KINDS.items()):
        kind_id = make_id(PORTAL_USER_TYPES + number)
        active = sum(person["active"] for person in people[kind_id])
        kinds.append(
            {
                "id": kind_id,
                "default": number == 0,
                "personality_module": {
                    **module_named(modules, personality),
                    "plural_label": labels[personality],
                },
                "name": name,
                "active": True,
                "modules": [
                    _shared_module(place, api_name, modules, fields)
                    for place, api_name in enumerate(seen)
                ],
                "active_user_count": active,
                "deactive_user_count": len(people[kind_id]) - active,
                "created_by": author,
                "created_time": local("2023-01-16T18:30:00"),
                "invitation_field": field_named(fields, personality, "Email"),
                "modified_by": author,
                "modified_time": local("2025-02-20T16:50:00"),
            }
        )
    return {PORTAL: kinds}


def _shared_module(place: int, api_name: str, modules: list[Row], fields: Fields) -> Row:
    shared = fields[api_name][:_SHOWN_FIELDS]
    layout = shared[0]["layout_associations"][0]
    private = place == 0
    return {
        **module_named(modules, api_name),
        "plural_label": api_name,
        "shared_type": "private" if private else "public",
        "permissions": {
            "view": True,
            "edit": False,
            "edit_shared_records": False,
            "create": private,
            "delete": False,
            "create_attachment": private,
            "delete_attachment": False,
        },
        "fields": [
            {"id": field["id"], "api_name": field["api_name"], "read_only": True}
            for field in shared
        ],
        "filters": [
            {
                "id": make_id(PORTAL_FILTERS + place),
                "api_name": "Contact_Name",
                "display_label": "Contact Name",
            }
        ]
        if private
        else None,
        "layouts": [{"id": layout["id"], "name": layout["name"], "display_label": None}],
        "views": None,
        "custom_views": None,
    }


def _person(index: int, module: str) -> Row:
    return {
        "personality_id": make_id(PORTAL_PEOPLE + 6 * index),
        "confirm": index != _UNCONFIRMED,
        "status_reason__s": "disabled manually" if index == _INACTIVE else None,
        "invited_time": local(f"2025-03-{index + 10}T17:00:00"),
        "module": module,
        "name": f"Client {index + 1}",
        "active": index != _INACTIVE,
        "email": f"client{index + 1}@harbour-authority.example",
        "created_time": local(f"2025-03-{index + 10}T17:05:00"),
        "Source__s": "crm",
    }
