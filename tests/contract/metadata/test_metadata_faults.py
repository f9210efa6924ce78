"""Whatever becomes of one endpoint, the others' rows are complete and the outcome is right."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from typing import Any

import pytest
from support.demo import chosen, metadata_catalog, read, small_organisation
from support.run import Run
from support.sample import awkward_sample

from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, Endpoint
from tap_zohocrm_modules.zoho.transport.calls import CRM, CRM_BULK
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from zohocrm_demo import DemoOrganisation, Fault

pytestmark = pytest.mark.thorough

IMPATIENT = RetryPolicy(max_tries=2, max_time=5, first_wait=0.001, longest_wait=0.001)
KEPT = ("Leads", "Deals", "Accounts")


@dataclasses.dataclass(frozen=True)
class Case:
    """A fault that stays, and what is promised of it."""

    fault: Fault
    code: int
    said: str


CASES = {
    "204": Case(Fault.empty(204), 0, ""),
    "400": Case(Fault.error(400, "INVALID_DATA", "invalid data"), 1, "INVALID_DATA"),
    "edition": Case(Fault.error(400, "FEATURE_NOT_ENABLED", "off"), 0, "FEATURE_NOT_ENABLED"),
    "scope": Case(Fault.error(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope"), 0, "{scope}"),
    "403": Case(Fault.error(403, "NO_PERMISSION", "permission denied"), 0, "NO_PERMISSION"),
    "500": Case(Fault.error(500, "INTERNAL_ERROR", "Internal Server Error"), 1, "HTTP 500"),
    "rubbish": Case(Fault(status=200, body="[1, 2", content_type="application/json"), 1, "JSON"),
    "no rows": Case(Fault(status=200, body='{"other": 1}'), 1, "please report"),
}
CALLED = {
    name: endpoint for name, endpoint in ENDPOINTS.items() if endpoint.path and endpoint.selected
}
# One of each sort: the root of many, plain, paged, with parents, with details, one object.
SORTS = ("modules", "roles", "users", "layouts", "custom_views", "profiles", "org", "tags")
EACH_WITH_ONE = [(name, list(CASES)[at % len(CASES)]) for at, name in enumerate(CALLED)]
SORTS_WITH_ALL = [(name, case) for name in SORTS for case in CASES]
SOME = [pair for pair in EACH_WITH_ONE if pair[0] in SORTS]
MORE = sorted({*EACH_WITH_ONE, *SORTS_WITH_ALL} - {*SOME})


def pattern(endpoint: Endpoint) -> str:
    base = CRM_BULK if endpoint.bulk else CRM
    return base + re.sub(r"\{\w+\}", "*", endpoint.path)


_HOST = re.compile(r"//127\.0\.0\.1:\d+")


def depends_on(name: str, other: str) -> bool:
    return name == other or any(depends_on(one, other) for one in ENDPOINTS[name].others)


def rows_by_stream(run: Run) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {message["stream"]: [] for message in run.of_type("SCHEMA")}
    for message in run.of_type("RECORD"):
        # Each sample organisation has a download host, and so links, of its own.
        record = _HOST.sub("//host", json.dumps(message["record"]))
        rows[message["stream"]].append(record)
    return rows


@functools.cache
def undisturbed() -> dict[str, list[str]]:
    with DemoOrganisation(small_organisation(*KEPT)) as demo:
        run = read(demo, catalog=None, record_modules=[])
    assert run.code == 0, run.stderr
    return rows_by_stream(run)


def read_with_fault(name: str, case: Case, **more: Any) -> Run:
    with DemoOrganisation(small_organisation(*KEPT)) as demo:
        demo.inject(pattern(ENDPOINTS[name]), case.fault, times=None)
        return read(demo, catalog=None, policy=IMPATIENT, record_modules=[], **more)


def check(name: str, case: Case) -> None:
    run = read_with_fault(name, case)
    rows = rows_by_stream(run)
    for stream, expected in undisturbed().items():
        if not depends_on(stream, name):
            assert rows[stream] == expected, stream
    said = case.said.format(scope=ENDPOINTS[name].scope)
    assert said in run.stderr
    assert run.code == case.code, run.stderr
    if case.code:
        assert name in run.error
    else:
        assert rows[name] == [] or depends_on("modules", name)


@pytest.mark.parametrize(("name", "case"), SOME)
def test_a_family_that_fails_costs_no_other_a_row(name: str, case: str) -> None:
    check(name, CASES[case])


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "case"), MORE)
def test_any_family_with_any_fault_costs_no_other_a_row(name: str, case: str) -> None:
    check(name, CASES[case])


@pytest.mark.parametrize("case", ["scope", "403"])
@pytest.mark.parametrize(("ignore", "code", "level"), [(False, 1, "ERROR"), (True, 0, "WARNING")])
def test_a_chosen_family_without_permission(
    case: str,
    ignore: bool,
    code: int,
    level: str,
) -> None:
    with DemoOrganisation(small_organisation(*KEPT)) as demo:
        demo.inject(pattern(ENDPOINTS["users"]), CASES[case].fault, times=None)
        run = read(
            demo,
            catalog=chosen("modules", "users"),
            policy=IMPATIENT,
            ignore_missing_permissions=ignore,
        )
    assert run.code == code, run.stderr
    assert rows_by_stream(run)["modules"] == undisturbed()["modules"]
    lines = [line for line in run.logged(level) if "users" in line]
    assert len(lines) == 1
    assert CASES[case].said.format(scope="ZohoCRM.users.READ") in lines[0]


@pytest.mark.parametrize("refusal", ["INVALID_MODULE", "NOT_SUPPORTED"])
@pytest.mark.parametrize("name", ["fields", "layouts", "custom_views", "related_lists", "tags"])
def test_a_module_that_refuses_is_noted_once_and_the_others_go_on(name: str, refusal: str) -> None:
    fault = Fault.error(400, refusal, "the module name given seems to be invalid")
    with DemoOrganisation(small_organisation(*KEPT)) as demo:
        demo.inject(pattern(ENDPOINTS[name]), fault, nth=1, times=1)
        run = read(demo, catalog=metadata_catalog(**{name: {}}), max_concurrency=1)
    assert run.code == 0, run.stderr
    assert len([line for line in run.logged("INFO") if refusal in line and name in line]) == 1
    there = {json.loads(row)["module_api_name"] for row in undisturbed()[name]}
    assert len(there - of_modules(run, name)) == 1


def test_what_has_more_rows_than_it_can_be_asked_for_is_an_error() -> None:
    body = {"roles": [{"id": "1", "name": "CEO"}], "info": {"more_records": True}}
    with DemoOrganisation(small_organisation(*KEPT)) as demo:
        demo.inject(pattern(ENDPOINTS["roles"]), Fault(status=200, body=json.dumps(body)))
        run = read(demo, catalog=metadata_catalog(roles={}))
    assert "roles" in run.error
    assert "more rows" in run.error


def of_modules(run: Run, name: str) -> set[str]:
    return {json.loads(row)["module_api_name"] for row in rows_by_stream(run)[name]}


@pytest.mark.parametrize(
    "catalog",
    [
        pytest.param(None, marks=pytest.mark.thorough, id="all"),
        pytest.param(metadata_catalog(fields={}), id="chosen"),
    ],
)
def test_modules_that_may_not_be_read_cost_no_other_module_its_rows(
    catalog: dict[str, Any] | None,
) -> None:
    fault = Fault.error(403, "NO_PERMISSION", "permission denied")
    with DemoOrganisation(awkward_sample) as demo:
        demo.inject(pattern(ENDPOINTS["fields"]), fault, nth=2, times=5)
        run = read(demo, catalog=catalog, policy=IMPATIENT, record_modules=[], max_concurrency=1)
        calls = [call for call in demo.calls if call.path.endswith("/settings/fields")]
        refused = [call.params["module"] for call in calls[1:6]]
        others = {call.params["module"] for call in calls} - {*refused}
        having = {module for module in others if demo.organisation.fields.get(module)}
    assert len(having) > 50
    assert of_modules(run, "fields") == having
    assert run.code == (0 if catalog is None else 1)
    assert f"Nor could it be read for: {', '.join(refused[1:])}." in run.stderr


def test_what_was_not_asked_for_after_failures_is_said() -> None:
    fault = Fault.error(500, "INTERNAL_ERROR", "Internal Server Error")
    with DemoOrganisation(awkward_sample) as demo:
        demo.inject(pattern(ENDPOINTS["fields"]), fault, times=None)
        run = read(demo, catalog=metadata_catalog(fields={}), policy=IMPATIENT, max_concurrency=1)
    assert "; after that it was not asked for any more." in run.error


def test_a_view_without_details_is_emitted_as_it_is_listed() -> None:
    fault = Fault.error(400, "NOT_SUPPORTED", "not supported")
    with DemoOrganisation(small_organisation(*KEPT)) as demo:
        demo.inject("/crm/v8/settings/custom_views/*", fault, nth=2)
        run = read(demo, catalog=metadata_catalog(custom_views={}), max_concurrency=1)
    assert run.code == 0, run.stderr
    rows, whole = rows_by_stream(run)["custom_views"], undisturbed()["custom_views"]
    differing = [number for number, row in enumerate(rows) if row != whole[number]]
    assert len(rows) == len(whole)
    assert len(differing) == 1
    row = json.loads(rows[differing[0]])
    assert row["fields"] is None
    assert [line for line in run.logged("INFO") if "NOT_SUPPORTED" in line and row["id"] in line]


def test_a_view_whose_details_do_not_come_is_emitted_without_nulls_that_nobody_said() -> None:
    with DemoOrganisation(small_organisation(*KEPT)) as demo:
        demo.inject("/crm/v8/settings/custom_views/*", Fault.empty(), nth=2, times=2)
        run = read(demo, catalog=metadata_catalog(custom_views={}), max_concurrency=1)
    assert run.code == 0, run.stderr
    rows = [json.loads(row) for row in rows_by_stream(run)["custom_views"]]
    (listed,) = [row for row in rows if "fields" not in row]
    assert listed["additional_properties"] is None
    (line,) = run.logged("WARNING")
    assert "without their details, since Zoho answers with no content, twice" in line
    assert listed["id"] in line


def test_one_view_whose_details_are_denied_once_is_whole() -> None:
    with DemoOrganisation(small_organisation(*KEPT)) as demo:
        demo.inject("/crm/v8/settings/custom_views/*", Fault.empty(), nth=2)
        run = read(demo, catalog=metadata_catalog(custom_views={}), max_concurrency=1)
    assert rows_by_stream(run)["custom_views"] == undisturbed()["custom_views"]


def test_what_the_edition_lacks_is_left_out_and_empties_no_table() -> None:
    with DemoOrganisation(small_organisation(*KEPT)) as demo:
        demo.inject(pattern(ENDPOINTS["tags"]), CASES["edition"].fault, times=None)
        run = read(
            demo,
            catalog=metadata_catalog(tags={}, roles={}),
            policy=IMPATIENT,
            emit_activate_version_messages=True,
        )
    assert run.code == 0, run.stderr
    assert [message["stream"] for message in run.of_type("ACTIVATE_VERSION")] == ["roles"]
    left_out = "Left out, being nothing that this organisation offers: tags: "
    assert len([line for line in run.logged("INFO") if line.startswith(left_out)]) == 1
