"""Deletions that Zoho's lists do not have: more than 2,000, long ago, or of subforms."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.pages import small_pages
from support.records import applied, cuts, emitted, read_records, truth
from support.wire import before, lists_lack, query_of

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.calls import Request

SWEEPING: dict[str, Any] = {"delete_sweep_days": 1, "read_path": "coql"}


def delete(demo: DemoOrganisation, module: str, ids: list[str], **more: Any) -> None:
    for record_id in ids:
        demo.organisation.records.delete(module, record_id, **more)


def ids(demo: DemoOrganisation, module: str) -> list[str]:
    return [row["id"] for row in demo.organisation.records.read(module, "id")]


def assert_truth(demo: DemoOrganisation, module: str, table: dict[str, Any]) -> None:
    assert table.keys() == truth(demo, module, ["id"]).keys()


def sweep_due(demo: DemoOrganisation) -> tuple[Any, dict[str, Any]]:
    """The STATE of a read of 30 tasks after which a sweep is due, and what a table has by then."""
    demo.organisation.records.resize("Tasks", 30)
    first = read_records(demo, "Tasks", **SWEEPING)
    first.state["bookmarks"]["Tasks"]["swept"] = "2026-01-01T00:00:00Z"
    return first.state, emitted(first.stdout, "Tasks")


@pytest.mark.thorough
def test_more_deletions_than_zoho_lists_are_found_by_the_ids_that_exist(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize("Tasks", 2_400)
    first = read_records(demo, "Tasks")
    table = emitted(first.stdout, "Tasks")
    delete(demo, "Tasks", ids(demo, "Tasks")[:2_300], permanent=True)
    second = read_records(demo, "Tasks", state=first.state)
    assert second.code == 0, second.stderr
    assert_truth(demo, "Tasks", applied(table, second.stdout, "Tasks"))
    assert any("2,300 tombstones" in text for text in second.logged("INFO"))
    # A run that was killed since would have left rows that no list and no STATE has.
    assert any("killed or terminated run" in text for text in second.logged("WARNING"))
    third = read_records(demo, "Tasks", state=second.state)
    assert third.code == 0, third.stderr
    assert_truth(demo, "Tasks", applied(table, third.stdout, "Tasks"))


@pytest.mark.thorough
def test_more_deletions_than_zoho_lists_are_an_error_where_no_ids_are_known(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize("Tasks", 2_400)
    first = read_records(demo, "Tasks")
    delete(demo, "Tasks", ids(demo, "Tasks")[:2_300], permanent=True)
    del first.state["bookmarks"]["Tasks"]["ids"]
    second = read_records(demo, "Tasks", state=first.state)
    assert "delete_sweep_days" in second.error
    assert second.state["bookmarks"]["Tasks"]["replication_key_value"]


@pytest.mark.thorough
def test_without_tombstones_more_deletions_than_zoho_lists_are_no_failure(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize("Tasks", 2_400)
    first = read_records(demo, "Tasks", emit_tombstones=False)
    delete(demo, "Tasks", ids(demo, "Tasks")[:2_300], permanent=True)
    # Nobody needs the ids of what is gone.
    del first.state["bookmarks"]["Tasks"]["ids"]
    second = read_records(demo, "Tasks", state=first.state, emit_tombstones=False, cutoff_lag=0)
    assert second.code == 0, second.stderr
    assert any("restored unchanged will not be seen" in text for text in second.logged("WARNING"))


@pytest.mark.thorough
def test_the_list_of_deletions_fails_where_zoho_has_more_until_its_state_is_removed(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize("Tasks", 2_400)
    first = read_records(demo, "deleted_records", cutoff_lag=0)
    delete(demo, "Tasks", ids(demo, "Tasks")[:2_300], permanent=True)
    second = read_records(demo, "deleted_records", state=first.state, cutoff_lag=0)
    assert "remove bookmarks.deleted_records" in second.error
    del second.state["bookmarks"]["deleted_records"]
    third = read_records(demo, "deleted_records", state=second.state, cutoff_lag=0)
    assert third.code == 0, third.stderr
    assert sum(row["module_api_name"] == "Tasks" for row in third.rows) == 2_000


def test_a_due_sweep_finds_deletions_of_long_ago(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 50)
    first = read_records(demo, "Tasks", delete_sweep_days=30)
    table = emitted(first.stdout, "Tasks")
    now = datetime.now(timezone.utc)
    victims = ids(demo, "Tasks")[:3]
    delete(demo, "Tasks", victims, permanent=True, at=now - timedelta(days=200))
    second = read_records(demo, "Tasks", state=first.state, delete_sweep_days=30)
    assert second.rows == []
    part = second.state["bookmarks"]["Tasks"]
    part["swept"] = (now - timedelta(days=31)).strftime("%Y-%m-%dT%H:%M:%SZ")
    third = read_records(demo, "Tasks", state=second.state, delete_sweep_days=30)
    assert third.code == 0, third.stderr
    assert {row["id"] for row in third.rows} == set(victims)
    assert_truth(demo, "Tasks", applied(table, third.stdout, "Tasks"))
    fourth = read_records(demo, "Tasks", state=third.state, delete_sweep_days=30)
    assert fourth.rows == []


def test_a_state_without_ids_learns_them_at_the_first_sweep(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 50)
    first = read_records(demo, "Tasks")
    for key in ("ids", "swept"):
        del first.state["bookmarks"]["Tasks"][key]
    second = read_records(demo, "Tasks", state=first.state, delete_sweep_days=30)
    assert second.code == 0, second.stderr
    assert second.rows == []
    assert second.state["bookmarks"]["Tasks"]["ids"]


@pytest.mark.parametrize("module", ["Quoted_Items", "Sensors_X_Partners"])
def test_rows_of_subforms_and_linking_modules_are_swept(
    demo: DemoOrganisation, module: str
) -> None:
    first = read_records(demo, module, delete_sweep_days=1)
    assert first.code == 0, first.stderr
    table = emitted(first.stdout, module)
    victims = list(itertools.islice(table, 2))
    assert len(victims) == 2
    delete(demo, module, victims)
    part = first.state["bookmarks"][module]
    part.pop("swept", None)
    second = read_records(demo, module, state=first.state, delete_sweep_days=1)
    assert second.code == 0, second.stderr
    assert_truth(demo, module, applied(table, second.stdout, module))
    assert not table.keys() & set(victims)


def test_restores_are_seen_without_tombstones_too(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 30)
    # In a second that the first run's cutoff has passed for sure.
    now = datetime.now(timezone.utc) - timedelta(seconds=3)
    first = read_records(demo, "Tasks", emit_tombstones=False, cutoff_lag=0)
    victim = first.rows[0]["id"]
    # The record is edited and deleted at once, so that no run sees the edit.
    demo.organisation.records.update("Tasks", victim, {"Subject": "edited"}, at=now)
    demo.organisation.records.delete("Tasks", victim)
    second = read_records(demo, "Tasks", state=first.state, emit_tombstones=False, cutoff_lag=0)
    assert second.rows == []
    demo.organisation.records.restore("Tasks", victim, touch=False)
    third = read_records(demo, "Tasks", state=second.state, emit_tombstones=False, cutoff_lag=0)
    assert [(row["id"], row["Subject"]) for row in third.rows] == [(victim, "edited")]


@pytest.mark.thorough
def test_state_is_not_written_more_often_for_the_ids_that_sweeps_need(
    demo: DemoOrganisation,
) -> None:
    with small_pages(5):
        plain = read_records(demo, "Tasks")
        swept = read_records(demo, "Tasks", delete_sweep_days=30)
    assert len(plain.rows) > 5 * 5
    assert len(swept.of_type("STATE")) == len(plain.of_type("STATE"))


@pytest.mark.thorough
def test_a_record_that_only_a_sweep_finds_is_emitted_again_if_the_run_was_killed_before_its_state(
    demo: DemoOrganisation,
) -> None:
    """STATE has the ids of subforms' rows before these are emitted."""
    module = "Sample_Readings"
    settings: dict[str, Any] = {"delete_sweep_days": 1, "read_path": "rest"}
    store = demo.organisation.records
    store.resize(module, 30)
    first = read_records(demo, module, **settings)
    table = emitted(first.stdout, module)
    made = store.insert(module, {"Value": 4.5}, at=datetime(2025, 1, 2, tzinfo=timezone.utc))
    demo.settable_clock.advance(600)
    first.state["bookmarks"][module]["swept"] = "2026-01-01T00:00:00Z"
    whole = read_records(demo, module, state=first.state, **settings)
    assert made in emitted(whole.stdout, module)
    kept = [(output, state) for output, state in cuts(whole) if made not in emitted(output, module)]
    assert any("unsettled" in state["bookmarks"][module] for _, state in kept)
    for output, state in kept:
        rest = read_records(demo, module, state=state, **settings)
        found = applied(applied({**table}, output, module), rest.stdout, module)
        assert found.keys() == truth(demo, module, ["id"]).keys()
        assert "unsettled" not in rest.state["bookmarks"][module]


@pytest.mark.thorough
def test_a_record_that_shows_again_after_a_killed_sweep_took_it_for_gone_is_emitted_again(
    demo: DemoOrganisation,
) -> None:
    """A role hides it, without a trace in Zoho's lists, and shows it."""
    state, table = sweep_due(demo)
    tasks, hidden = demo.organisation.records.table("Tasks"), next(iter(table))
    kept: Any = tasks.find(int(hidden))
    tasks.drop(int(hidden))
    demo.settable_clock.advance(60)
    whole = read_records(demo, "Tasks", state=state, **SWEEPING)
    lines = whole.stdout.splitlines(keepends=True)
    [gone] = [n for n, line in enumerate(lines) if b'"RECORD"' in line and hidden.encode() in line]
    reached = len(b"".join(lines[:gone]))
    state = [state for output, state in cuts(whole) if len(output) <= reached][-1]
    assert hidden not in applied(table, b"".join(lines[: gone + 1]), "Tasks")
    tasks.keep(kept)
    demo.settable_clock.advance(60)
    rest = read_records(demo, "Tasks", state=state, **SWEEPING)
    assert applied(table, rest.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()


@pytest.mark.thorough
def test_a_sweep_brings_back_no_record_that_the_run_has_said_to_be_deleted(
    demo: DemoOrganisation,
) -> None:
    """Zoho's list of deletions has it, and what lists records lags behind."""
    state, table = sweep_due(demo)
    tasks, gone = demo.organisation.records.table("Tasks"), next(iter(table))
    kept: Any = tasks.find(int(gone))
    demo.settable_clock.advance(3_600)
    demo.organisation.records.delete("Tasks", gone)
    demo.settable_clock.advance(60)

    def lists_ids(request: Request) -> bool:
        return query_of(request).startswith("select id, Modified_Time from Tasks")

    with before(lists_ids, lambda: tasks.keep(kept), times=1):
        second = read_records(demo, "Tasks", state=state, **SWEEPING)

    assert "30 records exist" in second.stderr
    assert gone not in applied(table, second.stdout, "Tasks")


@pytest.mark.thorough
def test_what_a_failed_first_read_emitted_and_is_gone_is_swept_by_the_next_one(
    demo: DemoOrganisation,
) -> None:
    module = "Sample_Readings"
    demo.organisation.records.resize(module, 30)
    victim, *_, last = sorted(ids(demo, module), key=int)
    with small_pages(5), lists_lack(module, last):
        failed = read_records(demo, module, **SWEEPING)
    assert "some are missing" in failed.error
    table = emitted(failed.stdout, module)
    assert victim in table
    delete(demo, module, [victim], permanent=True)
    second = read_records(demo, module, state=failed.state, **SWEEPING)
    assert second.code == 0, second.stderr
    assert_truth(demo, module, applied(table, second.stdout, module))
