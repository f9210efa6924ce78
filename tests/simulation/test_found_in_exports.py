"""What the simulation has found in what Bulk Read's exports lack, each as a test of its own."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from support.pages import limited
from support.records import applied, cuts, emitted, read_records, read_whole, truth
from support.wire import after, before, query_of

from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.calls import Request

pytestmark = pytest.mark.thorough


TWO_JOBS = pytest.mark.parametrize("demo", [{"job_rows": 20}], indirect=True, ids=["two jobs"])
ANY_JOBS = pytest.mark.parametrize(
    "demo", [{"job_rows": 20}, {"job_rows": 200}], indirect=True, ids=["two jobs", "one job"]
)


def counts_unchanged(request: Request) -> bool:
    """Whether a query counts the records that have not changed since the cutoff."""
    query = query_of(request)
    return query.startswith("select COUNT(id)") and "Modified_Time < " in query


def lists_changes(request: Request) -> bool:
    """Whether a query lists the records that have."""
    query = query_of(request)
    return query.startswith("select id ") and "Modified_Time >= " in query


def exports_lack(demo: DemoOrganisation, *ids: str) -> None:
    """Let Bulk Read's exports lack these records."""
    demo.organisation.records.bulk_jobs.lacks.update(map(int, ids))


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


@TWO_JOBS
def test_a_change_while_an_export_is_checked_hides_no_record_that_it_lacks(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    first_id, *_, last_id = truth(demo, "Tasks", ["id"])
    exports_lack(demo, first_id)

    # The answer is on its way when another record changes.
    with after(lists_changes, lambda: store.update("Tasks", last_id, {"Subject": "changed"})):
        assert first_id in exported(demo)


@ANY_JOBS
def test_a_record_deleted_between_the_lists_of_what_is_gone_hides_no_record_that_is_lacking(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    first_id, *_, last_id = truth(demo, "Tasks", ["id"])
    exports_lack(demo, first_id)

    def change() -> None:
        with contextlib.suppress(LookupError):
            store.update("Tasks", last_id, {"Subject": "changed"})

    def delete() -> None:
        with contextlib.suppress(LookupError):
            store.delete("Tasks", last_id)

    with before(counts_unchanged, change), before(lists_changes, delete):
        assert first_id in exported(demo)


@ANY_JOBS
def test_a_record_that_is_away_while_an_export_is_counted_hides_no_record_that_it_lacks(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    first_id, *_, last_id = truth(demo, "Tasks", ["id"])
    exports_lack(demo, first_id)

    def restore() -> None:
        store.restore("Tasks", last_id, touch=False)

    with (
        before(counts_unchanged, lambda: store.delete("Tasks", last_id), times=1),
        after(counts_unchanged, restore, times=1),
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
    exports_lack(demo, first_id)

    def counts_the_first_range(request: Request) -> bool:
        query = query_of(request)
        return counts_unchanged(request) and "id <= " in query and "id > " not in query

    def change() -> None:
        store.update("Tasks", second_id, {"Subject": "changed"})

    with limited(Limits(recheck_rows=4)), before(counts_the_first_range, change, times=1):
        assert first_id in exported(demo)


def test_an_export_that_lacks_more_than_is_read_at_a_time_is_completed(
    demo: DemoOrganisation,
) -> None:
    expected = truth(demo, "Tasks", ["id"]).keys()
    exported = sorted(expected, key=int)[20:22]
    exports_lack(demo, *expected - {*exported})

    with limited(Limits(recheck_rows=4)):
        run = read_whole(demo, "Tasks", read_path="bulk", credit_budget=100)
    assert emitted(run.stdout, "Tasks").keys() == expected
