"""A first read whose lists of deletions are dearer than the budget comes to its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.demo import sample_demo
from support.pages import limited
from support.records import applied, read_records, read_whole, records_catalog, truth
from support.run import Run

from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation

pytestmark = pytest.mark.thorough

DAYS_AGO = datetime.now(timezone.utc) - timedelta(days=3)
PAGES = Limits(page_rows=20, query_credits=((20, 1),), records_per_state=1)


@pytest.fixture
def deleted(profile: str) -> Iterator[tuple[DemoOrganisation, str]]:
    """An organisation, and one of those that are in the recycle bin."""
    with (
        sample_demo(profile=profile) as organisation,
        limited(PAGES),
    ):
        store = organisation.organisation.records
        store.resize("Tasks", 90)
        store.purge_long_ago("Tasks", 230)
        ids = sorted(row["id"] for row in store.read("Tasks", "id"))[:30]
        for number, one in enumerate(ids):
            store.delete("Tasks", one, permanent=number % 3 == 0, at=DAYS_AGO)
        yield organisation, ids[1]


@pytest.mark.parametrize("path", ["rest", "coql"])
@pytest.mark.parametrize("budget", [12, 25])
def test_a_first_read_ends_after_some_runs(
    deleted: tuple[DemoOrganisation, str], path: str, budget: int
) -> None:
    demo, restored = deleted
    store = demo.organisation.records
    whole = read_whole(demo, "Tasks", read_path=path)
    state: dict[str, Any] | None = None
    table: dict[str, Any] = {}
    runs: list[Run] = []
    while not runs or runs[-1].code:
        assert len(runs) < 30
        runs.append(read_records(demo, "Tasks", state=state, read_path=path, credit_budget=budget))
        applied(table, runs[-1].stdout, "Tasks")
        state = runs[-1].state
        assert runs[-1].code == 0 or "credit_budget" in runs[-1].error
        if len(runs) == 2:
            # Neither what comes back meanwhile nor what goes is lost.
            store.restore("Tasks", restored, touch=False)
            lately = datetime.now(timezone.utc) - timedelta(minutes=1)
            store.delete("Tasks", max(truth(demo, "Tasks", ["id"])), at=lately)
    assert len(runs) > 2
    assert whole.credits < len(runs) * budget
    assert table.keys() == truth(demo, "Tasks", ["id"]).keys()
    assert "lists" not in runs[-1].state["bookmarks"]["Tasks"]
    again = read_whole(demo, "Tasks", state=state, read_path=path)
    assert applied(table, again.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()


@pytest.mark.parametrize("fills", [False, True])
def test_a_budget_by_which_no_run_comes_further_says_which_one_does(
    deleted: tuple[DemoOrganisation, str], *, fills: bool
) -> None:
    demo, _ = deleted
    wanted: dict[str, Any] = {"read_path": "coql", "backfill_new_columns": True}
    state: dict[str, Any] | None = None
    table: dict[str, Any] = {}
    budget = 4
    if fills:
        catalog = records_catalog("Tasks", without=["Subject"])
        first = read_whole(demo, "Tasks", catalog=catalog)
        state = applied_state(first, table)
        idle = read_whole(demo, "Tasks", state=state, backfill_new_columns=False)
        budget = idle.credits
    advice: list[int] = []
    code = 1
    for _ in range(60):
        run = read_records(demo, "Tasks", state=state, credit_budget=budget, **wanted)
        state, code = applied_state(run, table), run.code
        if not code:
            break
        if found := re.search(r"no further in this run: .* set credit_budget to (\d+)", run.error):
            assert int(found[1]) > budget
            budget = int(found[1])
            advice.append(budget)
    assert not code
    assert advice
    assert table.keys() == truth(demo, "Tasks", ["id"]).keys()


def applied_state(run: Run, table: dict[str, Any]) -> dict[str, Any]:
    """A run's STATE, once what it emitted is in a table."""
    applied(table, run.stdout, "Tasks")
    state: dict[str, Any] = run.state
    return state
