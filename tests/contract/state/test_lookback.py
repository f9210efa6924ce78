"""What becomes visible later than the second that it names; a later start_date."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from support.demo import sample_demo
from support.pages import paged_demo
from support.records import applied, cuts, emitted, read_records, read_whole, truth

from zohocrm_demo import DemoOrganisation

PATHS = ["rest", "coql", "bulk", "auto"]


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with sample_demo(profile=profile) as organisation:
        organisation.organisation.records.resize("Tasks", 30)
        yield organisation


def late(demo: DemoOrganisation, seconds: float) -> dict[str, Any]:
    """When something happened that Zoho shows only now."""
    return {"at": demo.settable_clock() - timedelta(seconds=seconds)}


@pytest.mark.parametrize("path", PATHS)
def test_what_becomes_visible_late_is_emitted_once(demo: DemoOrganisation, path: str) -> None:
    store = demo.organisation.records
    first = read_whole(demo, "Tasks", read_path=path)
    table = emitted(first.stdout, "Tasks")
    changed, gone, binned = list(table)[:3]
    demo.settable_clock.advance(60)
    second = read_whole(demo, "Tasks", read_path=path, state=first.state)
    # Made, changed and deleted before the second run's cutoff, and visible after it.
    made = store.insert("Tasks", {"Subject": "made"}, **late(demo, 40))
    store.update("Tasks", changed, {"Subject": "changed"}, **late(demo, 40))
    store.delete("Tasks", gone, permanent=True, **late(demo, 40))
    store.delete("Tasks", binned, **late(demo, 40))
    demo.settable_clock.advance(30)
    third = read_whole(demo, "Tasks", read_path=path, state=second.state)
    assert {row["id"] for row in third.rows} == {made, changed, gone, binned}
    applied(table, third.stdout, "Tasks")
    assert {key: {"Subject": row["Subject"]} for key, row in table.items()} == truth(
        demo, "Tasks", ["Subject"]
    )
    state = third.state
    for _ in range(3):
        demo.settable_clock.advance(60)
        idle = read_whole(demo, "Tasks", read_path=path, state=state)
        assert idle.rows == []
        state = idle.state
    demo.settable_clock.advance(600)
    last = read_whole(demo, "Tasks", read_path=path, state=state)
    assert last.rows == []
    assert "recent" not in last.state["bookmarks"]["Tasks"]
    assert "recent_deletions" not in last.state["bookmarks"]["Tasks"]


def test_what_is_changed_again_within_the_lookback_is_emitted_again(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    state = read_whole(demo, "Tasks").state
    [victim, *_] = truth(demo, "Tasks", ["id"])
    for number in range(3):
        store.update("Tasks", victim, {"Subject": f"{number}"})
        demo.settable_clock.advance(60)
        run = read_whole(demo, "Tasks", state=state)
        assert [row["Subject"] for row in run.rows] == [f"{number}"]
        state = run.state
    store.delete("Tasks", victim)
    demo.settable_clock.advance(60)
    gone = read_whole(demo, "Tasks", state=state)
    assert [row["id"] for row in gone.rows] == [victim]
    store.restore("Tasks", victim, touch=False)
    demo.settable_clock.advance(60)
    back = read_whole(demo, "Tasks", state=gone.state)
    assert {row["id"] for row in back.rows} == {victim}
    assert not any(row.get("_sdc_deleted_at") for row in back.rows)


def test_a_lookback_of_nothing_asks_for_nothing_again(demo: DemoOrganisation) -> None:
    first = read_whole(demo, "Tasks", lookback=0)
    demo.organisation.records.insert("Tasks", {"Subject": "made"}, **late(demo, 40))
    demo.settable_clock.advance(60)
    second = read_whole(demo, "Tasks", state=first.state, lookback=0)
    assert second.rows == []
    assert "recent" not in second.state["bookmarks"]["Tasks"]


def test_deleted_records_that_become_visible_late_are_emitted_once(demo: DemoOrganisation) -> None:
    demo.organisation.records.delete("Tasks", next(iter(truth(demo, "Tasks", ["id"]))))
    demo.settable_clock.advance(60)
    first = read_whole(demo, "deleted_records", record_modules=["Tasks"])
    victim = next(iter(truth(demo, "Tasks", ["id"])))
    demo.organisation.records.delete("Tasks", victim, **late(demo, 40))
    demo.settable_clock.advance(60)
    second = read_whole(demo, "deleted_records", record_modules=["Tasks"], state=first.state)
    assert [row["id"] for row in second.rows] == [victim]
    # A run that does not read them carries their part on.
    between = read_whole(demo, "Tasks", state=copy.deepcopy(second.state))
    assert "recent" in between.state["bookmarks"]["deleted_records"]
    third = read_whole(demo, "deleted_records", record_modules=["Tasks"], state=second.state)
    assert third.rows == []


def test_a_memory_that_is_none_is_an_error_that_names_it(demo: DemoOrganisation) -> None:
    first = read_whole(demo, "Tasks")
    first.state["bookmarks"]["Tasks"]["recent"] = "?"
    run = read_records(demo, "Tasks", state=first.state)
    assert "bookmarks.Tasks" in run.error
    assert "defect" not in run.error


def test_a_start_date_later_than_the_bookmark_skips_nothing(demo: DemoOrganisation) -> None:
    first = read_whole(demo, "Tasks")
    table = emitted(first.stdout, "Tasks")
    part = first.state["bookmarks"]["Tasks"]
    part["replication_key_value"] = f"{late(demo, 3_600)['at']:%Y-%m-%dT%H:%M:%SZ}"
    for key in list(table)[:5]:
        demo.organisation.records.update("Tasks", key, {"Subject": "changed"}, **late(demo, 3_000))
    raised = f"{late(demo, 1_800)['at']:%Y-%m-%dT%H:%M:%SZ}"
    second = read_whole(demo, "Tasks", state=first.state, start_date=raised)
    third = read_whole(demo, "Tasks", state=second.state)
    for run in (second, third):
        applied(table, run.stdout, "Tasks")
    assert {key: {"Subject": row["Subject"]} for key, row in table.items()} == truth(
        demo, "Tasks", ["Subject"]
    )


@pytest.mark.thorough
def test_the_modules_to_refresh_are_those_that_are_named(demo: DemoOrganisation) -> None:
    state = read_whole(demo, "Tasks", "Deals").state
    for stream in ("Tasks", "Deals"):
        state["bookmarks"][stream]["read_whole"] = "2026-01-01T00:00:00Z"
    run = read_whole(demo, "Tasks", "Deals", state=state, refresh_days=7, refresh_modules=["Tasks"])
    assert len(run.rows_of("Tasks")) == 30
    assert run.rows_of("Deals") == []
    assert any("to refresh all its fields" in text for text in run.logged("INFO"))


def test_a_module_to_refresh_that_does_not_exist_is_an_error(demo: DemoOrganisation) -> None:
    run = read_records(demo, "Tasks", refresh_days=7, refresh_modules=["Taks"])
    assert "refresh_modules has 'Taks'" in run.error
    assert "Tasks" in run.error


@pytest.mark.parametrize("path", ["rest", "coql"])
def test_a_second_edit_in_one_second_that_becomes_visible_late_is_emitted(
    demo: DemoOrganisation, path: str
) -> None:
    """Zoho tells times to the second, so that nothing but the values shows it."""
    store = demo.organisation.records
    first = read_whole(demo, "Tasks", read_path=path)
    [victim, *_] = truth(demo, "Tasks", ["id"])
    moment = late(demo, -30)
    store.update("Tasks", victim, {"Subject": "one"}, **moment)
    demo.settable_clock.advance(60)
    second = read_whole(demo, "Tasks", read_path=path, state=first.state)
    store.update("Tasks", victim, {"Subject": "two"}, **moment)
    third = read_whole(demo, "Tasks", read_path=path, state=second.state)
    assert [row["Subject"] for row in (*second.rows, *third.rows)] == ["one", "two"]
    assert read_whole(demo, "Tasks", read_path=path, state=third.state).rows == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("first", "second"), [*itertools.permutations(["rest", "coql", "bulk"], 2)]
)
def test_records_are_known_again_whatever_path_has_read_them(
    demo: DemoOrganisation, first: str, second: str
) -> None:
    store = demo.organisation.records
    modules = ["Contacts", "Deals", "Events", "Leads", "Products", "Quotes", "Water_Samples"]
    for module in modules:
        store.resize(module, 60)
        for row in list(store.read(module, "id"))[:40]:
            store.update(module, row["id"], {}, **late(demo, 60))
    state = read_whole(demo, *modules, read_path=first).state
    assert all(state["bookmarks"][module]["recent"] for module in modules)
    assert read_whole(demo, *modules, read_path=second, state=state).rows == []


@pytest.mark.parametrize("path", ["rest", "coql"])
def test_a_later_start_date_does_not_shorten_the_lookback(
    demo: DemoOrganisation, path: str
) -> None:
    store = demo.organisation.records
    first = read_whole(demo, "Tasks", read_path=path)
    demo.settable_clock.advance(60)
    made = store.insert("Tasks", {"Subject": "made"}, **late(demo, 100))
    raised = late(demo, 65)["at"].isoformat()
    second = read_whole(demo, "Tasks", read_path=path, state=first.state, start_date=raised)
    assert [row["id"] for row in second.rows] == [made]


@pytest.mark.parametrize("path", ["rest", "coql"])
def test_what_a_lagging_call_has_put_back_is_put_right(path: str) -> None:
    with paged_demo("Tasks", 12, 4) as demo:
        store, now = demo.organisation.records, demo.settable_clock
        table = emitted((run := read_whole(demo, "Tasks", read_path=path)).stdout, "Tasks")
        now.advance(400)
        begun = now()
        lagging, *others = list(table)[:10]

        def change(one: str, subject: str, seconds: int) -> None:
            store.update("Tasks", one, {"Subject": subject}, at=begun + timedelta(seconds=seconds))

        for age, one in enumerate(others):
            change(one, "changed", 20 + age)
        change(lagging, "new", 60)
        now.advance(100)
        run = read_whole(demo, "Tasks", read_path=path, state=run.state)
        applied(table, run.stdout, "Tasks")
        # The next run is shown what was there before, and is killed after a page.
        change(lagging, "old", 10)
        for age, one in enumerate(others):
            change(one, "changed again", 70 + age)
        now.advance(20)
        third = read_whole(demo, "Tasks", read_path=path, state=run.state)
        output, state = cuts(third, '"bookmarks"')[1]
        applied(table, output, "Tasks")
        assert table[lagging]["Subject"] == "old"
        change(lagging, "new", 60)
        applied(table, read_whole(demo, "Tasks", read_path=path, state=state).stdout, "Tasks")
    assert table[lagging]["Subject"] == "new"
