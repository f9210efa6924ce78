"""Who belongs to a role, a territory or a group, those below included where Zoho says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zohocrm_demo.organisation.lists import OrganisationWide
    from zohocrm_demo.organisation.references import Row


def with_those_below(rows: list[Row], root: str) -> set[str]:
    """The id `root` and the ids of all rows that report to it, directly or not."""
    found = {root}
    grown = True
    while grown:
        below = {row["id"] for row in rows if (row["reporting_to"] or {}).get("id") in found}
        grown = not below <= found
        found |= below
    return found


def members_of_group(organisation: OrganisationWide, group_id: str) -> set[str]:
    """The ids of the users of a group; none for an unknown one."""
    return _members(organisation, group_id, frozenset())


def _members(organisation: OrganisationWide, group_id: str, above: frozenset[str]) -> set[str]:
    found: set[str] = set()
    if group_id in above:
        return found
    for group in organisation.user_groups:
        if group["id"] == group_id:
            for source in group["sources"]:
                found |= _members_of_source(organisation, source, above | {group_id})
    return found


def _members_of_source(
    organisation: OrganisationWide, source: Row, above: frozenset[str]
) -> set[str]:
    source_id = source["source"]["id"]
    if source["type"] == "users":
        return {source_id}
    if source["type"] == "groups":
        return _members(organisation, source_id, above)
    if source["type"] == "roles":
        roles = {source_id}
        if source["subordinates"]:
            roles = with_those_below(organisation.roles, source_id)
        return {user["id"] for user in organisation.users if user["role"]["id"] in roles}
    territories = {source_id}
    if source["sub_territories"]:
        territories = with_those_below(organisation.territories, source_id)
    return {
        user_id
        for territory in territories
        for user_id in organisation.territory_users.get(territory, [])
    }
