"""Users of a type, and when they are away.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-users.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-users-count.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-user-unavailability.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.errors import invalid_url_pattern
from zohocrm_demo.families.checks import is_number
from zohocrm_demo.families.rows import Row, pick, without
from zohocrm_demo.organisation.membership import members_of_group

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zohocrm_demo.routes import Context


def _active(user: Row) -> bool:
    return bool(user["status"] == "active")


def _there(user: Row) -> bool:
    return bool(user["status"] != "deleted")


def _admin(user: Row) -> bool:
    return _there(user) and user["profile"]["name"] == "Administrator"


_TYPES: Mapping[str, Callable[[Row], bool]] = {
    "AllUsers": _there,
    "ActiveUsers": _active,
    "DeactiveUsers": lambda user: _there(user) and not _active(user),
    "ConfirmedUsers": lambda user: _there(user) and user["confirm"],
    "NotConfirmedUsers": lambda user: _there(user) and not user["confirm"],
    "DeletedUsers": lambda user: not _there(user),
    "ActiveConfirmedUsers": lambda user: _active(user) and user["confirm"],
    "AdminUsers": _admin,
    "ActiveConfirmedAdmins": lambda user: _active(user) and user["confirm"] and _admin(user),
    "AllActiveUsers": _active,
    "ActiveLiteUser": lambda user: _active(user) and user["type__s"] == "Lite User",
    "DeveloperUsers": lambda user: _there(user) and user["sandboxDeveloper"],
    "CurrentUser": _there,
}


def listed(context: Context) -> list[Row]:
    """The users of `type`: all but the deleted ones unless it is there."""
    users = context.organisation.users
    kind = context.params.get("type", "AllUsers")
    # The organisation's first user is the one who granted the token.
    among = users[:1] if kind == "CurrentUser" else users
    return [user for user in among if _TYPES[kind](user)]


def count_users(context: Context) -> Answer:
    """`{"count": n}` for the users of `type`."""
    return json_answer({"count": len(listed(context))})


def unavailability(context: Context) -> list[Row]:
    """Absences, of all users or those of groups, roles and territories.

    The user's `zuid` comes with `include_inner_details=user.zuid` only.
    """
    organisation, params = context.organisation, context.params
    rows = [_absence(context, row) for row in organisation.users_unavailability]
    if not params.keys() & {"group_ids", "role_ids", "territory_ids"}:
        return rows
    groups, roles, territories = (
        params.get(name, "").split(",") for name in ("group_ids", "role_ids", "territory_ids")
    )
    wanted = {user["id"] for user in organisation.users if user["role"]["id"] in roles}
    for group in groups:
        wanted |= members_of_group(organisation, group)
    for territory in territories:
        wanted |= set(organisation.territory_users.get(territory, ()))
    return [row for row in rows if row["user"]["id"] in wanted]


def one_unavailability(context: Context) -> list[Row]:
    """One absence; none for an unknown id.

    Raises:
        ZohoError: 404 INVALID_URL_PATTERN for what is no id.
    """
    wanted = context.variables["one"]
    if not is_number(wanted):
        raise invalid_url_pattern()
    row = pick(context.organisation.users_unavailability, wanted)
    return [_absence(context, row)] if row else []


def _absence(context: Context, row: Row) -> Row:
    if "include_inner_details" in context.params:
        return row
    return {**row, "user": without(row["user"], ("zuid",))}
