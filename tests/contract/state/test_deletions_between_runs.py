"""Deletions are emitted once, whichever run comes to them: killed, refused, of a full table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.demo import config_for
from support.pages import paged_demo
from support.records import (
    bookmarked,
    cuts,
    read_records,
    read_whole,
    records_catalog,
)
from support.run import Run, run_tap
from support.wire import server_time

from zohocrm_demo import DemoOrganisation, Fault

pytestmark = pytest.mark.thorough

PER_PAGE = 20
COUNT = 90
LONG_AGO = datetime(2026, 9, 1, tzinfo=timezone.utc)


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with paged_demo("Tasks", COUNT, PER_PAGE, unstamped=2, profile=profile) as organisation:
        yield organisation


def tombstones(run: Run) -> list[str]:
    """The ids of the deletions that a run has emitted."""
    return [row["id"] for row in run.rows if row.get("_sdc_deleted_at")]


def test_a_killed_first_read_emits_deletions_of_long_ago_and_no_later_run_does(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    victims = [row["id"] for row in store.read("Tasks", "id")][:30]
    for victim in victims:
        store.delete("Tasks", victim, at=LONG_AGO)
    whole = read_records(demo, "Tasks", read_path="rest")
    listed = sorted(tombstones(whole))
    assert {*victims} <= {*listed}
    (_, state), *_ = [cut for cut in cuts(whole) if "replication_key_value" in str(cut[1])]
    rest = read_whole(demo, "Tasks", state=state, read_path="rest")
    assert sorted(tombstones(rest)) == listed
    later = read_whole(demo, "Tasks", state=rest.state, read_path="rest")
    assert tombstones(later) == []


def test_a_full_table_emits_what_was_deleted_since_the_run_before(demo: DemoOrganisation) -> None:
    full = records_catalog("Tasks", replication_method="FULL_TABLE")
    config = config_for(demo, cutoff_lag=0)
    earlier = next(demo.organisation.records.read("Tasks", "id"))["id"]
    demo.organisation.records.delete("Tasks", earlier, at=LONG_AGO)
    first = run_tap(config=config, catalog=full)
    # A table that was not empty may have it.
    assert earlier in tombstones(first)
    victim = first.rows[0]["id"]
    demo.organisation.records.delete("Tasks", victim)
    demo.organisation.records.clock = lambda: datetime.now(timezone.utc) + timedelta(minutes=1)
    state = first.state
    with server_time(now=lambda: datetime.now(timezone.utc) + timedelta(minutes=1)):
        second = run_tap(config=config, catalog=full, state=state)
    assert tombstones(second) == [victim]
    assert len(second.rows) == COUNT - 1


def test_deletions_that_may_not_be_read_are_emitted_once_they_may(demo: DemoOrganisation) -> None:
    now = datetime.now(timezone.utc)

    def read_at(minute: int, state: Any = None) -> Run:
        later = now + timedelta(minutes=minute)
        with server_time(now=lambda: later):
            return read_records(demo, "Tasks", state=state)

    first = read_at(0)
    victim = first.rows[0]["id"]
    demo.organisation.records.delete("Tasks", victim, at=now + timedelta(seconds=30))
    demo.inject("/crm/v8/Tasks/deleted", Fault.error(403, "NO_PERMISSION"))
    refused = read_at(1, first.state)
    assert refused.rows == []
    assert "which will be emitted once they may be read" in refused.stderr
    allowed = read_at(2, refused.state)
    assert [row["id"] for row in allowed.rows] == [victim]


@pytest.mark.parametrize("more", [{}, {"start_date": "2026-06-01"}])
@pytest.mark.parametrize("method", ["FULL_TABLE", "INCREMENTAL"])
def test_deletions_since_the_bookmark_are_emitted_whatever_else_is_chosen_since(
    demo: DemoOrganisation, method: str, more: dict[str, str]
) -> None:
    victim = next(demo.organisation.records.read("Tasks", "Subject"))["id"]
    demo.organisation.records.delete("Tasks", victim, at=datetime(2026, 3, 1, tzinfo=timezone.utc))
    chosen = records_catalog("Tasks", replication_method=method)
    config, begin = config_for(demo, **more), bookmarked("Tasks", "2026-02-01T00:00:00Z")
    run = run_tap(config=config, catalog=chosen, state=begin)
    assert victim in {row["id"] for row in run.rows if row.get("_sdc_deleted_at")}
    # Killed at its first STATE.
    rest = run_tap(config=config, catalog=chosen, state=cuts(run)[0][1])
    assert victim in {row["id"] for row in rest.rows if row.get("_sdc_deleted_at")}
