"""Territories, their children and users, and the territories of a user.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/territories.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-child-territory.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-user-territory.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-user-territories.html
"""

from __future__ import annotations

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.errors import invalid_id
from zohocrm_demo.families.rows import (
    FILTERS,
    IDS,
    PAGES,
    Row,
    chosen,
    page,
    pick,
    without,
)
from zohocrm_demo.families.users import USERS_SCOPE
from zohocrm_demo.params import Param, list_of
from zohocrm_demo.routes import Context, Route

_SCOPE = "ZohoCRM.settings.territories.READ"
_CRITERIA = ("account_rule_criteria", "lead_rule_criteria", "deal_rule_criteria")
_INNER = Param("include_inner_details", list_of("manager.zuid", "manager.status"))
_LISTING = (Param("include", list_of(*_CRITERIA)), _INNER, FILTERS, *PAGES)
_TERRITORY_INDEX = 2
_USER_INDEX = 1

# What this call leaves out of a user, and what it adds.
_NOT_HERE = ("Reporting_To", "share_among_subordinates", "imap_status", "ezuid", "image_link")
_HERE_ONLY = {"category": "regular_user", "Isonline": False, "offset": -28_800_000}


def list_territories(context: Context) -> Answer:
    """A page of all territories, or of `ids`; criteria only if `include` names them."""
    rows = chosen(context, context.organisation.territories)
    return page(context, "territories", [_listed(context, row) for row in rows])


def get_territory(context: Context) -> Answer:
    """One territory with its criteria.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown id.
    """
    row = _territory(context)
    return json_answer({"territories": [{**row, "manager": _manager(context, row)}]})


def list_children(context: Context) -> Answer:
    """A page of the territories right below one; 204 below the lowest.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown id.
    """
    parent = _territory(context)["id"]
    rows = [
        _listed(context, row)
        for row in context.organisation.territories
        if (row["reporting_to"] or {}).get("id") == parent
    ]
    return page(context, "territories", rows)


def list_territory_users(context: Context) -> Answer:
    """A page of the users of a territory; 204 without any.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown territory.
    """
    territory = _territory(context)["id"]
    ids = context.organisation.territory_users.get(territory, [])
    rows = [
        {**without(user, _NOT_HERE), **_HERE_ONLY}
        for user in context.organisation.users
        if user["id"] in ids and context.variables.get("user", user["id"]) == user["id"]
    ]
    return page(context, "users", rows)


def count_users(context: Context) -> Answer:
    """A page of how many users each territory has; the count is a text."""
    organisation = context.organisation
    rows = [
        {
            "count": str(len(organisation.territory_users.get(row["id"], ()))),
            "territory": {"name": row["name"], "id": row["id"]},
        }
        for row in organisation.territories
    ]
    return page(context, "associated_users_count", rows)


def list_territories_of_user(context: Context) -> Answer:
    """A page of the territories of a user, with keys in capitals; 204 without any.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown user.
    """
    organisation, user = context.organisation, context.variables["user"]
    if pick(organisation.users, user) is None:
        raise invalid_id(_USER_INDEX)
    rows = [
        {
            "id": row["id"],
            "Manager": _capital(row["manager"]),
            "Reporting_To": _capital(row["reporting_to"]),
            "Name": row["name"],
        }
        for row in organisation.territories
        if user in organisation.territory_users.get(row["id"], ())
        and context.variables.get("territory", row["id"]) == row["id"]
    ]
    return page(context, "territories", rows)


def _territory(context: Context) -> Row:
    row = pick(context.organisation.territories, context.variables["territory"])
    if row is None:
        raise invalid_id(_TERRITORY_INDEX)
    return row


def _listed(context: Context, row: Row) -> Row:
    included = context.params.get("include", "").split(",")
    hidden = [key for key in _CRITERIA if key not in included]
    return {**without(row, hidden), "manager": _manager(context, row)}


def _manager(context: Context, row: Row) -> Row | None:
    manager: Row | None = row["manager"]
    asked = context.params.get("include_inner_details")
    if manager is None or asked is None:
        return manager
    user = pick(context.organisation.users, manager["id"]) or {}
    keys = [item.rpartition(".")[2] for item in asked.split(",")]
    return {**manager, **{key: user.get(key) for key in keys}}


def _capital(ref: Row | None) -> Row | None:
    return None if ref is None else {"Name": ref["name"], "id": ref["id"]}


_ONE = "/crm/v8/settings/territories/{territory}"
_BOTH = (USERS_SCOPE, _SCOPE)

ROUTES = (
    Route("/crm/v8/settings/territories", list_territories, (_SCOPE,), (*_LISTING, IDS)),
    Route(
        "/crm/v8/settings/territories/actions/associated_users_count",
        count_users,
        (_SCOPE,),
        PAGES,
    ),
    Route(_ONE, get_territory, (_SCOPE,), (_INNER,)),
    Route(f"{_ONE}/__child_territories", list_children, (_SCOPE,), _LISTING),
    Route(f"{_ONE}/users", list_territory_users, _BOTH, PAGES),
    Route(f"{_ONE}/users/{{user}}", list_territory_users, _BOTH),
    Route("/crm/v8/users/{user}/territories", list_territories_of_user, _BOTH, PAGES),
    Route("/crm/v8/users/{user}/territories/{territory}", list_territories_of_user, _BOTH),
)
