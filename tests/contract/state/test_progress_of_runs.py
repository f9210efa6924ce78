"""Each run makes progress, or says why not: within few credits, and however answers repeat."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.pages import limited
from support.records import applied, bookmarked, read_records
from support.run import Run
from support.sample import awkward_sample

from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation, Fault

ROW = {"id": "5937104000000000001", "Modified_Time": "2026-01-05T10:00:00+00:00"}
DELETED = {"id": "5", "type": "recycle", "deleted_time": "2026-01-05T10:00:00+00:00"}


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample) as organisation:
        yield organisation


def repeats(demo: DemoOrganisation, path: str, row: dict[str, Any], **info: Any) -> None:
    """Let a list announce more for ever, and send the same row each time."""
    body = {"data": [row], "info": {"more_records": True, **info}}
    fault = Fault(status=200, body=json.dumps(body), content_type="application/json")
    demo.inject(path, fault, times=None)


@pytest.mark.parametrize(
    ("read_path", "path", "row", "info"),
    [
        ("coql increment", "/crm/v8/coql", ROW, {}),
        ("rest", "/crm/v8/Tasks", ROW, {"next_page_token": "again"}),
        ("rest", "/crm/v8/Tasks", {"id": ROW["id"]}, {"next_page_token": "again"}),
        ("coql", "/crm/v8/coql", ROW, {}),
        ("coql", "/crm/v8/Tasks/deleted", DELETED, {}),
    ],
    ids=["queries for changes", "list by time", "list by position", "queries", "deletions"],
)
def test_a_list_without_progress_ends_after_a_few_calls(
    demo: DemoOrganisation,
    read_path: str,
    path: str,
    row: dict[str, Any],
    info: dict[str, Any],
) -> None:
    store = demo.organisation.records
    store.resize("Tasks", 30)
    if row is not DELETED:
        # With every key: of those that a row lacks the record is asked for by its id.
        there = next(iter(store.read("Tasks", "Subject")))["id"]
        row = {**dict.fromkeys(["$se_module", *store.fields("Tasks")]), **row, "id": there}
    repeats(demo, path, row, **info)
    name, _, is_increment = read_path.partition(" ")
    state = bookmarked("Tasks", "2026-01-01T00:00:00Z") if is_increment else None
    run = read_records(demo, "Tasks", read_path=name, state=state)
    assert "would never end" in run.error
    assert "Tasks" in run.error
    assert sum(call.path == path for call in demo.calls) <= 8


def test_every_run_within_a_small_budget_makes_progress_until_all_is_read() -> None:
    # Cheaper in bulk, but for less than a job costs nothing comes of that.
    limits = Limits(query_credits=((50, 2),), job_rows=2_000, records_per_state=50)
    table: dict[str, Any] = {}
    state: dict[str, Any] | None = None
    sizes: list[int] = []
    with DemoOrganisation(awkward_sample) as demo, limited(limits):
        demo.organisation.records.resize("Tasks", 2_000)
        while len(sizes) < 12 and len(table) < 2_000:
            run = read_records(demo, "Tasks", state=state, credit_budget=20)
            table = applied(table, run.stdout, "Tasks")
            state = _last_state(run, state)
            sizes.append(len(table))
    assert len(table) == 2_000
    assert sizes == sorted(set(sizes))


def _last_state(run: Run, before: dict[str, Any] | None) -> dict[str, Any] | None:
    states = run.of_type("STATE")
    return states[-1]["value"] if states else before


def test_a_run_says_that_its_credits_are_too_few() -> None:
    with DemoOrganisation(awkward_sample) as demo:
        demo.organisation.records.resize("Tasks", 9_000)
        run = read_records(demo, "Tasks", credit_budget=10)
    assert "credit_budget is 10" in run.error
    assert "are left for this run, and the next one goes on from there" in run.stderr
    assert run.rows
