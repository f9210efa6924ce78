"""Sweeps of many records never emitted, full recycle bins, and STATE of another environment."""

from __future__ import annotations

import pytest
from support.records import applied, emitted, read_records, read_whole, truth
from support.run import Run

from zohocrm_demo import DemoOrganisation

LONG_AGO = "2026-01-01T00:00:00Z"


def spent(demo: DemoOrganisation, begun: int) -> int:
    """How many credits calls have cost since so many credits were spent."""
    return demo._api.limits._sum - begun


def read_part(demo: DemoOrganisation, count: int) -> tuple[Run, str]:
    """Read the later half of many records by start_date; the STATE is due to be swept."""
    store = demo.organisation.records
    store.resize("Tasks", count)
    times = sorted(row["Modified_Time"] for row in store.read("Tasks", "Modified_Time"))
    middle = f"{times[count // 2]:%Y-%m-%dT%H:%M:%SZ}"
    first = read_whole(demo, "Tasks", start_date=middle, delete_sweep_days=1)
    assert 0 < len(emitted(first.stdout, "Tasks")) < count * 2 // 3
    first.state["bookmarks"]["Tasks"]["swept"] = LONG_AGO
    return first, middle


def test_a_sweep_reads_many_records_as_a_read_does(demo: DemoOrganisation) -> None:
    first, _ = read_part(demo, 3_000)
    table = emitted(first.stdout, "Tasks")
    begun = demo._api.limits._sum
    second = read_whole(demo, "Tasks", state=first.state, delete_sweep_days=1)
    assert applied(table, second.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()
    assert any("every record is read again" in text for text in second.logged("INFO"))
    # By their ids they would take 15 credits or more; in the wild one query is asked twice.
    assert spent(demo, begun) <= 23
    third = read_whole(demo, "Tasks", state=second.state, delete_sweep_days=1)
    assert third.rows == []


@pytest.mark.thorough
def test_a_sweep_of_many_records_goes_on_where_a_budget_ended_it(demo: DemoOrganisation) -> None:
    first, _ = read_part(demo, 12_000)
    table, state, run = emitted(first.stdout, "Tasks"), first.state, first
    for _ in range(8):
        run = read_records(
            demo, "Tasks", state=state, delete_sweep_days=1, credit_budget=36, read_path="coql"
        )
        applied(table, run.stdout, "Tasks")
        state = run.state
        if run.code == 0:
            break
    assert run.code == 0, run.error
    assert table.keys() == truth(demo, "Tasks", ["id"]).keys()


def test_a_few_records_are_read_by_their_ids(demo: DemoOrganisation) -> None:
    first = read_whole(demo, "Tasks", delete_sweep_days=1)
    table = emitted(first.stdout, "Tasks")
    store = demo.organisation.records
    victim = next(iter(table))
    store.delete("Tasks", victim)
    demo.settable_clock.advance(60)
    gone = read_whole(demo, "Tasks", state=first.state, delete_sweep_days=1)
    store.restore("Tasks", victim, touch=False)
    part = gone.state["bookmarks"]["Tasks"]
    part["swept"] = LONG_AGO
    del part["recycled"]
    back = read_whole(demo, "Tasks", state=gone.state, delete_sweep_days=1)
    assert [row["id"] for row in back.rows] == [victim]


@pytest.mark.thorough
def test_a_full_recycle_bin_costs_an_idle_run_three_credits_at_most(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    store.resize("Tasks", 2_300)
    first = read_whole(demo, "Tasks")
    table = emitted(first.stdout, "Tasks")
    begun = demo._api.limits._sum
    empty = read_whole(demo, "Tasks", state=first.state)
    price = spent(demo, begun)
    victims = list(table)[:1_900]
    for victim in victims:
        store.delete("Tasks", victim)
    demo.settable_clock.advance(600)
    full = read_whole(demo, "Tasks", state=empty.state)
    demo.settable_clock.advance(600)
    begun = demo._api.limits._sum
    idle = read_whole(demo, "Tasks", state=full.state)
    assert idle.rows == []
    assert spent(demo, begun) <= price + 3
    for victim in (victims[0], victims[-1], victims[700]):
        store.restore("Tasks", victim, touch=False)
        demo.settable_clock.advance(60)
        idle = read_whole(demo, "Tasks", state=idle.state)
        assert [row["id"] for row in idle.rows] == [victim]


def test_state_of_another_environment_is_refused_by_name(demo: DemoOrganisation) -> None:
    state = read_whole(demo, "Tasks").state
    assert state["bookmarks"]["Tasks"]["environment"] == "production"
    state["bookmarks"]["Tasks"]["environment"] = "sandbox"
    run = read_records(demo, "Tasks", state=state)
    assert "bookmarks.Tasks is of the environment 'sandbox'" in run.error
    assert "'production'" in run.error
    assert run.rows == []
    # Releases before had no such key.
    del state["bookmarks"]["Tasks"]["environment"]
    assert read_whole(demo, "Tasks", state=state).rows == []
