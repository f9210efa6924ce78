"""User groups, what they are made of, how many users they have and where they are in use.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-user-groups.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-sources-by-type.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-sources-count.html,
https://www.zoho.com/crm/developer/docs/api/v8/associated-groups-of-a-user.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import invalid_id
from zohocrm_demo.families.rows import FILTERS, PAGES, Row, page, pick, without
from zohocrm_demo.organisation.membership import members_of_group
from zohocrm_demo.params import Param, list_of, one_of
from zohocrm_demo.routes import Context, Route

if TYPE_CHECKING:
    from zohocrm_demo.organisation import Organisation

_SCOPES = ("ZohoCRM.settings.user_groups.READ",)
_INCLUDE = Param("include", list_of("sources_count", "sources"))
_SOURCES = ("users", "roles", "groups", "territories")
_STATUSES = ("active", "inactive", "deleted")
_GROUP_INDEX = 2
_USER_INDEX = 1


def list_groups(context: Context) -> Answer:
    """A page of the groups; sources and their count only if `include` names them."""
    groups = context.organisation.user_groups
    return page(context, "user_groups", [_shown(context, group) for group in groups])


def get_group(context: Context) -> Answer:
    """One group with the count of its sources.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown id.
    """
    group = _group(context)
    count = _count(context.organisation, group)
    return json_answer({"user_groups": [{**without(group, ("sources",)), "sources_count": count}]})


def list_sources(context: Context) -> Answer:
    """A page of a group's sources, of all sorts or `type`; users of any status or `user_type`.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown id.
    """
    kind, status = context.params.get("type"), context.params.get("user_type")
    statuses = _user_statuses(context.organisation)
    rows = [
        source
        for source in _group(context)["sources"]
        if kind in {None, source["type"]}
        and (
            status is None
            or (source["type"] == "users" and statuses[source["source"]["id"]] == status)
        )
    ]
    return page(context, "sources", rows)


def count_sources(context: Context) -> Answer:
    """How many sources of each sort a group has: an array of one.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown id.
    """
    return json_answer({"sources_count": [_count(context.organisation, _group(context))]})


def list_associations(context: Context) -> Answer:
    """Where a group is in use; 204 where it isn't.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown id.
    """
    rows = context.organisation.group_associations.get(_group(context)["id"])
    return json_answer({"associations": rows}) if rows else NO_CONTENT


def count_users(context: Context) -> Answer:
    """A page of how many users each group has, those of its sources included."""
    organisation = context.organisation
    rows = [
        {
            "user_group": {"name": group["name"], "id": group["id"]},
            "count": len(members_of_group(organisation, group["id"])),
        }
        for group in organisation.user_groups
    ]
    return page(context, "associated_users_count", rows)


def list_groups_of_user(context: Context) -> Answer:
    """A page of the groups that a user belongs to, by whatever source; 204 without any.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown user.
    """
    organisation, user = context.organisation, context.variables["user"]
    if pick(organisation.users, user) is None:
        raise invalid_id(_USER_INDEX)
    rows = [
        _shown(context, group)
        for group in organisation.user_groups
        if user in members_of_group(organisation, group["id"])
    ]
    return page(context, "user_groups", rows)


def _group(context: Context) -> Row:
    group = pick(context.organisation.user_groups, context.variables["group"])
    if group is None:
        raise invalid_id(_GROUP_INDEX)
    return group


def _shown(context: Context, group: Row) -> Row:
    included = context.params.get("include", "").split(",")
    shown = group if "sources" in included else without(group, ("sources",))
    if "sources_count" in included:
        return {**shown, "sources_count": _count(context.organisation, group)}
    return shown


def _count(organisation: Organisation, group: Row) -> Row:
    statuses = _user_statuses(organisation)
    count: Row = {kind: 0 for kind in _SOURCES if kind != "users"}
    count["users"] = dict.fromkeys(_STATUSES, 0)
    for source in group["sources"]:
        if source["type"] == "users":
            count["users"][statuses[source["source"]["id"]]] += 1
        else:
            count[source["type"]] += 1
    return count


def _user_statuses(organisation: Organisation) -> dict[str, str]:
    """`active`, `inactive` or `deleted`: in groups Zoho has no other word for the disabled."""
    return {
        user["id"]: user["status"] if user["status"] in _STATUSES else "inactive"
        for user in organisation.users
    }


_ALL = "/crm/v8/settings/user_groups"
_ONE = f"{_ALL}/{{group}}"

ROUTES = (
    Route(_ALL, list_groups, _SCOPES, (_INCLUDE, FILTERS, *PAGES)),
    Route(f"{_ALL}/actions/associated_users_count", count_users, _SCOPES, (FILTERS, *PAGES)),
    Route(_ONE, get_group, _SCOPES),
    Route(
        f"{_ONE}/sources",
        list_sources,
        _SCOPES,
        (Param("type", one_of(*_SOURCES)), Param("user_type", one_of(*_STATUSES)), *PAGES),
    ),
    Route(f"{_ONE}/actions/sources_count", count_sources, _SCOPES),
    Route(f"{_ONE}/actions/associations", list_associations, _SCOPES),
    Route(
        "/crm/v8/users/{user}/actions/associated_groups",
        list_groups_of_user,
        _SCOPES,
        (_INCLUDE, *PAGES),
    ),
)
