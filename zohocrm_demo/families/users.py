"""Users, how many there are, and when they are away.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-users.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-users-count.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-user-unavailability.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.answers import NO_CONTENT, NOT_MODIFIED, Answer, json_answer
from zohocrm_demo.errors import invalid_url_pattern
from zohocrm_demo.families.modified_since import changed, modified_since
from zohocrm_demo.families.rows import (
    FILTERS,
    IDS,
    PAGES,
    Row,
    chosen,
    id_list,
    page,
    pick,
    without,
)
from zohocrm_demo.organisation.membership import members_of_group
from zohocrm_demo.params import Param, one_of
from zohocrm_demo.routes import Context, Route

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

USERS_SCOPE = "ZohoCRM.users.READ"
_AWAY_SCOPES = ("ZohoCRM.settings.users_unavailability.READ",)
_MODIFIED = "Modified_Time"
_ADMINISTRATOR = "Administrator"


def _active(user: Row) -> bool:
    return bool(user["status"] == "active")


def _there(user: Row) -> bool:
    return bool(user["status"] != "deleted")


def _admin(user: Row) -> bool:
    return _there(user) and user["profile"]["name"] == _ADMINISTRATOR


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
_TYPE = Param("type", one_of(*_TYPES))
_KINDS = Param("type__s", one_of("Regular User", "Sandbox Developer User", "Team User"))


def list_users(context: Context) -> Answer:
    """A page of the users of `type`, all but the deleted ones unless given.

    With If-Modified-Since only those changed since then; 304 when there are none, and users
    whose `Modified_Time` is null never count as changed.
    """
    kind = context.params.get("type__s")
    found = [
        user
        for user in chosen(context, _of_type(context))
        if kind is None or user["type__s"] == kind
    ]
    if not found:
        return NO_CONTENT
    recent = changed(found, modified_since(context), _MODIFIED)
    return page(context, "users", recent) if recent else NOT_MODIFIED


def get_user(context: Context) -> Answer:
    """One user, deleted or not; 204 for an unknown id, 304 when not changed."""
    user = pick(context.organisation.users, context.variables["user"])
    if user is None:
        return NO_CONTENT
    recent = changed([user], modified_since(context), _MODIFIED)
    return json_answer({"users": recent}) if recent else NOT_MODIFIED


def count_users(context: Context) -> Answer:
    """`{"count": n}` for the users of `type`."""
    return json_answer({"count": len(_of_type(context))})


def list_unavailability(context: Context) -> Answer:
    """A page of absences, of all users or those of groups, roles and territories.

    The user's `zuid` comes with `include_inner_details=user.zuid` only.
    """
    wanted = _people_asked_for(context)
    rows = [
        _absence(context, row)
        for row in context.organisation.users_unavailability
        if wanted is None or row["user"]["id"] in wanted
    ]
    return page(context, "users_unavailability", rows)


def get_unavailability(context: Context) -> Answer:
    """One absence; 204 for an unknown id.

    Raises:
        ZohoError: 404 INVALID_URL_PATTERN for what is no id.
    """
    wanted = context.variables["one"]
    if not wanted.isdecimal():
        raise invalid_url_pattern()
    row = pick(context.organisation.users_unavailability, wanted)
    return page(context, "users_unavailability", [_absence(context, row)] if row else [])


def _of_type(context: Context) -> list[Row]:
    users = context.organisation.users
    kind = context.params.get("type", "AllUsers")
    # The sample's first user is the one who granted the token.
    among = users[:1] if kind == "CurrentUser" else users
    return [user for user in among if _TYPES[kind](user)]


def _people_asked_for(context: Context) -> set[str] | None:
    organisation, params = context.organisation, context.params
    if not params.keys() & {"group_ids", "role_ids", "territory_ids"}:
        return None
    groups, roles, territories = (
        params.get(name, "").split(",") for name in ("group_ids", "role_ids", "territory_ids")
    )
    found = {user["id"] for user in organisation.users if user["role"]["id"] in roles}
    for group in groups:
        found |= members_of_group(organisation, group)
    for territory in territories:
        found |= set(organisation.territory_users.get(territory, ()))
    return found


def _absence(context: Context, row: Row) -> Row:
    if "include_inner_details" in context.params:
        return row
    return {**row, "user": without(row["user"], ("zuid",))}


_INNER = Param("include_inner_details", one_of("user.zuid"))

ROUTES = (
    Route("/crm/v8/users", list_users, (USERS_SCOPE,), (_TYPE, _KINDS, IDS, *PAGES)),
    Route("/crm/v8/users/actions/count", count_users, (USERS_SCOPE,), (_TYPE,)),
    Route("/crm/v8/users/{user}", get_user, (USERS_SCOPE,)),
    Route(
        "/crm/v8/settings/users_unavailability",
        list_unavailability,
        _AWAY_SCOPES,
        (
            *(Param(name, id_list) for name in ("group_ids", "role_ids", "territory_ids")),
            _INNER,
            FILTERS,
            *PAGES,
        ),
    ),
    Route(
        "/crm/v8/settings/users_unavailability/{one}",
        get_unavailability,
        _AWAY_SCOPES,
        (_INNER, FILTERS),
    ),
)
