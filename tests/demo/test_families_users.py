from __future__ import annotations

import pytest

from zohocrm_demo import DemoOrganisation

from .conftest import Client, assert_refused

USERS = "/crm/v8/users"
AWAY = "/crm/v8/settings/users_unavailability"
SINCE = "If-Modified-Since"

KEYS_IN_MIXED_CASE = {
    "Modified_Time",
    "Modified_By",
    "created_time",
    "created_by",
    "Reporting_To",
    "sandboxDeveloper",
    "$current_shift",
    "$next_shift",
    "$shift_effective_from",
    "Current_Shift__s",
    "type__s",
    "country_locale",
}


def test_all_users_are_active_and_inactive_ones_on_two_pages(client: Client) -> None:
    first = client.get(USERS).json()
    second = client.get(USERS, params={"page": "2", "type": "AllUsers"}).json()

    assert first["info"] == {"per_page": 200, "count": 200, "page": 1, "more_records": True}
    assert second["info"] == {"per_page": 200, "count": 10, "page": 2, "more_records": False}
    users = first["users"] + second["users"]
    assert len({user["id"] for user in users}) == 210
    assert {user["status"] for user in users} == {"active", "inactive", "disabled"}
    assert client.get(USERS, params={"page": "3"}).status_code == 204
    assert all(user.keys() >= KEYS_IN_MIXED_CASE for user in users)


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("AllUsers", 210),
        ("ActiveUsers", 24),
        ("DeactiveUsers", 186),
        ("ConfirmedUsers", 209),
        ("NotConfirmedUsers", 1),
        ("DeletedUsers", 20),
        ("ActiveConfirmedUsers", 23),
        ("AdminUsers", 1),
        ("ActiveConfirmedAdmins", 1),
        ("CurrentUser", 1),
        ("DeveloperUsers", 1),
        ("AllActiveUsers", 24),
        ("ActiveLiteUser", 0),
    ],
)
def test_types_and_their_counts(client: Client, kind: str, count: int) -> None:
    answer = client.get(USERS, params={"type": kind, "per_page": "1"})

    assert answer.status_code == (200 if count else 204)
    counted = client.get(f"{USERS}/actions/count", params={"type": kind})
    assert counted.json() == {"count": count}


def test_unknown_types(client: Client) -> None:
    for path in (USERS, f"{USERS}/actions/count"):
        details = assert_refused(client.get(path, params={"type": "all"}), 400, "INVALID_DATA")
        assert "DeletedUsers" in details["supported_values"]


def test_the_kind_of_user(client: Client) -> None:
    developers = client.rows(USERS, "users", type__s="Sandbox Developer User")

    assert [user["sandboxDeveloper"] for user in developers] == [True]
    assert client.get(USERS, params={"type__s": "Team User"}).status_code == 204


def test_ids(client: Client, demo: DemoOrganisation) -> None:
    ids = [user["id"] for user in demo.organisation.users]

    two = client.rows(USERS, "users", ids=f"{ids[3]},{ids[1]},1")
    assert [user["id"] for user in two] == [ids[1], ids[3]]
    assert client.get(USERS, params={"ids": ids[-1]}).status_code == 204
    deleted = client.rows(USERS, "users", ids=ids[-1], type="DeletedUsers")
    assert [user["status"] for user in deleted] == ["deleted"]
    assert len(client.rows(USERS, "users", ids=",".join(ids[:100]))) == 100
    details = assert_refused(
        client.get(USERS, params={"ids": ",".join(ids[:101])}), 400, "LIMIT_EXCEEDED"
    )
    assert details == {"limit": 100, "param_name": "ids"}
    assert_refused(client.get(USERS, params={"ids": "me"}), 400, "INVALID_DATA")


def test_modified_since_is_inclusive_and_knows_no_null(
    client: Client, demo: DemoOrganisation
) -> None:
    users = demo.organisation.users
    users[5]["Modified_Time"] = "2030-01-01T10:00:00-08:00"
    users[6]["Modified_Time"] = None

    same = client.get(USERS, headers={SINCE: "2030-01-01T18:00:00Z"})
    assert [user["id"] for user in same.json()["users"]] == [users[5]["id"]]
    later = client.get(USERS, headers={SINCE: "2030-01-01T18:00:01+00:00"})
    assert (later.status_code, later.content) == (304, b"")
    every = client.get(USERS, headers={SINCE: "1990-01-01T00:00:00Z"}, params={"per_page": "50"})
    assert every.json()["info"]["count"] == 50
    one = client.get(f"{USERS}/{users[6]['id']}", headers={SINCE: "1990-01-01T00:00:00Z"})
    assert one.status_code == 304
    assert_refused(client.get(USERS, headers={SINCE: "yesterday"}), 400, "INVALID_DATA")


def test_nobody_of_a_type_is_204_whatever_the_header(client: Client) -> None:
    answer = client.get(
        USERS, headers={SINCE: "2030-01-01T18:00:00Z"}, params={"type": "ActiveLiteUser"}
    )

    assert answer.status_code == 204


def test_some_never_changed(demo: DemoOrganisation) -> None:
    users = demo.organisation.users
    untouched = [user for user in users if user["Modified_Time"] is None]

    assert {user["status"] for user in untouched} == {"active", "inactive", "deleted"}
    assert all(user["Modified_By"] is None for user in untouched)


def test_one_user(client: Client, demo: DemoOrganisation) -> None:
    for user in (demo.organisation.users[0], demo.organisation.users[-1]):
        assert client.get(f"{USERS}/{user['id']}").json() == {"users": [user]}
    assert client.get(f"{USERS}/5937104000000000001").status_code == 204


def test_users_join(demo: DemoOrganisation) -> None:
    organisation = demo.organisation
    users = {user["id"]: user for user in organisation.users}
    roles = {role["id"]: role["name"] for role in organisation.roles}
    profiles = {profile["id"]: profile["name"] for profile in organisation.profiles}
    shifts = {shift["id"]: shift["name"] for shift in organisation.shift_hours}

    assert len(users) == len(organisation.users) == 230
    assert len({user["email"] for user in organisation.users}) == 230
    for user in organisation.users:
        assert roles[user["role"]["id"]] == user["role"]["name"]
        assert profiles[user["profile"]["id"]] == user["profile"]["name"]
        for key in ("created_by", "Modified_By", "Reporting_To"):
            if user[key] is not None:
                assert users[user[key]["id"]]["full_name"] == user[key]["name"]
        for key in ("$current_shift", "$next_shift"):
            if user[key] is not None:
                assert shifts[user[key]["id"]] == user[key]["name"]
    assert [user["id"] for user in organisation.users if user["Reporting_To"] is None] == [
        organisation.users[0]["id"]
    ]


def test_superiors_form_no_circle(demo: DemoOrganisation) -> None:
    above = {user["id"]: user["Reporting_To"] for user in demo.organisation.users}

    for superior in above.values():
        steps, boss = 0, superior
        while boss is not None:
            steps, boss = steps + 1, above[boss["id"]]
            assert steps < 10


def test_active_users_fit_the_licences(client: Client, demo: DemoOrganisation) -> None:
    licence = client.rows("/crm/v8/__features/user_licenses", "__features")[0]["details"]
    active = client.get(f"{USERS}/actions/count", params={"type": "ActiveUsers"}).json()["count"]
    bought = demo.organisation.company["license_details"]["users_license_purchased"]

    assert licence["limits"]["total"] == bought
    assert licence["used_count"]["total"] == active
    assert licence["available_count"]["total"] == bought - active >= 0


def test_unavailability(client: Client, demo: DemoOrganisation) -> None:
    organisation = demo.organisation
    users = {user["id"]: user for user in organisation.users}
    rows = client.rows(AWAY, "users_unavailability", include_inner_details="user.zuid")

    assert rows == organisation.users_unavailability
    assert all(row["user"]["zuid"] == users[row["user"]["id"]]["zuid"] for row in rows)
    assert all(row["from"] < row["to"] for row in rows)
    bare = client.rows(AWAY, "users_unavailability")
    assert all(row["user"].keys() == {"name", "id"} for row in bare)
    assert client.rows(f"{AWAY}/{rows[0]['id']}", "users_unavailability") == bare[:1]
    assert client.get(f"{AWAY}/12345").status_code == 204
    assert_refused(client.get(f"{AWAY}/tomorrow"), 404, "INVALID_URL_PATTERN")
    assert_refused(client.get(AWAY, params={"filters": "{}"}), 400, "NOT_SUPPORTED")


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
