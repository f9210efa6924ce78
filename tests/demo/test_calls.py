"""What holds of every call in the table of calls: scopes, strictness, pages, emptiness."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation, Organisation
from zohocrm_demo.params import anything
from zohocrm_demo.routes import read_routes

from .conftest import Client, assert_refused
from .metadata_calls import (
    ALWAYS_THERE,
    CASES,
    OWN_LISTS,
    SAMPLE,
    SINCE,
    TABLE,
    UNKNOWN,
    Case,
    Row,
    calls,
)

pytestmark = pytest.mark.thorough

every_call = calls(*CASES.values())
paged_calls = calls(*(case for case in CASES.values() if case.has("per_page")))


@every_call
def test_there_is_something(shared: Client, case: Case) -> None:
    answer = case.ask(shared)

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body[case.key] if case.key else next(iter(body.values())) is not None


@every_call
def test_unknown_parameters_other_verbs_and_missing_ones_are_refused(
    shared: Client, case: Case
) -> None:
    assert_refused(case.ask(shared, updated_since="x"), 400, "INVALID_REQUEST")
    assert_refused(shared.get(case.path, method="OPTIONS"), 400, "INVALID_REQUEST_METHOD")
    for name in case.params:
        others = {key: value for key, value in case.params.items() if key != name}
        answer = shared.get(case.path, params=others)
        assert assert_refused(answer, 400, "REQUIRED_PARAM_MISSING") == {"param_name": name}


@every_call
def test_wrong_values_are_refused_by_the_parameters_name(shared: Client, case: Case) -> None:
    for param in case.route.params:
        if param.check is not anything:
            answer = case.ask(shared, **{param.name: "?"})
            assert answer.status_code == 400
            details = assert_refused(answer, 400, answer.json()["code"])
            assert param.name in {details.get("param_name"), details.get("api_name")}


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
        ("page", "٢", "INVALID_DATA"),
        ("page", "", "INVALID_DATA"),
    ):
        details = assert_refused(case.ask(shared, **{param: value}), 400, code)
        assert details["param_name"] == param


@calls(*(case for case in CASES.values() if not any(word in case.path for word in ALWAYS_THERE)))
def test_an_empty_organisation_has_nothing(case: Case) -> None:
    """204, or what is asked for isn't there."""
    bare = Organisation(company=SAMPLE.company, modules=SAMPLE.modules, users=SAMPLE.users)
    with DemoOrganisation(bare) as demo:
        answer = case.ask(Client(demo))
    assert answer.status_code == 204 or answer.json()["code"] == "INVALID_DATA", answer.text


@calls(*(case for case in CASES.values() if case.route.path.endswith("{one}")))
def test_one_row_is_the_lists_and_an_unknown_one_is_none(shared: Client, case: Case) -> None:
    parent, _, identity = case.path.rpartition("/")
    unknown = shared.get(f"{parent}/{UNKNOWN}", params=case.params)
    places = case.route.path.split("/")[3:]
    if unknown.status_code != 204:
        details = assert_refused(unknown, 400, "INVALID_DATA")
        assert details in ({"resource_path_index": places.index("{one}")}, {})
    listed = CASES[parent]
    if listed.key and not parent.endswith(OWN_LISTS):
        by = case.generic.by[0] if case.generic else "id"
        row = next(row for row in listed.rows(shared) if row[by] == identity)
        (one,) = case.ask(shared).json()[listed.key]
        shown = row.keys() & one.keys()
        assert {key: one[key] for key in shown} == {key: row[key] for key in shown}
        assert shown


@calls(*(case for case in CASES.values() if case.generic and case.generic.demand))
def test_keys_that_come_on_demand(shared: Client, case: Case) -> None:
    demand = set(case.generic.demand if case.generic else ())

    def keys(**more: str) -> set[str]:
        found = case.ask(shared, **more).json()[case.key]
        return set().union(*(row.keys() for row in (found if isinstance(found, list) else [found])))

    assert not keys() & demand
    for key in demand if case.has("include") else ():
        assert keys(include=key) & demand == {key}


@calls(*(case for case in CASES.values() if case.generic and case.generic.without))
def test_keys_that_do_not_come(shared: Client, case: Case) -> None:
    for row in case.rows(shared):
        assert not row.keys() & set(case.generic.without if case.generic else ())


@every_call
def test_what_parameters_keep(shared: Client, case: Case) -> None:
    for text in TABLE[case.route.method, case.route.path].get("params", ()):
        match = re.fullmatch(r"(\w+).* > ([\w.]+)", text)
        if match is None:
            continue
        whole = [(row, value_at(row, match[2])) for row in case.rows(shared)]
        wanted = next(value for _, value in whole if value is not None)
        sent = str(wanted).lower() if isinstance(wanted, bool) else str(wanted)
        kept = case.rows(shared, **{match[1]: sent})
        # Those of the first page, and perhaps more of the next ones.
        expected = [row for row, value in whole if value == wanted]
        assert kept[: len(expected)] == expected
        assert {json.dumps(value_at(row, match[2])) for row in kept} == {json.dumps(wanted)}


def value_at(row: Row, path: str) -> Any:
    value: Any = row
    for key in path.split("."):
        value = None if value is None else value[key]
    return value


@calls(*(case for case in CASES.values() if case.has("sort_by")))
def test_rows_are_sorted_by_instants_and_empty_ones_last(shared: Client, case: Case) -> None:
    for key in TABLE["GET", case.route.path]["sort"]:
        for order in ("asc", "desc"):
            rows = case.rows(shared, sort_by=key, sort_order=order)
            values = [row[key.lower()] for row in rows]
            there = [value for value in values if value is not None]
            assert values == there + [None] * (len(values) - len(there))
            if "time" in key.lower():
                there = [datetime.fromisoformat(value) for value in there]
            assert there == sorted(there, reverse=order == "desc")


@calls(*(case for case in CASES.values() if case.generic and case.generic.since))
def test_if_modified_since_includes_its_bound(shared: Client, case: Case) -> None:
    key = str(case.generic and case.generic.since)
    more = {"module": "Deals"} if case.params else {}
    times = sorted({row[key] for row in case.rows(shared, **more) if row[key]})
    bound = max(times, key=datetime.fromisoformat)
    recent = {row[key] for row in case.ask(shared, bound, **more).json()[case.key]}
    assert min(recent, key=datetime.fromisoformat) == bound
    unchanged = case.ask(shared, "2099-01-01T00:00:00Z")
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    for wrong in ("2025-01-01", "2025-01-01T00:00:00", "2025-13-01T00:00:00Z", "yesterday"):
        details = assert_refused(case.ask(shared, wrong), 400, "INVALID_DATA")
        assert details == {"header_name": SINCE}


def test_every_reference_in_every_answer_leads_somewhere(shared: Client) -> None:
    known = {row["id"]: row["api_name"] for row in SAMPLE.modules}
    known |= {row["id"]: row["api_name"] for own in SAMPLE.fields.values() for row in own}
    known |= {row["id"]: row["api_name"] for row in SAMPLE.variable_groups}
    known |= {row["id"]: row["api_name"] for row in SAMPLE.global_picklists}
    named = {row["id"]: row["full_name"] for row in SAMPLE.users}
    for name in ("roles", "profiles", "territories", "user_groups", "shift_hours", "webhooks"):
        named |= {row["id"]: row["name"] for row in SAMPLE.content(name)}
    seen = 0
    for case in CASES.values():
        for row in walk(case.ask(shared).json()):
            if row.keys() == {"api_name", "id"}:
                assert known[row["id"]] == row["api_name"], case.path
            elif row.keys() == {"name", "id"} and row["id"] in named:
                assert named[row["id"]] == row["name"], case.path
                seen += 1
    assert seen > 1_000


def walk(value: Any) -> Iterator[Row]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        yield value
    for one in inner:
        yield from walk(one)


def test_the_same_bytes_every_time(shared: Client) -> None:
    with DemoOrganisation(awkward_sample, daily_credits=10**6) as another:
        client = Client(another)
        for case in CASES.values():
            one, other = case.ask(client).text, case.ask(shared).text
            # The ports are free ones.
            here, there = another.download_url, shared.demo.download_url
            assert one.replace(here, there) == other, case.path


def test_each_call_names_its_page() -> None:
    for route in read_routes().rows:
        assert route.page.startswith("https://www.zoho.com/crm/developer/docs/api/v8/"), route.path
