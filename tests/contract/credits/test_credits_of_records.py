"""What reading a module costs: `auto` is near the cheapest, and `credit_reserve` is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.cases import sample
from support.demo import config_for, sample_demo
from support.pages import limited
from support.records import applied, bookmarked, read_whole, records_catalog, truth
from support.run import run_tap, with_options
from support.sample import awkward_sample

from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.transport.machine import Machine
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.limits import RequestLimits

PER_PAGE = 200
SMALL: Any = {"page_rows": 20, "query_credits": ((20, 1),), "uncounted_changes": 40}
COQL = "/crm/v8/coql"


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with sample_demo() as organisation:
        yield organisation


def spent(demo: DemoOrganisation, module: str, path: str, **more: Any) -> int:
    """The credits that a run is charged."""
    charged = demo._api.limits._spent
    before = len(charged)
    read_whole(demo, module, read_path=path, **more)
    return sum(cost for _, cost in list(charged)[before:])


@pytest.mark.parametrize(
    ("module", "count"),
    sample(
        [
            ("Sites", 0),
            ("Sites", 200),
            ("Sites", 201),
            ("Quotes", 900),
            ("Sites", 1_200),
            ("Sites", 2_300),
            ("Deals", 3_100),
            ("Water_Samples", 150),
            ("Water_Samples", 2_200),
            ("Leads", 900),
            # Get Records is the only way.
            ("Notes", 600),
            ("Sensors_X_Partners", 260),
            ("Sensors_X_Partners", 5_000),
        ],
        ("Sites", 0),
        ("Sites", 201),
        ("Sensors_X_Partners", 260),
    ),
)
def test_a_first_run_is_near_the_cheapest(demo: DemoOrganisation, module: str, count: int) -> None:
    demo.organisation.records.resize(module, count)
    paths = {path: spent(demo, module, path) for path in ("auto", "rest", "coql")}
    least = min(paths.values())
    assert paths["auto"] <= max(1.1 * least, least + 1), paths


@pytest.mark.thorough
@pytest.mark.parametrize("path", ["rest", "auto"])
def test_any_budget_ends_with_state_from_which_the_next_run_completes_the_load(
    demo: DemoOrganisation, path: str
) -> None:
    demo.organisation.records.resize("Leads", 250)
    catalog = records_catalog("Leads")
    config = config_for(demo, read_path=path, record_modules=["Leads"])
    # A read by one set path is counted at the end, for a credit that it can do without.
    needed = spent(demo, "Leads", path) - (path == "rest")
    for budget in range(1, needed):
        cut_off = run_tap(config={**config, "credit_budget": budget}, catalog=catalog)
        assert f"credit_budget is {budget}, " in cut_off.error
        assert cut_off.messages[-1]["type"] == "STATE"
        rest = read_whole(demo, "Leads", read_path=path, state=cut_off.messages[-1]["value"])
        table = applied(applied({}, cut_off.stdout, "Leads"), rest.stdout, "Leads")
        assert len(table) == 250


@pytest.mark.parametrize("count", sample([300, 600, 1_000, 5_000], 300, 600))
def test_reading_lists_ahead_costs_hardly_more_calls(demo: DemoOrganisation, count: int) -> None:
    demo.organisation.records.resize("Notes", count)
    read_whole(demo, "Notes")
    calls = [call for call in demo.calls if call.path == "/crm/v8/Notes"]
    pages = -(-count // PER_PAGE)
    # One more finds records without Modified_Time, and of the last change.
    assert len(calls) <= max(pages + 3, 1.1 * pages + 1)


@pytest.mark.parametrize("module", ["Tasks", "Leads"])
def test_many_changes_are_read_in_bulk_if_that_is_cheaper(
    demo: DemoOrganisation, module: str
) -> None:
    demo.organisation.records.resize(module, 360)
    times = truth(demo, module, ["Modified_Time"])
    changed = sorted(row["Modified_Time"] for row in times.values())[50:]
    state = bookmarked(module, changed[0])
    with limited(Limits(**SMALL, job_credits=0)):
        run = read_whole(demo, module, state=state)
    assert "read by queries (COQL)" in run.stderr
    assert "read by Bulk Read" in run.stderr
    found = {row["id"] for row in run.rows if not row.get("_sdc_deleted_at")}
    assert found == {key for key, row in times.items() if row["Modified_Time"] >= changed[0]}
    asked = [json.loads(call.body) for call in demo.calls if call.path == COQL]
    # Three pages, and the count; and what makes sure that nothing is missing.
    assert sum("Modified_Time asc" in body["select_query"] for body in asked) == 3


def test_changes_that_cannot_be_queried_are_not_counted_with_all_records() -> None:
    scopes = ["ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoCRM.bulk.READ"]
    with (
        DemoOrganisation(awkward_sample, scopes=[*scopes, "ZohoSearch.securesearch.READ"]) as demo,
        limited(Limits(**SMALL, job_credits=7)),
    ):
        demo.organisation.records.resize("Tasks", 2_000)
        times = truth(demo, "Tasks", ["Modified_Time"])
        since = sorted(row["Modified_Time"] for row in times.values())[-100]
        run = read_whole(demo, "Tasks", state=bookmarked("Tasks", since))
        assert len(run.rows) >= 100
        assert not any(call.path == "/crm/bulk/v8/read" for call in demo.calls)


@pytest.mark.thorough
def test_changes_that_are_counted_are_asked_for_by_the_fitting_limits(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize("Sites", 2_500)
    times = truth(demo, "Sites", ["Modified_Time"])
    first = min(row["Modified_Time"] for row in times.values())
    run = read_whole(demo, "Sites", state=bookmarked("Sites", first))
    assert len({row["id"] for row in run.rows}) == 2_500
    asked = [json.loads(call.body)["select_query"] for call in demo.calls if call.path == COQL]
    assert [query.rpartition(" ")[2] for query in asked if " limit " in query] == [
        "200",
        "2000",
        "1000",
    ]


class Clock:
    """One clock for the organisation, and for who waits for its jobs."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.begin = datetime.now(timezone.utc)

    def now(self) -> datetime:
        return self.begin + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.mark.parametrize("seconds_per_state", [0, 1, 3, 20])
def test_five_bulk_jobs_take_no_more_than_275_credits(seconds_per_state: float) -> None:
    clock = Clock()
    with (
        with_options(machine=Machine(monotonic=clock.monotonic, sleep=clock.sleep)),
        DemoOrganisation(
            awkward_sample, clock=clock.now, limits=RequestLimits(job_rows=20)
        ) as demo,
    ):
        demo.organisation.records.resize("Calibrations", 100)
        demo.organisation.records.bulk_jobs.seconds_per_state = seconds_per_state
        discovery = 2
        # `auto` begins with a query, and counts the records.
        beside = 2
        charged = spent(demo, "Calibrations", "bulk", policy=RetryPolicy()) - discovery
        assert len(demo.organisation.records.bulk_jobs.all) == 5
    assert charged + beside <= 275


def test_a_reserve_of_the_days_credits_is_left_and_the_next_run_goes_on() -> None:
    reserve = 12
    with (
        DemoOrganisation(awkward_sample, daily_credits=24) as demo,
        limited(Limits(**SMALL)),
    ):
        demo.organisation.records.resize("Sites", 320)
        config = {**config_for(demo, record_modules=["Sites"]), "credit_reserve": reserve}
        first = run_tap(config=config, catalog=records_catalog("Sites"))
        assert first.code == 1
        assert first.error.count("credit_reserve is 12") == 1
        left = 24 - sum(cost for _, cost in demo._api.limits._spent)
        assert left >= reserve
        table = applied({}, first.stdout, "Sites")
        assert 0 < len(table) < 320
        # A day later there are as many credits again.
        demo._api.limits._spent.clear()
        demo._api.limits._sum = 0
        demo._api.limits._sum = 0
        del config["credit_reserve"]
        second = run_tap(config=config, catalog=records_catalog("Sites"), state=first.state)
        assert second.code == 0, second.stderr
        read_twice = table.keys() & applied({}, second.stdout, "Sites").keys()
        assert len(read_twice) <= SMALL["page_rows"]
        applied(table, second.stdout, "Sites")
        assert table.keys() == truth(demo, "Sites", ["id"]).keys()
