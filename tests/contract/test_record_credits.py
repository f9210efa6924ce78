"""What reading a module costs, as the demo organisation charges it: `auto` is near the cheapest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest import mock

import pytest
from support.demo import config_for
from support.pages import modules_only
from support.records import applied, records_catalog
from support.run import Run, run_tap

from tap_zohocrm_modules.demo import DemoOrganisation
from tap_zohocrm_modules.demo.families import bulk_read
from tap_zohocrm_modules.zoho.http import RetryPolicy
from tap_zohocrm_modules.zoho.records import bulk_jobs

PER_PAGE = 200


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation() as organisation, modules_only():
        yield organisation


def read(demo: DemoOrganisation, module: str, path: str, **more: Any) -> Run:
    config = config_for(demo, read_path=path, record_modules=[module])
    run = run_tap(config=config, catalog=records_catalog(module), **more)
    assert run.code == 0, run.logged("ERROR")
    return run


def spent(demo: DemoOrganisation, module: str, path: str, **more: Any) -> int:
    """The credits that a run is charged."""
    charged = demo._api._limits._spent
    before = len(charged)
    read(demo, module, path, **more)
    return sum(cost for _, cost in list(charged)[before:])


@pytest.mark.parametrize(
    ("module", "count"),
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
)
def test_a_first_run_is_near_the_cheapest(demo: DemoOrganisation, module: str, count: int) -> None:
    demo.organisation.records.resize(module, count)
    paths = {path: spent(demo, module, path) for path in ("auto", "rest", "coql")}
    least = min(paths.values())
    assert paths["auto"] <= max(1.1 * least, least + 1), paths


@pytest.mark.parametrize("path", ["rest", "coql", "auto"])
def test_any_budget_ends_with_state_from_which_the_next_run_completes_the_load(
    demo: DemoOrganisation, path: str
) -> None:
    demo.organisation.records.resize("Leads", 450)
    catalog = records_catalog("Leads")
    config = config_for(demo, read_path=path, record_modules=["Leads"])
    for budget in range(1, spent(demo, "Leads", path)):
        cut_off = run_tap(config={**config, "credit_budget": budget}, catalog=catalog)
        assert f"credit_budget is {budget}, " in cut_off.error
        assert cut_off.messages[-1]["type"] == "STATE"
        rest = read(demo, "Leads", path, state=cut_off.messages[-1]["value"])
        table = applied(applied({}, cut_off.stdout, "Leads"), rest.stdout, "Leads")
        assert len(table) == 450


@pytest.mark.parametrize("count", [300, 600, 1_000, 5_000])
def test_reading_lists_ahead_costs_hardly_more_calls(demo: DemoOrganisation, count: int) -> None:
    demo.organisation.records.resize("Notes", count)
    read(demo, "Notes", "auto")
    calls = [call for call in demo.calls if call.path == "/crm/v8/Notes"]
    pages = -(-count // PER_PAGE)
    # One more tells of records without Modified_Time, and of the last change.
    assert len(calls) <= max(pages + 2, 1.1 * pages + 1)


class Clock:
    """One clock for the organisation, and for who waits for its jobs."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.mark.parametrize("seconds_per_state", [0, 1, 3, 20])
def test_five_bulk_jobs_take_no_more_than_275_credits(seconds_per_state: float) -> None:
    clock = Clock()
    with (
        modules_only(),
        mock.patch.object(bulk_jobs, "time", clock),
        mock.patch.object(bulk_read, "ROWS_PER_PAGE", 20),
        DemoOrganisation(clock=clock.now) as demo,
    ):
        demo.organisation.records.resize("Calibrations", 100)
        demo.organisation.records.bulk_jobs.seconds_per_state = seconds_per_state
        discovery = 2
        # `auto` begins with a query, and counts the records.
        beside = 2
        charged = spent(demo, "Calibrations", "bulk", policy=RetryPolicy()) - discovery
        assert len(demo.organisation.records.bulk_jobs.all) == 5
    assert charged + beside <= 275
