"""What the simulation has found, each as a test of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from array import array
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from unittest import mock

import pytest
from support.pages import limited, small_pages
from support.records import applied, cuts, emitted, read_records, read_whole, records_catalog, truth

from tap_zohocrm_modules.sync.tombstones import Sweep
from tap_zohocrm_modules.zoho.records.bulk.reader import BulkReader
from tap_zohocrm_modules.zoho.records.coql.reader import CoqlReader
from tap_zohocrm_modules.zoho.records.id_set import IdSet
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.reading import Page, Window
from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.families import bulk_read

pytestmark = pytest.mark.thorough


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(mints_per_window=1_000, active_tokens=99) as organisation:
        organisation.organisation.records.resize("Tasks", 30)
        organisation.organisation.records.resize("Sample_Readings", 30)
        yield organisation


@contextlib.contextmanager
def exports_lack(*ids: str, jobs: int | None = None) -> Iterator[None]:
    """Let Bulk Read's exports lack these records, as if it had taken so many jobs."""
    pages, lacked = BulkReader.pages, set(ids)

    def lacking(reader: BulkReader, *window: Any) -> Iterator[Page]:
        for page in pages(reader, *window):
            yield dataclasses.replace(
                page, records=[one for one in page.records if one["id"] not in lacked]
            )
        reader.unchanged[:] = array(
            "Q", (one for one in reader.unchanged if str(one) not in lacked)
        )
        if jobs is not None:
            reader.jobs_read = jobs

    with mock.patch.object(BulkReader, "pages", lacking):
        yield


def exported(demo: DemoOrganisation) -> dict[str, dict[str, Any]]:
    """The tasks as Bulk Read has them."""
    run = read_whole(demo, "Tasks", read_path="bulk")
    return emitted(run.stdout, "Tasks")


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
    demo.clear_faults()
    second = read_records(demo, "Tasks", state=first.state, **settings)
    assert {row["id"] for row in second.rows} == {victim}
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


def test_a_deletion_without_trace_between_two_bulk_jobs_loses_no_record(
    demo: DemoOrganisation,
) -> None:
    store, module = demo.organisation.records, "Sample_Readings"
    store.positional_tokens = True
    limits = Limits(page_rows=5, query_credits=((5, 1),), job_rows=10, recheck_rows=4)
    with limited(limits), mock.patch.object(bulk_read, "ROWS_PER_PAGE", 10):
        first = read_records(demo, module, read_path="bulk")
        for output, state in cuts(first, "bulk_jobs"):
            table = emitted(output, module)
            store.delete(module, next(iter(truth(demo, module, ["id"]))), permanent=True)
            second = read_whole(demo, module, state=state, read_path="bulk")
            applied(table, second.stdout, module)
            assert truth(demo, module, ["id"]).keys() <= table.keys()


def test_a_change_while_an_export_is_checked_hides_no_record_that_it_lacks(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    first_id, *_, last_id = truth(demo, "Tasks", ["id"])
    changed_ids = CoqlReader.changed_ids

    def change_then(reader: CoqlReader, since: datetime) -> list[str]:
        found = list(changed_ids(reader, since))
        # The answer is on its way when another record changes.
        store.update("Tasks", last_id, {"Subject": "changed"})
        return found

    with (
        exports_lack(first_id, jobs=2),
        mock.patch.object(CoqlReader, "changed_ids", change_then),
    ):
        assert first_id in exported(demo)


def test_a_record_deleted_between_the_lists_of_what_is_gone_hides_no_record_that_is_lacking(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    first_id, *_, last_id = truth(demo, "Tasks", ["id"])
    count_unchanged, changed_ids = CoqlReader.count_unchanged, CoqlReader.changed_ids

    def change_first(reader: CoqlReader, window: Window, *ids: str | None) -> int:
        if last_id in truth(demo, "Tasks", ["id"]):
            store.update("Tasks", last_id, {"Subject": "changed"})
        return count_unchanged(reader, window, *ids)

    def delete_before(reader: CoqlReader, since: datetime) -> list[str]:
        with contextlib.suppress(LookupError):
            store.delete("Tasks", last_id)
        return list(changed_ids(reader, since))

    with (
        exports_lack(first_id, jobs=2),
        mock.patch.object(CoqlReader, "count_unchanged", change_first),
        mock.patch.object(CoqlReader, "changed_ids", delete_before),
    ):
        assert first_id in exported(demo)


def test_a_record_that_is_away_while_an_export_is_counted_hides_no_record_that_it_lacks(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    first_id, *_, last_id = truth(demo, "Tasks", ["id"])
    count_unchanged = CoqlReader.count_unchanged
    counted: list[int] = []

    def away(reader: CoqlReader, window: Window, *ids: str | None) -> int:
        if counted:
            return count_unchanged(reader, window, *ids)
        store.delete("Tasks", last_id)
        counted.append(count_unchanged(reader, window, *ids))
        store.restore("Tasks", last_id, touch=False)
        return counted[0]

    with (
        exports_lack(first_id, jobs=2),
        mock.patch.object(CoqlReader, "count_unchanged", away),
    ):
        run = read_whole(demo, "Tasks", read_path="bulk")
    assert (
        emitted(run.stdout, "Tasks").keys()
        == {first_id, last_id} | truth(demo, "Tasks", ["id"]).keys()
    )


def test_a_change_while_ranges_of_ids_are_counted_hides_no_record_that_the_export_lacks(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    first_id, second_id, *_ = truth(demo, "Tasks", ["id"])
    count_unchanged = CoqlReader.count_unchanged
    changed: list[str] = []

    def change_first(reader: CoqlReader, window: Window, *ids: str | None) -> int:
        if ids and ids[0] is None and not changed:
            changed.append(second_id)
            store.update("Tasks", second_id, {"Subject": "changed"})
        return count_unchanged(reader, window, *ids)

    with (
        limited(Limits(recheck_rows=4)),
        exports_lack(first_id),
        mock.patch.object(CoqlReader, "count_unchanged", change_first),
    ):
        assert first_id in exported(demo)


def test_an_export_that_lacks_more_than_is_read_at_a_time_is_completed(
    demo: DemoOrganisation,
) -> None:
    expected = truth(demo, "Tasks", ["id"]).keys()
    exported = sorted(expected, key=int)[20:22]

    with (
        limited(Limits(recheck_rows=4)),
        exports_lack(*expected - {*exported}),
    ):
        run = read_whole(demo, "Tasks", read_path="bulk", credit_budget=100)
    assert emitted(run.stdout, "Tasks").keys() == expected


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
    store, existing_ids = demo.organisation.records, Sweep._existing
    first = read_records(demo, "Tasks", delete_sweep_days=1)
    victim = next(iter(emitted(first.stdout, "Tasks")))
    first.state["bookmarks"]["Tasks"].pop("swept")

    def while_it_is_away(sweep: Sweep) -> tuple[IdSet, IdSet]:
        # Zoho's list of deletions has just been read.
        store.delete("Tasks", victim)
        found = existing_ids(sweep)
        if is_back_at_once:
            store.restore("Tasks", victim, touch=False)
        return found

    with mock.patch.object(Sweep, "_existing", while_it_is_away):
        second = read_whole(demo, "Tasks", state=first.state, delete_sweep_days=1)
    if not is_back_at_once:
        store.restore("Tasks", victim, touch=False)
    for output, state in (*kills(second.stdout), (second.stdout, second.state)):
        table = applied(emitted(first.stdout, "Tasks"), output, "Tasks")
        third = read_whole(demo, "Tasks", state=state or first.state, delete_sweep_days=1)
        assert victim in applied(table, third.stdout, "Tasks")
