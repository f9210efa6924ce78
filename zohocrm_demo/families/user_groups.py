"""User groups, what they are made of, and the groups of a user.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-user-groups.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-sources-by-type.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-sources-count.html,
https://www.zoho.com/crm/developer/docs/api/v8/associated-groups-of-a-user.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.families.rows import Row, existing, ref, without
from zohocrm_demo.organisation.membership import members_of_group

if TYPE_CHECKING:
    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.routes import Context

_STATUSES = ("active", "inactive", "deleted")
_GROUP_INDEX = 2
_USER_INDEX = 1


def listed(context: Context) -> list[Row]:
    """The groups; sources and their count only if `include` names them."""
    included = context.params.get("include", "").split(",")
    rows = []
    for group in context.organisation.user_groups:
        shown = group if "sources" in included else without(group, ("sources",))
        if "sources_count" in included:
            shown = {**shown, "sources_count": _count(context.organisation, group)}
        rows.append(shown)
    return rows


def whole(context: Context) -> list[Row]:
    """One group with the count of its sources; 400 INVALID_DATA for an unknown id."""
    group = _group(context)
    count = _count(context.organisation, group)
    return [{**without(group, ("sources",)), "sources_count": count}]


def sources(context: Context) -> list[Row]:
    """A group's sources, of all sorts or `type`; users of any status or `user_type`."""
    kind, status = context.params.get("type"), context.params.get("user_type")
    statuses = _user_statuses(context.organisation)
    return [
        source
        for source in _group(context)["sources"]
        if kind in {None, source["type"]}
        and (
            status is None
            or (source["type"] == "users" and statuses[source["source"]["id"]] == status)
        )
    ]


def source_counts(context: Context) -> list[Row]:
    """How many sources of each sort a group has."""
    return [_count(context.organisation, _group(context))]


def associations(context: Context) -> list[Row]:
    """Where a group is in use."""
    return context.organisation.group_associations.get(_group(context)["id"], [])


def user_counts(context: Context) -> list[Row]:
    """How many users each group has, those of its sources included."""
    organisation = context.organisation
    return [
        {
            "user_group": ref(group, "name", "id"),
            "count": len(members_of_group(organisation, group["id"])),
        }
        for group in organisation.user_groups
    ]


def of_user(context: Context) -> list[Row]:
    """The groups that a user belongs to, by whatever source.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown user.
    """
    organisation = context.organisation
    user = existing(organisation.users, context.variables["user"], _USER_INDEX)["id"]
    return [
        group for group in listed(context) if user in members_of_group(organisation, group["id"])
    ]


def _group(context: Context) -> Row:
    return existing(context.organisation.user_groups, context.variables["group"], _GROUP_INDEX)


def _count(organisation: Organisation, group: Row) -> Row:
    statuses = _user_statuses(organisation)
    count: Row = {"roles": 0, "groups": 0, "territories": 0}
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
