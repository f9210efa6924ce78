"""Portals, the kinds of their users, and their users.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-portals.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-user-types.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-users-user-type.html
"""

from __future__ import annotations

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import invalid_id
from zohocrm_demo.families.rows import (
    FILTERS,
    PAGES,
    Row,
    all_of,
    one_row,
    page_rows,
    pick,
)
from zohocrm_demo.params import Param
from zohocrm_demo.routes import Context, Route

_SCOPES = ("ZohoCRM.settings.clientportal.READ",)
_LISTED = (
    "created_time",
    "modified_time",
    "modified_by",
    "created_by",
    "zaid",
    "name",
    "active",
    "login_url",
)
_PORTAL_INDEX, _KIND_INDEX = 2, 4


def _portals(context: Context) -> list[Row]:
    return [{key: row[key] for key in _LISTED} for row in context.organisation.portals]


def _whole_portals(context: Context) -> list[Row]:
    return context.organisation.portals


def list_user_types(context: Context) -> Answer:
    """The kinds of users of a portal; 204 without any.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown portal.
    """
    rows = _user_types(context)
    return json_answer({"user_type": rows}) if rows else NO_CONTENT


def get_user_type(context: Context) -> Answer:
    """One kind of users.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown portal or kind.
    """
    return json_answer({"user_type": [_user_type(context)]})


def list_users(context: Context) -> Answer:
    """A page of the users of a kind, of one source if `Source__s` is given; 204 without any.

    Its `info` has the total alone: the last page is known by arithmetic only.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown portal or kind.
    """
    source = context.params.get("Source__s")
    everybody = context.organisation.portal_users.get(_user_type(context)["id"], [])
    rows = [row for row in everybody if source in {None, row["Source__s"]}]
    found = page_rows(context, rows)
    info = {"total_count": len(rows)}
    return json_answer({"users": found, "info": info}) if found else NO_CONTENT


def _user_types(context: Context) -> list[Row]:
    organisation, portal = context.organisation, context.variables["portal"]
    if pick(organisation.portals, portal, "name") is None:
        raise invalid_id(_PORTAL_INDEX)
    return organisation.portal_user_types.get(portal, [])


def _user_type(context: Context) -> Row:
    row = pick(_user_types(context), context.variables["kind"])
    if row is None:
        raise invalid_id(_KIND_INDEX)
    return row


_USER_TYPES = "/crm/v8/settings/portals/{portal}/user_type"

ROUTES = (
    Route("/crm/v8/settings/portals", all_of("portals", _portals), _SCOPES),
    Route(
        "/crm/v8/settings/portals/{one}",
        one_row("portals", _whole_portals, by="name"),
        _SCOPES,
    ),
    Route(_USER_TYPES, list_user_types, _SCOPES),
    Route(f"{_USER_TYPES}/{{kind}}", get_user_type, _SCOPES),
    Route(
        f"{_USER_TYPES}/{{kind}}/users",
        list_users,
        _SCOPES,
        (Param("Source__s"), FILTERS, *PAGES),
    ),
)
