"""Territories, their users, and the territories of a user.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/territories.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-child-territory.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-user-territories.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.families.rows import Row, existing, pick, ref, without

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_CRITERIA = ("account_rule_criteria", "lead_rule_criteria", "deal_rule_criteria")
_TERRITORY_INDEX = 2
_USER_INDEX = 1
# What this call leaves out of a user, and what it adds.
_NOT_HERE = ("Reporting_To", "share_among_subordinates", "imap_status", "ezuid", "image_link")
_HERE_ONLY = {"category": "regular_user", "Isonline": False, "offset": -28_800_000}


def listed(context: Context) -> list[Row]:
    """All territories; criteria only if `include` names them."""
    return [_listed(context, row) for row in context.organisation.territories]


def whole(context: Context) -> list[Row]:
    """One territory with its criteria.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown id.
    """
    row = _territory(context)
    return [{**row, "manager": _manager(context, row)}]


def children(context: Context) -> list[Row]:
    """The territories right below one.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown id.
    """
    parent = _territory(context)["id"]
    return [row for row in listed(context) if (row["reporting_to"] or {}).get("id") == parent]


def users(context: Context) -> list[Row]:
    """The users of a territory.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown territory.
    """
    ids = context.organisation.territory_users.get(_territory(context)["id"], [])
    return [
        {**without(user, _NOT_HERE), **_HERE_ONLY}
        for user in context.organisation.users
        if user["id"] in ids and context.variables.get("user", user["id"]) == user["id"]
    ]


def user_counts(context: Context) -> list[Row]:
    """How many users each territory has; the count is a text."""
    users_of = context.organisation.territory_users
    return [
        {"count": str(len(users_of.get(row["id"], ()))), "territory": ref(row, "name", "id")}
        for row in context.organisation.territories
    ]


def of_user(context: Context) -> list[Row]:
    """The territories of a user, with keys in capitals.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown user.
    """
    organisation = context.organisation
    user = existing(organisation.users, context.variables["user"], _USER_INDEX)["id"]
    return [
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


def _territory(context: Context) -> Row:
    wanted = context.variables["territory"]
    return existing(context.organisation.territories, wanted, _TERRITORY_INDEX)


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


def _capital(row: Row | None) -> Row | None:
    return None if row is None else {"Name": row["name"], "id": row["id"]}
