from __future__ import annotations

from typing import Any

from zohocrm_demo import DemoOrganisation

from .conftest import Client, assert_refused

ROLES = "/crm/v8/settings/roles"
PROFILES = "/crm/v8/settings/profiles"
TERRITORIES = "/crm/v8/settings/territories"
GROUPS = "/crm/v8/settings/user_groups"
USERS = "/crm/v8/users"


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


def test_roles_are_a_tree_with_odd_keys(client: Client, demo: DemoOrganisation) -> None:
    roles = client.rows(ROLES, "roles")
    users = {user["id"] for user in demo.organisation.users}

    assert_tree(roles)
    keys = {"modified_time__s", "created_time__s", "modified_by__s", "created_by__s"}
    for role in roles:
        assert keys <= role.keys()
        assert {(role[key] is None) for key in keys} in ({True}, {False})
        assert (role["forecast_manager"] or {}).get("id") in {*users, None}
    assert any(role["modified_time__s"] is None for role in roles)
    assert client.rows(f"{ROLES}/{roles[3]['id']}", "roles") == [roles[3]]
    assert client.get(f"{ROLES}/1").status_code == 204


def test_the_list_of_profiles_has_no_permissions(client: Client) -> None:
    body = client.get(PROFILES).json()

    count = len(body["profiles"])
    assert count > 50
    assert body["info"] == {
        "per_page": 200,
        "count": count,
        "page": 1,
        "more_records": False,
        "license_limit": 500,
    }
    assert not any({"permissions_details", "sections"} & row.keys() for row in body["profiles"])
    assert any(row["modified_time"] is None for row in body["profiles"])
    private = client.rows(PROFILES, "profiles", type="private_profile")
    assert {row["type"] for row in private} == {"private_profile"}
    assert_refused(client.get(PROFILES, params={"type": "own"}), 400, "INVALID_DATA")
    assert_refused(client.get(PROFILES, params={"include_types": "lite"}), 400, "INVALID_DATA")
    assert_refused(client.get(PROFILES, params={"page": "1"}), 400, "INVALID_REQUEST")


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


def test_territories_are_a_tree(client: Client, demo: DemoOrganisation) -> None:
    rows = client.rows(TERRITORIES, "territories")
    users = {user["id"]: user["full_name"] for user in demo.organisation.users}

    assert_tree(rows)
    for row in rows:
        if row["manager"] is not None:
            assert users[row["manager"]["id"]] == row["manager"]["name"]
            assert row["manager"].keys() == {"name", "id"}
        assert not [key for key in row if key.endswith("_rule_criteria")]
    assert any(row["manager"] is None for row in rows)


def test_criteria_on_demand_name_fields_that_exist(client: Client, demo: DemoOrganisation) -> None:
    rows = client.rows(TERRITORIES, "territories", include="account_rule_criteria")
    ids = {field["id"] for field in demo.organisation.fields["Accounts"]}

    found = [row["account_rule_criteria"] for row in rows]
    assert any(found)
    assert all(row["field"]["id"] in ids for row in found if row is not None)
    one = client.rows(f"{TERRITORIES}/{rows[2]['id']}", "territories")[0]
    assert one["deal_rule_criteria"]["group_operator"] == "AND"
    assert one["lead_rule_criteria"] is None
    assert_refused(client.get(TERRITORIES, params={"include": "criteria"}), 400, "INVALID_DATA")


def test_inner_details_of_managers(client: Client) -> None:
    rows = client.rows(
        TERRITORIES, "territories", include_inner_details="manager.zuid,manager.status"
    )

    assert rows[0]["manager"].keys() == {"name", "id", "zuid", "status"}
    assert rows[0]["manager"]["status"] == "active"


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


def test_one_user_of_a_territory_and_one_territory_of_a_user(
    client: Client, demo: DemoOrganisation
) -> None:
    territory, users = next(iter(demo.organisation.territory_users.items()))
    placed = {user for ids in demo.organisation.territory_users.values() for user in ids}
    elsewhere = next(user["id"] for user in demo.organisation.users if user["id"] not in placed)

    row = client.rows(f"{TERRITORIES}/{territory}/users/{users[0]}", "users")[0]
    assert (row["id"], row["category"]) == (users[0], "regular_user")
    assert client.get(f"{TERRITORIES}/{territory}/users/{elsewhere}").status_code == 204
    own = client.rows(f"{USERS}/{users[0]}/territories/{territory}", "territories")
    assert [row["id"] for row in own] == [territory]
    assert client.get(f"{USERS}/{elsewhere}/territories").status_code == 204
    details = assert_refused(client.get(f"{USERS}/1/territories"), 400, "INVALID_DATA")
    assert details == {"resource_path_index": 1}


def test_groups_show_sources_on_demand(client: Client) -> None:
    plain = client.rows(GROUPS, "user_groups")
    whole = client.rows(GROUPS, "user_groups", include="sources,sources_count")

    assert not any({"sources", "sources_count"} & row.keys() for row in plain)
    for row in whole:
        path = f"{GROUPS}/{row['id']}"
        sources = client.rows(f"{path}/sources", "sources")
        assert row["sources"] == sources
        assert client.rows(f"{path}/actions/sources_count", "sources_count") == [
            row["sources_count"]
        ]
        kinds = [source["type"] for source in sources]
        counted = row["sources_count"]
        assert sum(counted["users"].values()) == kinds.count("users")
        assert all(counted[kind] == kinds.count(kind) for kind in counted if kind != "users")
        one = client.rows(path, "user_groups")[0]
        assert one["sources_count"] == counted
    assert any(row["modified_time"] is None for row in plain)
    assert_refused(client.get(GROUPS, params={"include": "users"}), 400, "INVALID_DATA")


def test_sources_are_what_they_say(demo: DemoOrganisation) -> None:
    organisation = demo.organisation
    names = {
        "users": {user["id"]: user["full_name"] for user in organisation.users},
        "roles": {role["id"]: role["name"] for role in organisation.roles},
        "territories": {row["id"]: row["name"] for row in organisation.territories},
        "groups": {group["id"]: group["name"] for group in organisation.user_groups},
    }
    kinds = set()
    for group in organisation.user_groups:
        for source in group["sources"]:
            kinds.add(source["type"])
            assert names[source["type"]][source["source"]["id"]] == source["source"]["name"]
    assert kinds == set(names)


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


def test_where_groups_are_in_use(client: Client, demo: DemoOrganisation) -> None:
    organisation = demo.organisation
    modules = {module["id"]: module["api_name"] for module in organisation.modules}
    used = set(organisation.group_associations)

    for group in organisation.user_groups:
        answer = client.get(f"{GROUPS}/{group['id']}/actions/associations")
        assert answer.status_code == (200 if group["id"] in used else 204)
        for row in answer.json()["associations"] if group["id"] in used else []:
            if row["details"] is not None:
                module = row["details"]["module"]
                assert modules[module["id"]] == module["api_name"]
