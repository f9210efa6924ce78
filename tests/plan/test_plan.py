"""`--plan` says beforehand what a run then spends, and makes no record."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.demo import config_for
from support.records import records_catalog
from support.run import Run, run_tap

from zohocrm_demo import DemoOrganisation

# Selections that a run's credits can be told of beforehand, within a tenth or two credits.
SELECTIONS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "one list": (("modules",), {}),
    "a call for each module": (("modules", "fields", "related_lists"), {}),
    "the default": (("modules", "fields", "picklist_values", "relationships", "org"), {}),
    "a small module": (("Water_Samples",), {}),
    "a large module": (("Leads",), {}),
    "a module by Get Records": (("Deals",), {"read_path": "rest"}),
    "a module by Bulk Read": (("Deals",), {"read_path": "bulk"}),
    "several modules": (("Leads", "Contacts", "Deals"), {}),
    "rows of a subform": (("Site_Contacts",), {}),
    "metadata and records": (("modules", "tags", "Deals"), {"start_date": "2025-01-01"}),
}


def plan(demo: DemoOrganisation, *streams: str, state: Any = None, **settings: Any) -> Any:
    run = run_tap(
        "--plan=json",
        config=config_for(demo, **settings),
        catalog=records_catalog(*streams),
        state=state,
    )
    assert run.code == 0, run.stderr
    return json.loads(run.stdout)


def spent(run: Run) -> int:
    assert run.code == 0, run.stderr
    line = next(line for line in run.log if line.text.startswith("API calls: "))
    return int(line.text.split("credits: ")[1].split(",")[0])


def is_near(planned: int, found: int) -> bool:
    return abs(planned - found) <= max(2, found / 10)


@pytest.mark.parametrize("selection", SELECTIONS)
def test_a_first_run_costs_what_the_plan_says(selection: str) -> None:
    streams, settings = SELECTIONS[selection]
    with DemoOrganisation() as demo:
        planned = plan(demo, *streams, **settings)
        run = run_tap(config=config_for(demo, **settings), catalog=records_catalog(*streams))
    assert is_near(planned["credits"], spent(run)), (planned, run.stderr)
    assert {stream["stream"] for stream in planned["streams"]} == {*streams}
    for stream in planned["streams"]:
        emitted = [row for row in run.of_type("RECORD") if row["stream"] == stream["stream"]]
        assert stream["records"] in {None, len(emitted)}


def test_a_second_run_costs_what_the_plan_says() -> None:
    with DemoOrganisation() as demo:
        catalog = records_catalog("Leads", "Deals")
        first = run_tap(config=config_for(demo, cutoff_lag=0), catalog=catalog)
        planned = plan(demo, "Leads", "Deals", state=first.state, cutoff_lag=0)
        second = run_tap(config=config_for(demo, cutoff_lag=0), catalog=catalog, state=first.state)
    assert is_near(planned["credits"], spent(second)), (planned, second.stderr)
    assert all("changes since" in stream["reads"] for stream in planned["streams"])


def test_a_plan_is_cheap_and_makes_no_record() -> None:
    with DemoOrganisation() as demo:
        planned = plan(demo, "Leads", "Contacts", "Deals")
        took = len([call for call in demo.calls if call.path.startswith("/crm")])
    # A module's fields, and its records counted; the modules and the organisation.
    assert planned["own_cost"] == took <= 2 * 3 + 3


def test_a_missing_scope_is_named() -> None:
    scopes = ("ZohoCRM.settings.ALL", "ZohoCRM.modules.ALL", "ZohoCRM.org.READ")
    with DemoOrganisation(scopes=scopes) as demo:
        planned = plan(demo, "modules", "apis")
    problems = {stream["stream"]: stream["problem"] for stream in planned["streams"]}
    assert problems["modules"] is None
    assert "ZohoCRM.apis.READ" in problems["apis"]


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
