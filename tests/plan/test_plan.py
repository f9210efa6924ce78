"""`--plan` says beforehand what a run then spends, and makes no record."""

from __future__ import annotations

import collections
import json
import re
from typing import Any

import pytest
from support.cases import sample
from support.demo import config_for, sample_demo
from support.records import records_catalog
from support.run import Run, run_tap
from support.sample import awkward_sample

from tap_zohocrm_modules.plan.metadata import DEFAULT
from zohocrm_demo import DemoOrganisation, Fault

# Streams and settings of a first run. Those with records begin with their modules.
SELECTIONS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "one list": (("modules",), {}),
    "a call for each module": (("modules", "fields", "related_lists"), {}),
    "the default": (DEFAULT, {}),
    "calls for each user and profile": (("users", "user_territories", "profiles"), {}),
    "a small module": (("Water_Samples",), {}),
    "a large module": (("Leads",), {}),
    "a module by Get Records": (("Deals",), {"read_path": "rest"}),
    "a module by Bulk Read": (("Deals",), {"read_path": "bulk"}),
    "several modules": (("Leads", "Contacts", "Deals"), {}),
    "rows of a subform": (("Site_Contacts",), {}),
    "metadata and records": (("Deals", "modules", "tags"), {"start_date": "2025-01-01"}),
    "all fields and records": (("Leads", "Deals", *DEFAULT), {}),
}
# Credits that a price may always be wrong by.
ROUNDING = 2
# Besides a credit for each module whose records are chosen.
OTHER_CREDITS = 3


def plan(
    demo: DemoOrganisation, *streams: str, state: Any = None, catalog: Any = None, **settings: Any
) -> Any:
    """The plan, which costs no more than it may."""
    catalog = catalog or (records_catalog(*streams) if streams else None)
    config = config_for(demo, **settings)
    before = len(demo.calls)
    run = run_tap("--plan=json", config=config, catalog=catalog, state=state)
    assert run.code == 0, run.stderr
    planned = json.loads(run.stdout)
    modules = sum(not name.islower() for name in streams)
    took = [call for call in demo.calls[before:] if call.path.startswith("/crm")]
    assert len(took) == planned["own_cost"] <= modules + len(planned["asked"]) + OTHER_CREDITS
    return planned


def is_near(planned: Any, run: Run, name: str) -> bool:
    """Whether a plan was within a tenth, or two credits, of what the run has spent."""
    assert run.code == 0, run.stderr
    said, found = int(planned["credits"]), run.credits
    # For people who run it with -s.
    by = planned["own_cost"]
    print(f"{name:32} planned {said:6,}  spent {found:6,}  by a plan for {by}")  # noqa: T201
    return abs(said - found) <= max(ROUNDING, found / 10)


@pytest.mark.parametrize(
    "selection", sample(SELECTIONS, "one list", "a large module", "a module by Bulk Read")
)
def test_a_first_run_costs_what_the_plan_says(selection: str) -> None:
    streams, settings = SELECTIONS[selection]
    with DemoOrganisation(awkward_sample) as demo:
        planned = plan(demo, *streams, **settings)
        run = run_tap(config=config_for(demo, **settings), catalog=records_catalog(*streams))
    assert is_near(planned, run, selection), (planned, run.stderr)
    assert {stream["stream"] for stream in planned["streams"]} == {*streams}
    emitted = collections.Counter(
        row["stream"] for row in run.of_type("RECORD") if not row["record"].get("_sdc_deleted_at")
    )
    for stream in planned["streams"]:
        counted = stream["records"] if not stream["stream"].islower() else None
        assert counted in {None, emitted[stream["stream"]]}


@pytest.mark.thorough
def test_a_second_run_costs_what_the_plan_says() -> None:
    with DemoOrganisation(awkward_sample) as demo:
        catalog = records_catalog("Leads", "Deals")
        first = run_tap(config=config_for(demo, cutoff_lag=0), catalog=catalog)
        planned = plan(demo, "Leads", "Deals", state=first.state, cutoff_lag=0)
        second = run_tap(config=config_for(demo, cutoff_lag=0), catalog=catalog, state=first.state)
    assert is_near(planned, second, "changes of two modules"), (planned, second.stderr)
    assert all("changes since" in stream["reads"] for stream in planned["streams"])


LONG_AGO = "2026-01-01T00:00:00Z"


def without_sweep(state: Any) -> Any:
    """STATE, by which a sweep is due."""
    for part in state["bookmarks"].values():
        part["swept"] = LONG_AGO
    return state


def without_a_column(state: Any) -> Any:
    """STATE, by which a column of each module is new."""
    for part in state["bookmarks"].values():
        part["columns"].popitem()
    return state


LATER_RUNS: dict[str, tuple[Any, dict[str, Any]]] = {
    "nothing is new": (lambda state: state, {}),
    "a sweep is due": (without_sweep, {"delete_sweep_days": 30}),
    "a column is new": (without_a_column, {}),
    "nothing is new, by Bulk Read": (lambda state: state, {"read_path": "bulk"}),
    "a sweep is due, by Get Records": (
        without_sweep,
        {"delete_sweep_days": 30, "read_path": "rest"},
    ),
}


@pytest.mark.parametrize("later", sample(LATER_RUNS))
def test_a_later_run_costs_what_the_plan_says(later: str) -> None:
    """Leads have records without Modified_Time, which are asked for in each run."""
    change, settings = LATER_RUNS[later]
    streams = ("Leads", "Deals", "Tasks", "Water_Samples")
    with sample_demo() as demo:
        first = run_tap(config=config_for(demo), catalog=records_catalog(*streams))
        demo.settable_clock.advance(3_600)
        state = change(first.state)
        planned = plan(demo, *streams, state=state, **settings)
        run = run_tap(
            config=config_for(demo, **settings), catalog=records_catalog(*streams), state=state
        )
    assert is_near(planned, run, later), (planned, run.stderr)
    if "sweep" in later:
        assert all("which ids exist" in stream["reads"] for stream in planned["streams"])


@pytest.mark.thorough
def test_what_is_left_of_a_sweep_costs_what_the_plan_says() -> None:
    settings = {"delete_sweep_days": 30, "read_path": "rest"}
    catalog = records_catalog("Contacts")
    with sample_demo() as demo:
        demo.organisation.records.resize("Contacts", 12_000)
        first = run_tap(config=config_for(demo, delete_sweep_days=30), catalog=catalog)
        demo.settable_clock.advance(3_600)
        state = without_sweep(first.state)
        part = run_tap(
            config=config_for(demo, **settings, credit_budget=15), catalog=catalog, state=state
        )
        assert part.code == 1
        assert part.state["bookmarks"]["Contacts"]["sweep"]["met"]
        planned = plan(demo, "Contacts", state=part.state, **settings)
        run = run_tap(config=config_for(demo, **settings), catalog=catalog, state=part.state)
    assert run.credits <= 20
    assert is_near(planned, run, "the rest of a sweep"), (planned, run.stderr)


@pytest.mark.thorough
def test_a_run_without_a_catalog_costs_what_the_plan_says() -> None:
    with DemoOrganisation(awkward_sample) as demo:
        planned = plan(demo)
        run = run_tap(config=config_for(demo))
    assert is_near(planned, run, "without a catalog"), (planned, run.stderr)
    # It reads much, and says so before it begins.
    [opening] = [line.text for line in run.log if line.text.startswith("This run reads ")]
    said = int(re.search(r"about ([\d,]+) API credits", opening)[1].replace(",", ""))  # type: ignore[index]
    assert abs(said - run.credits) <= run.credits / 10
    assert "--plan" in opening
    alone = int(re.search(r"org alone cost about (\d+)\.", opening)[1])  # type: ignore[index]
    with DemoOrganisation(awkward_sample) as demo:
        recommended = run_tap(config=config_for(demo), catalog=records_catalog(*DEFAULT))
    assert abs(alone - recommended.credits) <= ROUNDING


def test_fields_that_the_catalog_does_not_know_are_asked_for() -> None:
    """A catalog of an earlier release, or one that somebody changed, does as well."""
    older = records_catalog("Leads", "Deals")
    for entry in older["streams"][0]["metadata"]:
        entry["metadata"].pop("zoho-field", None)
    with DemoOrganisation(awkward_sample) as demo:
        planned = plan(demo, "Leads", "Deals", catalog=older)
        assert planned["asked"] == ["Leads"]
        newer = plan(demo, "Leads", "Deals")
    assert newer["asked"] == []
    for change in planned, newer:
        for stream in change["streams"]:
            del stream["seconds"]
    assert planned["streams"] == newer["streams"]


def test_a_missing_scope_is_named() -> None:
    scopes = ("ZohoCRM.settings.ALL", "ZohoCRM.modules.ALL", "ZohoCRM.org.READ")
    with DemoOrganisation(awkward_sample, scopes=scopes) as demo:
        planned = plan(demo, "modules", "apis")
    problems = {stream["stream"]: stream["problem"] for stream in planned["streams"]}
    assert problems["modules"] is None
    assert "ZohoCRM.apis.READ" in problems["apis"]


def test_without_the_scopes_to_count_records_it_says_so() -> None:
    scopes = ("ZohoCRM.settings.ALL", "ZohoCRM.modules.ALL", "ZohoCRM.org.READ")
    with DemoOrganisation(awkward_sample, scopes=scopes) as demo:
        [leads] = plan(demo, "Leads")["streams"]
    assert leads["problem"] is None
    assert (leads["records"], leads["read_path"], leads["is_estimate"]) == (None, "rest", True)
    assert "ZohoCRM.coql.READ" in leads["why"]


def test_modules_that_coql_refuses_cost_the_plan_no_more_than_it_may() -> None:
    """The first of them are counted otherwise, while there are credits; the rest are estimates."""
    names = ("Leads", "Deals", "Contacts", "Accounts")
    with DemoOrganisation(awkward_sample) as demo:
        demo.inject("/crm/v8/coql", Fault.error(400, "INVALID_QUERY"), times=None)
        planned = plan(demo, *names)
    counted = [stream for stream in planned["streams"] if stream["records"] is not None]
    rest = [stream for stream in planned["streams"] if stream["records"] is None]
    assert (len(counted), len(rest)) == (1, 3)
    assert all(stream["is_estimate"] and "one credit" in stream["why"] for stream in rest)


def test_the_look_at_the_end_of_a_list_that_nothing_counts_is_planned() -> None:
    with DemoOrganisation(awkward_sample) as demo:
        demo.organisation.records.resize("Sensors_X_Partners", 20)
        planned = plan(demo, "Sensors_X_Partners")
        run = run_tap(config=config_for(demo), catalog=records_catalog("Sensors_X_Partners"))
    assert run.code == 0, run.stderr
    assert planned["credits"] == run.credits


def test_people_get_a_table(demo: DemoOrganisation) -> None:
    run = run_tap("--plan", config=config_for(demo), catalog=records_catalog("modules"))
    assert run.code == 0, run.stderr
    table = run.stdout.decode()
    assert table.splitlines()[0].split() == [
        "stream",
        "records",
        "reads",
        "path",
        "credits",
        "time",
    ]
    assert "credits are" in table
    assert "RECORD" not in table
