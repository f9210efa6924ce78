"""What holds of every family that the organisation has once: scopes, strictness, emptiness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from zohocrm_demo import DemoOrganisation, Organisation, sample_organisation
from zohocrm_demo.organisation.lists import OrganisationWide
from zohocrm_demo.scopes import EVERY_SCOPE

from .conftest import Client, assert_refused

SAMPLE = sample_organisation()
USER = SAMPLE.users[4]["id"]
TERRITORY = SAMPLE.territories[1]["id"]
GROUP = SAMPLE.user_groups[0]["id"]
PORTAL = "/crm/v8/settings/portals/brightwaterclients"
KIND = next(iter(SAMPLE.portal_users))
SETTINGS = "/crm/v8/settings"
HOURS = f"{SETTINGS}/business_hours"

# Path: response key, scopes; all of these are lists or objects that may be missing.
LISTS = {
    "/crm/v8/users": ("users", "users"),
    f"/crm/v8/users/{USER}/territories": ("territories", "users settings.territories"),
    f"/crm/v8/users/{USER}/actions/associated_groups": ("user_groups", "settings.user_groups"),
    f"{SETTINGS}/users_unavailability": ("users_unavailability", "settings.users_unavailability"),
    f"{SETTINGS}/roles": ("roles", "settings.roles"),
    f"{SETTINGS}/profiles": ("profiles", "settings.profiles"),
    f"{SETTINGS}/territories": ("territories", "settings.territories"),
    f"{SETTINGS}/territories/{TERRITORY}/__child_territories": (
        "territories",
        "settings.territories",
    ),
    f"{SETTINGS}/territories/{TERRITORY}/users": ("users", "users settings.territories"),
    f"{SETTINGS}/territories/actions/associated_users_count": (
        "associated_users_count",
        "settings.territories",
    ),
    f"{SETTINGS}/user_groups": ("user_groups", "settings.user_groups"),
    f"{SETTINGS}/user_groups/{GROUP}/sources": ("sources", "settings.user_groups"),
    f"{SETTINGS}/user_groups/{GROUP}/actions/associations": (
        "associations",
        "settings.user_groups",
    ),
    f"{SETTINGS}/user_groups/actions/associated_users_count": (
        "associated_users_count",
        "settings.user_groups",
    ),
    HOURS: ("business_hours", "settings.business_hours"),
    f"{HOURS}/shift_hours": ("shift_hours", "settings.business_hours"),
    f"{SETTINGS}/holidays": ("holidays", "settings.business_hours"),
    f"{SETTINGS}/fiscal_year": ("fiscal_year", "settings.fiscal_year"),
    "/crm/v8/org/currencies": ("currencies", "settings.currencies"),
    f"{SETTINGS}/variables": ("variables", "settings.variables"),
    f"{SETTINGS}/variable_groups": ("variable_groups", "settings.variable_groups"),
    f"{SETTINGS}/emails/actions/from_addresses": ("from_addresses", "settings.emails"),
    "/crm/v8/Contacts/roles": ("contact_roles", "modules.contacts"),
    "/crm/v8/__features": ("__features", "features"),
    "/crm/v8/__features/user_licenses": ("__features", "features"),
    "/crm/v8/__apis": ("__apis", "apis"),
    f"{SETTINGS}/portals": ("portals", "settings.clientportal"),
    f"{PORTAL}/user_type": ("user_type", "settings.clientportal"),
    f"{PORTAL}/user_type/{KIND}/users": ("users", "settings.clientportal"),
    f"{SETTINGS}/audit_log_export": ("audit_log_export", "settings.audit_logs"),
    f"{SETTINGS}/recycle_bin": ("recycle_bin", "settings.recycle_bin"),
    "/crm/v8/actions/watch": ("watch", "notifications"),
    "/crm/bulk/v8/backup": ("backup", "bulk.backup"),
    "/crm/bulk/v8/backup/history": ("history", "bulk.backup"),
    "/crm/bulk/v8/backup/urls": ("urls", "bulk.backup"),
    f"{SETTINGS}/service_preferences": ("service_preferences", "settings.modules"),
    f"{SETTINGS}/call_preferences": ("call_preferences", "settings.modules"),
}
# Never empty: an object that is always there, or a number.
OTHERS = {
    "/crm/v8/users/actions/count": ("count", "users"),
    f"{SETTINGS}/user_groups/{GROUP}/actions/sources_count": (
        "sources_count",
        "settings.user_groups",
    ),
    f"{SETTINGS}/appointment_preferences": ("appointment_preferences", "org"),
    f"{SETTINGS}/recycle_bin/actions/count": ("count", "settings.recycle_bin"),
}
ALL = {**LISTS, **OTHERS}
PAGED = (
    *(path for path in LISTS if path.endswith(("territories", "user_groups", "users", "_count"))),
    f"/crm/v8/users/{USER}/actions/associated_groups",
    f"{SETTINGS}/users_unavailability",
    f"{SETTINGS}/user_groups/{GROUP}/sources",
    "/crm/v8/__features",
    f"{SETTINGS}/recycle_bin",
    "/crm/v8/actions/watch",
    "/crm/bulk/v8/backup/history",
)
# These hang on a parent that the path names: no parent, no list.
CHILDREN = {path for path in LISTS if any(part in path for part in (USER, TERRITORY, GROUP))} | {
    path for path in LISTS if path.startswith(PORTAL)
}


def scopes_of(words: str) -> tuple[str, ...]:
    return tuple(f"ZohoCRM.{word}.READ" for word in words.split())


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    with DemoOrganisation(SAMPLE) as demo:
        speaker = Client(demo)
        with speaker.session:
            yield speaker


@pytest.mark.parametrize(("path", "key"), [(path, row[0]) for path, row in ALL.items()])
def test_there_is_something(shared: Client, path: str, key: str) -> None:
    answer = shared.get(path)

    assert answer.status_code == 200, answer.text
    assert answer.json()[key]


@pytest.mark.parametrize("path", ALL)
def test_unknown_parameters_are_refused(shared: Client, path: str) -> None:
    assert_refused(shared.get(path, params={"updated_since": "x"}), 400, "INVALID_REQUEST")


@pytest.mark.parametrize("path", ALL)
def test_other_verbs_are_refused(shared: Client, path: str) -> None:
    assert_refused(shared.get(path, method="PATCH"), 400, "INVALID_REQUEST_METHOD")


@pytest.mark.parametrize("path", ALL)
def test_exactly_the_documented_scopes(path: str) -> None:
    needed = scopes_of(ALL[path][1])
    with DemoOrganisation(SAMPLE, scopes=needed) as demo:
        assert Client(demo).get(path).status_code == 200
    for missing in needed:
        others = [scope for scope in needed if scope != missing]
        scopes = ["ZohoCRM.settings.tags.READ", *others]
        with DemoOrganisation(SAMPLE, scopes=scopes) as demo:
            assert_refused(Client(demo).get(path), 401, "OAUTH_SCOPE_MISMATCH")


@pytest.mark.parametrize("path", [path for path in PAGED if path != "/crm/v8/users"])
def test_pages_of_one_add_up_to_the_whole(shared: Client, path: str) -> None:
    key = LISTS[path][0]
    whole: list[Any] = shared.get(path).json()[key]
    seen: list[Any] = []
    for number in range(1, min(len(whole), 5) + 1):
        page = shared.get(path, params={"page": str(number), "per_page": "1"}).json()
        seen += page[key]
        info = page["info"]
        if "total_count" not in info:
            expected = {"per_page": 1, "count": 1, "page": number}
            assert {name: info[name] for name in expected} == expected
            assert info["more_records"] is (number < len(whole))

    assert seen == whole[:5]
    beyond = shared.get(path, params={"page": str(len(whole) + 1), "per_page": "1"})
    assert (beyond.status_code, beyond.content) == (204, b"")


@pytest.mark.parametrize("path", PAGED)
@pytest.mark.parametrize(
    ("param", "value", "code"),
    [
        ("per_page", "201", "LIMIT_EXCEEDED"),
        ("per_page", "0", "INVALID_DATA"),
        ("page", "0", "INVALID_DATA"),
        ("page", "two", "INVALID_DATA"),
        ("page", "٢", "INVALID_DATA"),
        ("page", "", "INVALID_DATA"),
    ],
)
def test_limits_of_pages(shared: Client, path: str, param: str, value: str, code: str) -> None:
    details = assert_refused(shared.get(path, params={param: value}), 400, code)

    assert details["param_name"] == param


@pytest.mark.parametrize("path", [path for path in LISTS if path not in CHILDREN])
def test_nothing_is_204(path: str) -> None:
    bare = Organisation(company=SAMPLE.company)
    with DemoOrganisation(bare) as demo:
        answer = Client(demo).get(path)

    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("path", sorted(CHILDREN))
def test_children_of_what_is_not_there(path: str) -> None:
    with DemoOrganisation(Organisation(company=SAMPLE.company)) as demo:
        details = assert_refused(Client(demo).get(path), 400, "INVALID_DATA")

    segments = path.split("/")[3:]
    ids = {USER, TERRITORY, GROUP, "brightwaterclients"}
    assert segments[details["resource_path_index"]] in ids


def test_every_scope_of_the_demo_is_enough(shared: Client) -> None:
    assert {shared.get(path).status_code for path in ALL} == {200}
    assert "ZohoCRM.settings.ALL" in EVERY_SCOPE


def test_the_sample_is_the_same_every_time_and_nobody_elses() -> None:
    again = sample_organisation()

    for attribute in fields(OrganisationWide):
        assert getattr(again, attribute.name) == getattr(SAMPLE, attribute.name)
        assert getattr(again, attribute.name) is not getattr(SAMPLE, attribute.name)
    again.users[0]["role"]["name"] = "Emperor"
    again.roles[0]["name"] = "Emperor"
    assert SAMPLE.users[0]["role"]["name"] == "CEO"
    assert sample_organisation().roles[0]["name"] == "CEO"


def test_the_same_bytes_every_time(shared: Client) -> None:
    with DemoOrganisation() as another:
        client = Client(another)
        for path in ALL:
            assert client.get(path).content == shared.get(path).content, path
