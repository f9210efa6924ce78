"""What holds of every call in the table of calls: scopes, strictness, pages, emptiness."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from zohocrm_demo import DemoOrganisation, Organisation, sample_organisation
from zohocrm_demo.families.generic import GenericHandler
from zohocrm_demo.route_table import read_routes
from zohocrm_demo.routes import Route

from .conftest import Client, assert_refused

SAMPLE = sample_organisation()
MADE = SAMPLE.customization
LAYOUT = MADE.layouts["Leads"][0]["id"]
DEALS_LAYOUT = MADE.layouts["Deals"][0]["id"]
USER = SAMPLE.users[4]["id"]
TERRITORY = SAMPLE.territories[1]["id"]
# What variables and parameters are.
VARIABLES = {
    "module": "Leads",
    "layout": LAYOUT,
    "user": USER,
    "picklist": MADE.global_picklists[0]["id"],
    "tag": MADE.tags["Leads"][0]["id"],
    "group": SAMPLE.user_groups[0]["id"],
    "portal": SAMPLE.portals[0]["name"],
    "kind": next(iter(SAMPLE.portal_users)),
    "field": next(row["id"] for row in SAMPLE.fields["Leads"] if row["pick_list_values"]),
}
PARAMS = {
    "module": "Leads",
    "ids": SAMPLE.automation.workflow_rules[0]["id"],
    "group": SAMPLE.variables[0]["variable_group"]["id"],
    "include_inner_details": "field_label",
}
LOCKS = "/crm/v8/settings/record_locking_configurations"
# Never empty: objects that are always there, numbers, what hangs on the organisation itself.
ALWAYS_THERE = ("count", "workflow_configurations", "/org", "rules_count", "appointment_pref")


@dataclass(frozen=True)
class Case:
    route: Route
    path: str
    params: dict[str, str]

    @property
    def key(self) -> str | None:
        handler = self.route.handler
        counted = not isinstance(handler, GenericHandler) or handler.shape == "count"
        return None if counted else handler.key

    @property
    def is_paged(self) -> bool:
        return any(param.name == "per_page" for param in self.route.params)

    def ask(self, client: Client, **more: str) -> Any:
        return client.get(self.path, params={**self.params, **more})

    def without(self, name: str) -> dict[str, str]:
        return {key: value for key, value in self.params.items() if key != name}


def user_territory() -> tuple[str, str]:
    return next((ids[0], place) for place, ids in SAMPLE.territory_users.items() if ids)


def cases() -> Iterator[Case]:
    """Every call of metadata, with variables and parameters that find something."""
    with DemoOrganisation(SAMPLE, daily_credits=10**6) as demo:
        client = Client(demo)
        for route in read_routes().rows:
            if route.method != "GET" or route.path.startswith(("/crm/v8/{", "/crm/bulk/v8/read")):
                continue
            params = {p.name: PARAMS.get(p.name, "") for p in route.params if p.required}
            if "layout_id" in params:
                params["layout_id"] = LAYOUT if "wizards" in route.path else DEALS_LAYOUT
            if route.path.startswith(LOCKS):
                params["module"] = "Quotes"
            yield Case(route, path_of(route, params, client), params)
        client.session.close()


def path_of(route: Route, params: dict[str, str], client: Client) -> str:
    user, territory = user_territory()
    values = {**VARIABLES, "territory": TERRITORY}
    if route.path.count("users") and "territories" in route.path:
        values |= {"user": user, "territory": territory}
    parent, variable, _ = route.path.partition("/{one}")
    parent = parent.format(**values)
    if not variable:
        return parent
    answer = client.get(parent, params=listing_params(params)).json()
    rows = next(value for value in answer.values() if isinstance(value, list))
    by = route.handler.by[0] if isinstance(route.handler, GenericHandler) else "id"
    return f"{parent}/{rows[0][by]}"


def listing_params(params: dict[str, str]) -> dict[str, str]:
    names = ("module", "layout_id") if params.get("layout_id") == DEALS_LAYOUT else ("module",)
    return {name: value for name, value in params.items() if name in names}


CASES = {case.path: case for case in cases()}
EMPTIABLE = {
    path: case
    for path, case in CASES.items()
    if not any(word in path for word in ALWAYS_THERE)
    and not path.startswith(("/crm/v8/users", "/crm/v8/settings/modules"))
}
every_call = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
paged_calls = pytest.mark.parametrize(
    "case",
    [case for case in CASES.values() if case.is_paged],
    ids=[path for path, case in CASES.items() if case.is_paged],
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    with DemoOrganisation(SAMPLE, daily_credits=10**6) as demo:
        speaker = Client(demo)
        with speaker.session:
            yield speaker


@every_call
def test_there_is_something(shared: Client, case: Case) -> None:
    answer = case.ask(shared)

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body[case.key] if case.key else next(iter(body.values())) is not None


@every_call
def test_unknown_parameters_and_other_verbs_are_refused(shared: Client, case: Case) -> None:
    assert_refused(case.ask(shared, updated_since="x"), 400, "INVALID_REQUEST")
    assert_refused(shared.get(case.path, method="PATCH"), 400, "INVALID_REQUEST_METHOD")


@every_call
def test_mandatory_parameters_are_missed(shared: Client, case: Case) -> None:
    for name in case.params:
        answer = shared.get(case.path, params=case.without(name))
        assert assert_refused(answer, 400, "REQUIRED_PARAM_MISSING") == {"param_name": name}


@every_call
def test_exactly_the_documented_scopes(case: Case) -> None:
    needed = case.route.scopes
    assert isinstance(needed, tuple)
    with DemoOrganisation(SAMPLE, scopes=needed) as demo:
        assert case.ask(Client(demo)).status_code == 200
    for missing in needed:
        others = [scope for scope in needed if scope != missing]
        with DemoOrganisation(SAMPLE, scopes=["ZohoCRM.settings.READ", *others]) as demo:
            assert_refused(case.ask(Client(demo)), 401, "OAUTH_SCOPE_MISMATCH")


@paged_calls
def test_pages_of_one_add_up_to_the_whole(shared: Client, case: Case) -> None:
    key = next(iter(case.ask(shared).json()))
    whole = case.ask(shared, per_page="100").json()[key]
    seen = []
    for number in range(1, min(len(whole), 4) + 1):
        page = case.ask(shared, page=str(number), per_page="1").json()
        seen += page[key]
        if "total_count" not in page["info"]:
            assert page["info"]["more_records"] is (number < len(whole)) or len(whole) == 100

    assert seen == whole[:4]
    beyond = case.ask(shared, page="9999", per_page="1")
    assert (beyond.status_code, beyond.content) == (204, b"")


@paged_calls
def test_limits_of_pages(shared: Client, case: Case) -> None:
    for param, value, code in (
        ("per_page", "201", "LIMIT_EXCEEDED"),
        ("per_page", "0", "INVALID_DATA"),
        ("page", "0", "INVALID_DATA"),
        ("page", "two", "INVALID_DATA"),
        ("page", "٢", "INVALID_DATA"),
        ("page", "", "INVALID_DATA"),
    ):
        details = assert_refused(case.ask(shared, **{param: value}), 400, code)
        assert details["param_name"] == param


@pytest.mark.parametrize("case", EMPTIABLE.values(), ids=EMPTIABLE.keys())
def test_an_empty_organisation_has_nothing(case: Case) -> None:
    """204, or what is asked for isn't there."""
    bare = Organisation(company=SAMPLE.company, modules=SAMPLE.modules, users=SAMPLE.users)
    with DemoOrganisation(bare) as demo:
        answer = case.ask(Client(demo))
    assert answer.status_code == 204 or answer.json()["code"] == "INVALID_DATA", answer.text


def test_the_same_bytes_every_time(shared: Client) -> None:
    with DemoOrganisation(daily_credits=10**6) as another:
        client = Client(another)
        for case in CASES.values():
            assert case.ask(client).content == case.ask(shared).content, case.path


def test_each_call_names_its_page() -> None:
    for route in read_routes().rows:
        assert route.page.startswith("https://www.zoho.com/crm/developer/docs/api/v8/"), route.path


def test_one_users_changes_are_nobody_elses() -> None:
    before = json.dumps(SAMPLE.users)
    sample_organisation().users[0]["role"]["name"] = "Emperor"
    assert json.dumps(SAMPLE.users) == before
