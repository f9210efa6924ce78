"""`--plan` says beforehand what a run then spends, and makes no record."""

from __future__ import annotations

import collections
import json
import re
from typing import Any

import pytest
from support.cases import sample
from support.demo import config_for
from support.records import records_catalog
from support.run import Run, run_tap

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
    with DemoOrganisation() as demo:
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


def test_a_second_run_costs_what_the_plan_says() -> None:
    with DemoOrganisation() as demo:
        catalog = records_catalog("Leads", "Deals")
        first = run_tap(config=config_for(demo, cutoff_lag=0), catalog=catalog)
        planned = plan(demo, "Leads", "Deals", state=first.state, cutoff_lag=0)
        second = run_tap(config=config_for(demo, cutoff_lag=0), catalog=catalog, state=first.state)
    assert is_near(planned, second, "changes of two modules"), (planned, second.stderr)
    assert all("changes since" in stream["reads"] for stream in planned["streams"])


@pytest.mark.thorough
def test_a_run_without_a_catalog_costs_what_the_plan_says() -> None:
    with DemoOrganisation() as demo:
        planned = plan(demo)
        run = run_tap(config=config_for(demo))
    assert is_near(planned, run, "without a catalog"), (planned, run.stderr)
    # It reads much, and says so before it begins.
    [opening] = [line.text for line in run.log if line.text.startswith("This run reads ")]
    said = int(re.search(r"about ([\d,]+) API credits", opening)[1].replace(",", ""))  # type: ignore[index]
    assert abs(said - run.credits) <= run.credits / 10
    assert "--plan" in opening
    alone = int(re.search(r"org alone cost about (\d+)\.", opening)[1])  # type: ignore[index]
    with DemoOrganisation() as demo:
        recommended = run_tap(config=config_for(demo), catalog=records_catalog(*DEFAULT))
    assert abs(alone - recommended.credits) <= ROUNDING


def test_fields_that_the_catalog_does_not_know_are_asked_for() -> None:
    """A catalog of an earlier release, or one that somebody changed, does as well."""
    older = records_catalog("Leads", "Deals")
    for entry in older["streams"][0]["metadata"]:
        entry["metadata"].pop("zoho-field", None)
    with DemoOrganisation() as demo:
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
    with DemoOrganisation(scopes=scopes) as demo:
        planned = plan(demo, "modules", "apis")
    problems = {stream["stream"]: stream["problem"] for stream in planned["streams"]}
    assert problems["modules"] is None
    assert "ZohoCRM.apis.READ" in problems["apis"]


def test_without_the_scopes_to_count_records_it_says_so() -> None:
    scopes = ("ZohoCRM.settings.ALL", "ZohoCRM.modules.ALL", "ZohoCRM.org.READ")
    with DemoOrganisation(scopes=scopes) as demo:
        [leads] = plan(demo, "Leads")["streams"]
    assert leads["problem"] is None
    assert (leads["records"], leads["read_path"], leads["is_estimate"]) == (None, "rest", True)
    assert "ZohoCRM.coql.READ" in leads["why"]


def test_modules_that_coql_refuses_cost_the_plan_no_more_than_it_may() -> None:
    """The first of them are counted otherwise, while there are credits; the rest are estimates."""
    names = ("Leads", "Deals", "Contacts", "Accounts")
    with DemoOrganisation() as demo:
        demo.inject("/crm/v8/coql", Fault.error(400, "INVALID_QUERY"), times=None)
        planned = plan(demo, *names)
    counted = [stream for stream in planned["streams"] if stream["records"] is not None]
    rest = [stream for stream in planned["streams"] if stream["records"] is None]
    assert (len(counted), len(rest)) == (1, 3)
    assert all(stream["is_estimate"] and "one credit" in stream["why"] for stream in rest)


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
