"""What the simulation has found in what Bulk Read's exports lack, each as a test of its own."""

from __future__ import annotations

import contextlib
import dataclasses
from array import array
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from unittest import mock

import pytest
from support.pages import limited
from support.records import applied, cuts, emitted, read_records, read_whole, truth

from tap_zohocrm_modules.zoho.records.bulk.reader import BulkReader
from tap_zohocrm_modules.zoho.records.coql.reader import CoqlReader
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.reading import Page, Window
from tap_zohocrm_modules.zoho.records.records import Rows
from zohocrm_demo import DemoOrganisation

pytestmark = pytest.mark.thorough


@contextlib.contextmanager
def exports_lack(*ids: str, jobs: int | None = None) -> Iterator[None]:
    """Let Bulk Read's exports lack these records, as if it had taken so many jobs."""
    pages, lacked = BulkReader.pages, set(ids)

    def lacking(reader: BulkReader, *window: Any) -> Iterator[Page]:
        for page in pages(reader, *window):
            yield dataclasses.replace(
                page, records=Rows(one for one in page.records if one["id"] not in lacked)
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


@pytest.mark.parametrize("demo", [{"job_rows": 10}], indirect=True, ids=[""])
def test_a_deletion_without_trace_between_two_bulk_jobs_loses_no_record(
    demo: DemoOrganisation,
) -> None:
    store, module = demo.organisation.records, "Sample_Readings"
    store.positional_tokens = True
    limits = Limits(page_rows=5, query_credits=((5, 1),), job_rows=10, recheck_rows=4)
    with limited(limits):
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
