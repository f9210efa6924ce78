"""Users, profiles, territories, groups: what holds of them beyond what holds of every call."""

from __future__ import annotations

from typing import Any

import pytest

from zohocrm_demo import DemoOrganisation, sample_organisation

from .conftest import Client, assert_refused

pytestmark = pytest.mark.thorough

SAMPLE = sample_organisation()
SETTINGS = "/crm/v8/settings"
PROFILES = f"{SETTINGS}/profiles"
TERRITORIES = f"{SETTINGS}/territories"
GROUPS = f"{SETTINGS}/user_groups"
USERS = "/crm/v8/users"
AWAY = f"{SETTINGS}/users_unavailability"
Row = dict[str, Any]


def assert_tree(rows: list[dict[str, Any]]) -> None:
    """One root, and everything else reports, in the end, to it."""
    by_id = {row["id"]: row for row in rows}
    roots = [row["id"] for row in rows if row["reporting_to"] is None]
    assert len(roots) == 1
    for row in rows:
        above, steps = row, 0
        while above["reporting_to"] is not None:
            ref = above["reporting_to"]
            above, steps = by_id[ref["id"]], steps + 1
            assert above["name"] == ref["name"]
            assert steps < len(rows)
        assert above["id"] == roots[0]


def test_one_profile_has_its_permissions(client: Client, demo: DemoOrganisation) -> None:
    modules = {module["id"]: module["api_name"] for module in demo.organisation.modules}
    listed = client.rows(PROFILES, "profiles")
    refused = []
    for row in (listed[0], listed[20]):
        profile = client.rows(f"{PROFILES}/{row['id']}", "profiles")[0]
        details = profile.pop("permissions_details")
        sections = profile.pop("sections")
        assert profile == row
        ids = [detail["id"] for detail in details]
        enabled = {detail["id"]: detail["enabled"] for detail in details}
        assert len(ids) == len(set(ids)) > 100
        in_sections = [
            permission
            for section in sections
            for category in section["categories"]
            for permission in category["permissions_details"]
        ]
        assert sorted(in_sections) == sorted(ids)
        for detail in details:
            if detail["module"] is not None:
                assert modules[detail["module"]["id"]] == detail["module"]["api_name"]
            assert all(enabled[parent] for parent in detail["parent_permissions"] or [])
        refused.append(sum(not detail["enabled"] for detail in details))
    assert refused[0] == 0 < refused[1]
    details = assert_refused(client.get(f"{PROFILES}/1"), 400, "INVALID_DATA")
    assert details == {"resource_path_index": 2}


def test_children_add_up(client: Client) -> None:
    rows = client.rows(TERRITORIES, "territories")
    children: list[Any] = []
    for row in rows:
        answer = client.get(f"{TERRITORIES}/{row['id']}/__child_territories")
        if answer.status_code == 200:
            below = answer.json()["territories"]
            assert all(child["reporting_to"]["id"] == row["id"] for child in below)
            children += below
    assert len(children) == len(rows) - 1
    two = client.rows(TERRITORIES, "territories", ids=f"{rows[1]['id']},{rows[4]['id']}")
    assert two == [rows[1], rows[4]]


def test_users_of_territories_both_ways(client: Client) -> None:
    counts = client.rows(f"{TERRITORIES}/actions/associated_users_count", "associated_users_count")
    pairs = set()
    for count in counts:
        territory = count["territory"]["id"]
        answer = client.get(f"{TERRITORIES}/{territory}/users")
        users = answer.json()["users"] if answer.status_code == 200 else []
        assert count["count"] == str(len(users))
        pairs |= {(territory, user["id"]) for user in users}
    assert {count["count"] for count in counts} > {"0"}
    back = set()
    for user in {user for _, user in pairs}:
        rows = client.rows(f"{USERS}/{user}/territories", "territories")
        assert all(row.keys() == {"id", "Manager", "Reporting_To", "Name"} for row in rows)
        back |= {(row["id"], user) for row in rows}
    assert back == pairs


def test_groups_show_sources_on_demand(client: Client) -> None:
    plain = client.rows(GROUPS, "user_groups")
    whole = client.rows(GROUPS, "user_groups", include="sources,sources_count")

    assert not any({"sources", "sources_count"} & row.keys() for row in plain)
    for row in whole:
        path = f"{GROUPS}/{row['id']}"
        sources = client.rows(f"{path}/sources", "sources")
        assert row["sources"] == sources
        kinds = [source["type"] for source in sources]
        counted = row["sources_count"]
        assert sum(counted["users"].values()) == kinds.count("users")
        assert all(counted[kind] == kinds.count(kind) for kind in counted if kind != "users")
        one = client.rows(path, "user_groups")[0]
        assert one["sources_count"] == counted
    assert any(row["modified_time"] is None for row in plain)
    assert_refused(client.get(GROUPS, params={"include": "users"}), 400, "INVALID_DATA")


def test_sources_by_type_and_status(client: Client, demo: DemoOrganisation) -> None:
    group = demo.organisation.user_groups[-1]["id"]
    statuses = {user["id"]: user["status"] for user in demo.organisation.users}
    path = f"{GROUPS}/{group}/sources"

    found = {
        kind: [row["source"]["id"] for row in client.rows(path, "sources", user_type=kind)]
        for kind in ("active", "inactive", "deleted")
    }
    assert sum(map(len, found.values())) == len(client.rows(path, "sources", type="users"))
    assert {statuses[user] for user in found["deleted"]} == {"deleted"}
    assert {statuses[user] for user in found["inactive"]} == {"inactive", "disabled"}
    assert client.get(path, params={"type": "roles"}).status_code == 204
    assert_refused(client.get(path, params={"type": "teams"}), 400, "INVALID_DATA")


def test_members_both_ways(client: Client) -> None:
    counts = client.rows(f"{GROUPS}/actions/associated_users_count", "associated_users_count")
    everybody = [
        user["id"]
        for kind in ("ActiveUsers", "DeletedUsers")
        for user in client.rows(USERS, "users", type=kind)
    ]
    found: dict[str, int] = {}
    for user in everybody:
        answer = client.get(f"{USERS}/{user}/actions/associated_groups")
        for group in answer.json()["user_groups"] if answer.status_code == 200 else []:
            found[group["id"]] = found.get(group["id"], 0) + 1
    assert all(0 < found[row["user_group"]["id"]] <= row["count"] for row in counts)
    crew, outdoors = counts[0], counts[3]
    assert outdoors["count"] > crew["count"] == found[crew["user_group"]["id"]]
    assert_refused(client.get(f"{USERS}/1/actions/associated_groups"), 400, "INVALID_DATA")


def test_groups_within_groups_end(client: Client, demo: DemoOrganisation) -> None:
    groups = demo.organisation.user_groups
    own = {"name": groups[3]["name"], "id": groups[3]["id"]}
    groups[0]["sources"].append(
        {"source": own, "type": "groups", "subordinates": False, "sub_territories": False}
    )

    assert len(client.rows(f"{GROUPS}/actions/associated_users_count", "associated_users_count"))


def test_all_users_are_active_and_inactive_ones_on_two_pages(client: Client) -> None:
    first = client.get(USERS).json()
    second = client.get(USERS, params={"page": "2", "type": "AllUsers"}).json()

    assert first["info"] == {"per_page": 200, "count": 200, "page": 1, "more_records": True}
    assert second["info"] == {"per_page": 200, "count": 10, "page": 2, "more_records": False}
    users = first["users"] + second["users"]
    assert len({user["id"] for user in users}) == 210
    assert {user["status"] for user in users} == {"active", "inactive", "disabled"}
    assert client.get(USERS, params={"page": "3"}).status_code == 204


COUNTS = {
    "AllUsers": 210,
    "ActiveUsers": 24,
    "AllActiveUsers": 24,
    "DeactiveUsers": 186,
    "ConfirmedUsers": 209,
    "NotConfirmedUsers": 1,
    "DeletedUsers": 20,
    "AdminUsers": 1,
    "ActiveConfirmedUsers": 23,
    "ActiveConfirmedAdmins": 1,
    "ActiveLiteUser": 0,
    "CurrentUser": 1,
    "DeveloperUsers": 1,
}


@pytest.mark.parametrize(("kind", "count"), COUNTS.items())
def test_types_and_their_counts(client: Client, kind: str, count: int) -> None:
    answer = client.get(USERS, params={"type": kind, "per_page": "1"})

    assert answer.status_code == (200 if count else 204)
    counted = client.get(f"{USERS}/actions/count", params={"type": kind})
    assert counted.json() == {"count": count}


def test_unavailability_of_roles_groups_and_territories(
    client: Client, demo: DemoOrganisation
) -> None:
    organisation = demo.organisation
    away = [row["user"]["id"] for row in organisation.users_unavailability]
    roles = {user["id"]: user["role"]["id"] for user in organisation.users}
    role, territory = roles[away[1]], organisation.territories[0]["id"]

    by_role = client.rows(AWAY, "users_unavailability", role_ids=role)
    assert {roles[row["user"]["id"]] for row in by_role} == {role}
    by_territory = client.rows(AWAY, "users_unavailability", territory_ids=territory)
    members = set(organisation.territory_users[territory]) & set(away)
    assert {row["user"]["id"] for row in by_territory} == members
    assert client.get(AWAY, params={"group_ids": "1"}).status_code == 204
    assert_refused(client.get(AWAY, params={"group_ids": "x"}), 400, "INVALID_DATA")
