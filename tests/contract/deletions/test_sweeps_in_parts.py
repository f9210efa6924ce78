"""Sweeps that a budget or a kill ends go on in the next run, and waste nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.demo import sample_demo
from support.pages import limited, small_pages
from support.records import applied, cuts, emitted, read_records, read_whole, truth
from support.run import Run
from support.wire import altered_answers, params_of

from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.answers import NO_CONTENT, Answer
from zohocrm_demo.calls import Request
from zohocrm_demo.limits import RequestLimits

COUNT = 600
LONG_AGO = datetime.now(timezone.utc) - timedelta(days=200)
BY_QUERIES = Limits(page_rows=5, query_credits=((5, 1),), records_per_state=20, job_credits=999)
BY_JOBS = Limits(page_rows=2, query_credits=((2, 1),), records_per_state=20, job_rows=200)
SWEPT: dict[str, Any] = {"delete_sweep_days": 30}


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with sample_demo(profile=profile, limits=RequestLimits(job_rows=200)) as organisation:
        organisation.organisation.records.resize("Tasks", COUNT)
        yield organisation


def read_and_delete(
    demo: DemoOrganisation, *, every: int = 50, forgets: int = 0
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read all; then some are deleted that Zoho lists no more, and a sweep is due.

    Returns:
        STATE, which does not know `forgets` of the records, and the table, which lacks them.
    """
    store = demo.organisation.records
    ids = [row["id"] for row in store.read("Tasks", "id")]
    hidden = ids[5 : 5 + forgets]
    for one in hidden:
        store.delete("Tasks", one)
    first = read_whole(demo, "Tasks", **SWEPT)
    for one in hidden:
        store.restore("Tasks", one, touch=False)
    for one in ids[::every]:
        store.delete("Tasks", one, permanent=True, at=LONG_AGO)
    part = first.state["bookmarks"]["Tasks"]
    part["swept"] = f"{LONG_AGO:%Y-%m-%dT%H:%M:%SZ}"
    # Nobody looks into the recycle bin for them.
    part.pop("recycled", None)
    return first.state, emitted(first.stdout, "Tasks")


def read_in_runs(
    demo: DemoOrganisation, state: dict[str, Any], table: dict[str, Any], budget: int, **more: Any
) -> list[Run]:
    """Read by runs of a budget, until one comes to its end."""
    runs: list[Run] = []
    while not runs or runs[-1].code != 0:
        runs.append(
            read_records(demo, "Tasks", state=state, credit_budget=budget, **{**SWEPT, **more})
        )
        assert runs[-1].code == 0 or "budget" in runs[-1].error, runs[-1].error
        applied(table, runs[-1].stdout, "Tasks")
        state = runs[-1].state
        assert len(runs) < 40
    return runs


@pytest.mark.parametrize(
    ("limits", "budget"),
    [
        pytest.param(BY_QUERIES, 30, marks=pytest.mark.thorough),
        pytest.param(BY_QUERIES, 15, marks=pytest.mark.thorough),
        pytest.param(BY_JOBS, 75, marks=pytest.mark.thorough),
    ],
)
def test_a_sweep_dearer_than_the_budget_ends_after_some_runs_at_the_price_of_one(
    demo: DemoOrganisation, limits: Limits, budget: int
) -> None:
    with limited(limits):
        state, table = read_and_delete(demo)
        whole = read_whole(demo, "Tasks", state=state, **SWEPT)
        idle = read_whole(demo, "Tasks", state=whole.state, **SWEPT)
        assert whole.credits - idle.credits > budget
        runs = read_in_runs(demo, state, table, budget)
        again = read_whole(demo, "Tasks", state=runs[-1].state, **SWEPT)
    assert table.keys() == truth(demo, "Tasks", ["id"]).keys()
    assert len(runs) > 2
    # Each run reads what has changed besides, as an idle one does, and may leave a call's credits.
    sweeps = sum(run.credits - idle.credits for run in runs)
    assert sweeps <= 1.05 * (whole.credits - idle.credits) + len(runs)
    assert again.rows == []
    part = again.state["bookmarks"]["Tasks"]
    assert "sweep" not in part
    assert part["swept"] > state["bookmarks"]["Tasks"]["swept"]


@pytest.mark.thorough
def test_the_position_of_a_sweep_by_id_is_small_and_the_bookmark_does_not_wait(
    demo: DemoOrganisation,
) -> None:
    with limited(BY_QUERIES):
        state, _ = read_and_delete(demo)
        run = read_records(demo, "Tasks", state=state, credit_budget=60, **SWEPT)
    assert "budget" in run.error
    part = run.state["bookmarks"]["Tasks"]
    assert part["sweep"]["checkpoint"]["after"]
    assert len(str(part["sweep"])) < 400
    assert part["replication_key_value"] > state["bookmarks"]["Tasks"]["replication_key_value"]


@pytest.mark.thorough
@pytest.mark.parametrize("limits", [BY_QUERIES, BY_JOBS])
def test_a_sweep_killed_at_any_moment_goes_on(demo: DemoOrganisation, limits: Limits) -> None:
    with limited(limits):
        state, table = read_and_delete(demo, forgets=7)
        whole = read_whole(demo, "Tasks", state=state, **SWEPT)
        expected = truth(demo, "Tasks", ["id"]).keys()
        assert applied({**table}, whole.stdout, "Tasks").keys() == expected
        killed = cuts(whole, '"sweep"')
        assert len(killed) > 5
        for output, kept in killed[::4]:
            rest = read_whole(demo, "Tasks", state=kept, **SWEPT)
            found = applied(applied({**table}, output, "Tasks"), rest.stdout, "Tasks")
            assert found.keys() == expected


@pytest.mark.thorough
def test_many_are_gone_by_two_listings_in_several_runs(demo: DemoOrganisation) -> None:
    with limited(BY_QUERIES):
        state, table = read_and_delete(demo, every=3)
        whole = read_whole(demo, "Tasks", state=state, **SWEPT)
        idle = read_whole(demo, "Tasks", state=whole.state, **SWEPT)
        runs = read_in_runs(demo, state, table, 30)
    assert table.keys() == truth(demo, "Tasks", ["id"]).keys()
    sweeps = sum(run.credits - idle.credits for run in runs)
    assert sweeps <= 1.05 * (whole.credits - idle.credits) + len(runs)


@pytest.mark.thorough
def test_what_is_deleted_while_a_sweep_takes_several_runs_is_emitted(
    demo: DemoOrganisation,
) -> None:
    """More deletions than Zoho lists, which is 20 here, start the sweep, and others follow."""
    limits = dataclasses.replace(BY_QUERIES, page_rows=20, deletions=20)
    store = demo.organisation.records
    with limited(limits):
        first = read_whole(demo, "Tasks")
        table, state = emitted(first.stdout, "Tasks"), first.state
        rows = store.read("Tasks", "id", "Modified_Time")
        earliest = [row["id"] for row in sorted(rows, key=lambda row: row["Modified_Time"])]
        for one in earliest[::20]:
            store.delete("Tasks", one, permanent=True)
        demo.settable_clock.advance(600)
        runs: list[Run] = []
        while not runs or runs[-1].code:
            run = read_records(demo, "Tasks", state=state, credit_budget=40)
            runs.append(run)
            assert run.code == 0 or "budget" in run.error, run.error
            applied(table, run.stdout, "Tasks")
            state = run.state
            if run.code and len(runs) <= 2:
                # The listing has met it, which goes by time.
                store.delete("Tasks", earliest[len(runs)], permanent=True)
            demo.settable_clock.advance(600)
            assert len(runs) < 30
    assert len(runs) > 1
    assert table.keys() == truth(demo, "Tasks", ["id"]).keys()


@pytest.mark.thorough
def test_ids_that_nobody_knows_are_learnt_in_several_runs(demo: DemoOrganisation) -> None:
    with limited(BY_QUERIES):
        state, table = read_and_delete(demo)
        del state["bookmarks"]["Tasks"]["ids"]
        runs = read_in_runs(demo, state, {}, 30)
        assert len(runs) > 2
        victim = truth(demo, "Tasks", ["id"]).popitem()[0]
        demo.organisation.records.delete("Tasks", victim, permanent=True, at=LONG_AGO)
        part = runs[-1].state["bookmarks"]["Tasks"]
        part["swept"] = f"{LONG_AGO:%Y-%m-%dT%H:%M:%SZ}"
        last = read_whole(demo, "Tasks", state=runs[-1].state, **SWEPT)
    assert [row["id"] for row in last.rows] == [victim]
    assert table


@pytest.mark.thorough
def test_what_is_deleted_after_an_earlier_run_has_listed_the_ids_is_found_by_the_next_run(
    demo: DemoOrganisation,
) -> None:
    store, module, settings = demo.organisation.records, "Sample_Readings", {"delete_sweep_days": 1}
    store.resize(module, 30)
    with small_pages(5):
        first = read_whole(demo, module, **settings)
        output, state = next(
            cut
            for cut in cuts(first)
            if "emitted" in cut[1]["bookmarks"][module].get("position", {})
        )
        table = emitted(output, module)
        store.delete(module, next(iter(table)), permanent=True)
        second = read_whole(demo, module, state=state, **settings)
        output, state = next(
            cut
            for cut in cuts(second)
            if cut[1]["bookmarks"][module].get("sweep", {}).get("is_listed")
        )
        assert "position" in state["bookmarks"][module]
        applied(table, output, module)
        store.delete(module, next(reversed(table)), permanent=True)
        # As if that run had been long ago.
        state["bookmarks"][module]["sweep"]["cutoff"] = f"{LONG_AGO:%Y-%m-%dT%H:%M:%SZ}"
        for _ in range(2):
            demo.settable_clock.advance(60)
            run = read_whole(demo, module, state=state, **settings)
            applied(table, run.stdout, module)
            state = run.state
    assert table.keys() == truth(demo, module, ["id"]).keys()


def read_until_listed(demo: DemoOrganisation) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read by a run that is killed once it has all ids; return its STATE, and the table.

    It has listed them twice, for many are gone. Others are there that the table lacks.
    """
    store = demo.organisation.records
    store.resize("Tasks", 60)
    with limited(BY_QUERIES):
        state, table = read_and_delete(demo, every=5)
        for _ in range(9):
            store.insert("Tasks", {"Subject": "Imported"}, at=LONG_AGO)
        whole = read_whole(demo, "Tasks", state=state, **SWEPT)
    output, state = next(
        (output, state)
        for output, state in cuts(whole, '"is_second"')
        if state["bookmarks"]["Tasks"]["sweep"].get("is_listed")
    )
    return state, applied(table, output, "Tasks")


def test_no_single_answer_calls_gone_what_was_made_after_all_ids_were_listed(
    demo: DemoOrganisation,
) -> None:
    state, table = read_until_listed(demo)
    made = demo.organisation.records.insert("Tasks", {"Subject": "Made meanwhile"})
    demo.settable_clock.advance(60)

    def empty(request: Request, answer: Answer) -> Answer:
        params = params_of(request)
        return NO_CONTENT if "ids" in params and params["fields"] == "id,Modified_Time" else answer

    with altered_answers(empty):
        rest = read_whole(demo, "Tasks", state=state, **SWEPT)
    assert made in applied(table, rest.stdout, "Tasks")


def test_what_all_ids_have_and_was_emitted_since_is_among_the_records_that_exist(
    demo: DemoOrganisation,
) -> None:
    state, table = read_until_listed(demo)
    # The next run reads what was imported before it resumes the sweep.
    state["bookmarks"]["Tasks"]["replication_key_value"] = f"{LONG_AGO:%Y-%m-%dT%H:%M:%SZ}"
    rest = read_whole(demo, "Tasks", state=state, **SWEPT)
    assert applied(table, rest.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()
