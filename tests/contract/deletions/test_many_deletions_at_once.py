"""More deletions within the lookback than Zoho lists fail no run of a steady state."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from support.demo import sample_demo
from support.pages import limited
from support.records import applied, cuts, emitted, read_whole, records_catalog, truth

from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation

# A list of deletions that has 40 of them may lack others.
FEW = dataclasses.replace(Limits(), page_rows=20, deletions=40)
A_RUN, RUNS = 30, 4


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with (
        sample_demo(profile=profile) as organisation,
        limited(FEW),
    ):
        organisation.organisation.records.resize("Tasks", 300)
        yield organisation


def delete_in_the_lookback(demo: DemoOrganisation, number: int) -> set[str]:
    """Delete some more records than half of what Zoho lists; a minute passes."""
    rows = [row["id"] for row in demo.organisation.records.read("Tasks", "id")][:A_RUN]
    for one in rows:
        demo.organisation.records.delete("Tasks", one, permanent=number % 2 == 0)
    demo.settable_clock.advance(60)
    return {*rows}


@pytest.mark.thorough
@pytest.mark.parametrize("knows_ids", [True, False])
def test_runs_that_together_have_more_deletions_than_zoho_lists_emit_each_once(
    demo: DemoOrganisation, *, knows_ids: bool
) -> None:
    first = read_whole(demo, "Tasks")
    table, state = emitted(first.stdout, "Tasks"), first.state
    for number in range(RUNS):
        if not knows_ids:
            state["bookmarks"]["Tasks"].pop("ids", None)
        gone = delete_in_the_lookback(demo, 0)
        run = read_whole(demo, "Tasks", state=state)
        applied(table, run.stdout, "Tasks")
        assert sorted(row["id"] for row in run.rows) == sorted(gone)
        assert table.keys() == truth(demo, "Tasks", ["id"]).keys()
        warned = any("within the lookback" in text for text in run.logged("WARNING"))
        assert warned is (not knows_ids and number > 0)
        state = run.state
    assert read_whole(demo, "Tasks", state=state).rows == []


@pytest.mark.thorough
def test_the_stream_of_deletions_goes_on_too(demo: DemoOrganisation) -> None:
    state: Any = read_whole(demo, "deleted_records").state
    for number in range(RUNS):
        gone = delete_in_the_lookback(demo, number)
        run = read_whole(demo, "deleted_records", state=state)
        rows = [row["id"] for row in run.rows if row["module_api_name"] == "Tasks"]
        assert sorted(rows) == sorted(gone)
        state = run.state
    assert read_whole(demo, "deleted_records", state=state).rows == []


@pytest.mark.thorough
def test_a_first_read_that_begins_again_emits_those_that_zoho_lists_of_too_many(
    demo: DemoOrganisation,
) -> None:
    table = emitted(read_whole(demo, "Tasks").stdout, "Tasks")
    # A read without STATE, into a table that has rows, is killed after some pages.
    output, state = cuts(read_whole(demo, "Tasks", read_path="coql"), "checkpoint")[0]
    applied(table, output, "Tasks")
    away = sorted(table.keys() - emitted(output, "Tasks").keys())
    binned, purged = away[:5], away[5:65]
    for one in (*binned, *purged):
        demo.organisation.records.delete("Tasks", one, permanent=one in purged)
    demo.settable_clock.advance(60)
    # It begins once more where other columns are read.
    catalog = records_catalog("Tasks", without=["Subject"])
    last = read_whole(demo, catalog=catalog, state=state, read_path="coql")
    assert any("The ids that exist are read" in text for text in last.logged("INFO"))
    assert applied(table, last.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()
