"""What the simulation has found, each as a test of its own."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.pages import small_pages
from support.records import (
    applied,
    cuts,
    emitted,
    existing,
    read_records,
    read_whole,
    records_catalog,
    truth,
)
from support.wire import after, before, query_of

from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.calls import Request

pytestmark = pytest.mark.thorough


def test_a_column_that_is_new_before_a_first_read_has_ended_is_filled(
    demo: DemoOrganisation,
) -> None:
    narrow = records_catalog("Tasks")
    for item in narrow["streams"][0]["metadata"]:
        if item["breadcrumb"][-1:] == ["Subject"]:
            item["metadata"]["selected"] = False
    with small_pages(5):
        first = read_records(demo, catalog=narrow, read_path="coql")
        output, state = cuts(first, "position")[2]
        table = emitted(output, "Tasks")
        demo.settable_clock.advance(60)
        second = read_records(demo, catalog=narrow, state=state, read_path="coql")
        # It is killed when it has what the first run began to read, and not what came since.
        output, state = cuts(second, "replication_key_value")[0]
        applied(table, output, "Tasks")
        third = read_whole(demo, "Tasks", state=state, read_path="coql")
    applied(table, third.stdout, "Tasks")
    expected = truth(demo, "Tasks", ["Subject"])
    assert {key: {"Subject": row.get("Subject")} for key, row in table.items()} == expected


@pytest.mark.parametrize("begins", [False, True])
def test_a_record_restored_unchanged_before_the_bin_may_be_listed_is_read(
    demo: DemoOrganisation, *, begins: bool
) -> None:
    store = demo.organisation.records
    rows = sorted(store.read("Tasks", "Modified_Time"), key=lambda row: row["Modified_Time"])
    victim, begin = rows[-1]["id"], rows[len(rows) // 2]["Modified_Time"]
    settings = {"start_date": begin.strftime("%Y-%m-%dT%H:%M:%SZ")} if begins else {}
    store.delete("Tasks", victim)
    demo.inject("*/deleted", Fault.error(403, "NO_PERMISSION", "no"), times=None)
    first = read_records(demo, "Tasks", **settings)
    assert 10 < len(first.rows) < len(rows)
    store.restore("Tasks", victim, touch=False)
    # As long as nobody may look, a sweep in each run would be paid for in vain.
    still = read_records(demo, "Tasks", state=first.state, **settings)
    assert still.rows == []
    demo.clear_faults()
    second = read_records(demo, "Tasks", state=still.state, **settings)
    # The deletions that were due since the first read come with it.
    assert existing(second).keys() == {victim}
    assert victim not in {row["id"] for row in second.rows if row.get("_sdc_deleted_at")}
    assert len(second.rows) > 1
    third = read_records(demo, "Tasks", state=second.state, **settings)
    assert third.rows == []


@pytest.mark.parametrize("path", ["rest", "coql", "bulk"])
def test_a_run_that_is_killed_after_it_has_listed_the_bin_does_not_end_the_search(
    demo: DemoOrganisation, path: str
) -> None:
    store = demo.organisation.records
    victim, *others = truth(demo, "Tasks", ["id"])
    store.delete("Tasks", victim)
    demo.inject("*/deleted", Fault.error(403, "NO_PERMISSION", "no"), times=None)
    first = read_whole(demo, "Tasks", read_path=path, cutoff_lag=0)
    store.restore("Tasks", victim, touch=False)
    demo.clear_faults()
    for changed in others[:12]:
        store.update("Tasks", changed, {"Subject": "changed"})
    store.delete("Tasks", others[-1])
    with small_pages(5):
        killed = cuts(read_whole(demo, "Tasks", read_path=path, state=first.state, cutoff_lag=0))
        assert len(killed) > 3
        for output, state in killed:
            rest = read_whole(demo, "Tasks", read_path=path, state=state, cutoff_lag=0)
            table = applied(emitted(first.stdout, "Tasks"), output, "Tasks")
            assert (
                applied(table, rest.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()
            )


def kills(stdout: bytes) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Yield the output before each STATE with the STATE before that, as a kill leaves them."""
    lines = stdout.splitlines(keepends=True)
    state: dict[str, Any] = {}
    for number, line in enumerate(lines):
        if b'"type":"STATE"' in line:
            yield b"".join(lines[:number]), state
            state = json.loads(line)["value"]


@pytest.mark.parametrize("module", ["Sensors_X_Partners", "Sample_Readings"])
def test_what_a_killed_run_emitted_and_is_deleted_without_trace_is_swept(
    demo: DemoOrganisation, module: str
) -> None:
    store = demo.organisation.records
    store.resize(module, 30)
    with small_pages(5):
        first = read_records(demo, module, delete_sweep_days=1)
        for output, state in kills(first.stdout):
            table = emitted(output, module)
            for row in list(table)[-2:]:
                with contextlib.suppress(LookupError):
                    store.delete(module, row, permanent=True)
            second = read_whole(demo, module, state=state, delete_sweep_days=1)
            applied(table, second.stdout, module)
            assert table.keys() == truth(demo, module, ["id"]).keys()


def test_a_deletion_without_trace_between_sweeps_is_swept_though_all_is_read_each_time(
    demo: DemoOrganisation,
) -> None:
    store, module = demo.organisation.records, "Sensors_X_Partners"
    catalog = records_catalog(module)
    root = next(item for item in catalog["streams"][0]["metadata"] if not item["breadcrumb"])
    root["metadata"]["forced-replication-method"] = "FULL_TABLE"
    catalog["streams"][0]["replication_method"] = "FULL_TABLE"
    first = read_records(demo, catalog=catalog)
    table = emitted(first.stdout, module)
    store.delete(module, next(iter(table)), permanent=True)
    second = read_records(demo, catalog=catalog, state=first.state)
    third = read_records(demo, catalog=catalog, state=second.state, delete_sweep_days=1)
    for run in (second, third):
        applied(table, run.stdout, module)
    assert table.keys() == truth(demo, module, ["id"]).keys()


@pytest.mark.parametrize("is_back_at_once", [True, False])
def test_a_record_that_a_sweep_lacks_for_a_moment_is_read_once_it_is_back(
    demo: DemoOrganisation, *, is_back_at_once: bool
) -> None:
    store = demo.organisation.records
    first = read_records(demo, "Tasks", delete_sweep_days=1)
    victim = next(iter(emitted(first.stdout, "Tasks")))
    first.state["bookmarks"]["Tasks"].pop("swept")

    def sweeps(request: Request) -> bool:
        # Zoho's list of deletions has just been read.
        columns = query_of(request).partition(" from ")[0].removeprefix("select ")
        return {*columns.split(", ")} == {"id", "Modified_Time"}

    def restore() -> None:
        if is_back_at_once:
            store.restore("Tasks", victim, touch=False)

    with (
        before(sweeps, lambda: store.delete("Tasks", victim), times=1),
        after(sweeps, restore, times=1),
    ):
        second = read_whole(demo, "Tasks", state=first.state, delete_sweep_days=1)
    if not is_back_at_once:
        store.restore("Tasks", victim, touch=False)
    for output, state in (*kills(second.stdout), (second.stdout, second.state)):
        table = applied(emitted(first.stdout, "Tasks"), output, "Tasks")
        third = read_whole(demo, "Tasks", state=state or first.state, delete_sweep_days=1)
        assert victim in applied(table, third.stdout, "Tasks")


@pytest.mark.parametrize("path", ["rest", "coql"])
def test_what_was_away_while_a_killed_first_read_passed_it_is_swept(
    demo: DemoOrganisation, path: str
) -> None:
    store = demo.organisation.records
    times = {row["id"]: row["Modified_Time"] for row in store.read("Tasks", "Modified_Time")}
    victim = min(times, key=lambda record_id: (times[record_id], int(record_id)))
    store.delete("Tasks", victim)
    with small_pages(5):
        first = read_whole(demo, "Tasks", read_path=path, delete_sweep_days=1)
        killed = [
            (output, state)
            for output, state in cuts(first)
            if state["bookmarks"]["Tasks"].get("position", {}).get("emitted")
        ]
        assert len(killed) > 2
        for output, state in killed:
            # As if it had been deleted after the look into the recycle bin.
            state["bookmarks"]["Tasks"]["recycled"] = {}
            store.restore("Tasks", victim, touch=False)
            rest = read_whole(demo, "Tasks", state=state, read_path=path, delete_sweep_days=1)
            table = applied(emitted(output, "Tasks"), rest.stdout, "Tasks")
            assert table.keys() == times.keys()
            store.delete("Tasks", victim)
