"""The user groups of the sample organisation.

Shapes: https://www.zoho.com/crm/developer/docs/api/v8/get-user-groups.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-sources-by-type.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-associations.html
"""

from __future__ import annotations

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.named import by_name, module_named
from zohocrm_demo.organisation.people import user_refs
from zohocrm_demo.organisation.references import Row
from zohocrm_demo.organisation.wide_ids import GROUP_USES, USER_GROUPS

_NAMES = ("Boat crew", "Chemists", "West of the Rockies", "Everybody outdoors", "Alumni")


def user_groups(users: list[Row], roles: list[Row], territories: list[Row]) -> list[Row]:
    """Every group with its sources: users, roles, territories and other groups."""
    role, territory = by_name(roles), by_name(territories)
    groups = {
        name: {"name": name, "id": make_id(USER_GROUPS + 2 * index)}
        for index, name in enumerate(_NAMES)
    }
    crew, chemists, west, outdoors, alumni = groups.values()
    people = [{"name": user["full_name"], "id": user["id"]} for user in users]
    author = user_refs()["Ingrid"]
    return [
        _group(crew, author, [*_users(people[4:7]), _source("roles", role["Field Service"])]),
        _group(chemists, author, [_source("roles", role["Laboratory"], subordinates=True)]),
        _group(
            west, author, [_source("territories", territory["North America"], below=True)], None
        ),
        _group(outdoors, author, [_source("groups", crew), _source("groups", west)]),
        _group(alumni, author, _users([people[2], *people[28:32], *people[-2:]])),
    ]


def group_associations(groups: list[Row], modules: list[Row]) -> dict[str, list[Row]]:
    """Where a group is in use, by the group's id: `{resource, details, type}`."""
    crew, chemists = groups[0]["id"], groups[1]["id"]
    return {
        crew: [
            _use(0, "Approval of long trips", "approval_process", module_named(modules, "Deals")),
            _use(1, "Second look at samples", "review_process", module_named(modules, "Leads")),
        ],
        chemists: [_use(2, "Weekly digest", "email_notification", None)],
    }


def _group(
    group: Row, author: Row, sources: list[Row], changed: str | None = "2025-06-18T20:10:00"
) -> Row:
    return {
        "created_by": author,
        "modified_by": None if changed is None else author,
        "modified_time": None if changed is None else local(changed),
        "created_time": local("2022-09-01T15:00:00"),
        "description": None if changed is None else f"{group['name']} and nobody else",
        **group,
        "sources": sources,
    }


def _source(kind: str, ref: Row, *, subordinates: bool = False, below: bool = False) -> Row:
    return {"source": ref, "type": kind, "subordinates": subordinates, "sub_territories": below}


def _users(people: list[Row]) -> list[Row]:
    return [_source("users", person) for person in people]


def _use(number: int, name: str, kind: str, module: Row | None) -> Row:
    return {
        "resource": {"name": name, "id": make_id(GROUP_USES + number)},
        "details": None if module is None else {"module": module},
        "type": kind,
    }
