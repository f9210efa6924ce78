"""One answer that is false, once: what claims to be everything is compared before it counts."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from support.altered import rows_of, with_rows
from support.demo import sample_demo
from support.pages import small_pages
from support.records import applied, emitted, read_records, records_catalog, truth
from support.wire import Options, Send, altered_answers, on_the_way, params_of, query_of

from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.answers import NO_CONTENT, Answer
from zohocrm_demo.calls import Request

LONG_AGO = "2026-01-01T00:00:00Z"
UNCOUNTED = "Sensors_X_Partners"
PLACES = {"rest": "*/v8/Tasks", "coql": "*/coql"}


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with sample_demo() as organisation:
        yield organisation


@pytest.mark.parametrize("path", ["rest", "coql", "auto"])
@pytest.mark.parametrize("method", ["INCREMENTAL", "FULL_TABLE"])
def test_an_empty_answer_to_a_first_read_with_start_date_is_an_error(
    demo: DemoOrganisation, path: str, method: str
) -> None:
    demo.organisation.records.resize("Tasks", 120)
    catalog = records_catalog("Tasks")
    root = next(item for item in catalog["streams"][0]["metadata"] if not item["breadcrumb"])
    root["metadata"]["forced-replication-method"] = method
    settings: dict[str, Any] = {"read_path": path, "start_date": "2020-01-01"}
    if method == "FULL_TABLE":
        settings["emit_activate_version_messages"] = True
    demo.inject(PLACES.get(path, "*/coql"), Fault.empty())
    run = read_records(demo, catalog=catalog, **settings)
    assert "some are missing" in run.error
    assert "ACTIVATE_VERSION" not in run.types
    again = read_records(demo, catalog=catalog, state=run.state, **settings)
    assert again.code == 0, again.stderr
    assert emitted(again.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()


@pytest.mark.parametrize("path", ["rest", "coql", "auto"])
def test_one_page_that_lacks_records_and_denies_more_is_an_error(
    demo: DemoOrganisation, path: str
) -> None:
    demo.organisation.records.resize("Tasks", 120)
    kinds = {"/crm/v8/Tasks", "/crm/v8/coql"}

    def way(request: Request, send: Send) -> Answer:
        answer = send(request)
        if request.path not in kinds or "COUNT" in query_of(request):
            return answer
        kinds.clear()
        return with_rows(answer, rows_of(answer)[:90])

    with on_the_way(way):
        run = read_records(demo, "Tasks", read_path=path)
    assert "some are missing" in run.error
    again = read_records(demo, "Tasks", state=run.state, read_path=path)
    assert emitted(again.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()


@pytest.mark.parametrize("path", ["rest", "coql"])
def test_a_first_read_that_went_on_with_an_empty_answer_begins_anew(
    demo: DemoOrganisation, path: str
) -> None:
    demo.organisation.records.resize("Tasks", 1_200)
    begun = read_records(demo, "Tasks", read_path=path, credit_budget=5)
    table = emitted(begun.stdout, "Tasks")
    assert 0 < len(table) < 1_200
    demo.settable_clock.advance(60)
    demo.inject(PLACES[path], Fault.empty())
    failed = read_records(demo, "Tasks", state=begun.state, read_path=path)
    assert "some are missing" in failed.error
    applied(table, failed.stdout, "Tasks")
    demo.settable_clock.advance(60)
    again = read_records(demo, "Tasks", state=failed.state, read_path=path)
    assert again.code == 0, again.stderr
    assert applied(table, again.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()


@pytest.mark.parametrize("path", ["rest", "coql"])
def test_an_empty_answer_to_a_second_read_leaves_its_columns_to_be_filled(
    demo: DemoOrganisation, path: str
) -> None:
    demo.organisation.records.resize("Tasks", 120)
    narrow = records_catalog("Tasks", without=["Subject"])
    first = read_records(demo, catalog=narrow, read_path=path)
    table = emitted(first.stdout, "Tasks")
    demo.settable_clock.advance(60)
    # The first call asks for changes.
    demo.inject(PLACES[path], Fault.empty(), nth=2)
    second = read_records(demo, "Tasks", state=copy.deepcopy(first.state), read_path=path)
    assert "some are missing" in second.error
    assert "Subject" not in second.state["bookmarks"]["Tasks"]["columns"]
    third = read_records(demo, "Tasks", state=second.state, read_path=path)
    assert third.code == 0, third.stderr
    applied(table, third.stdout, "Tasks")
    expected = truth(demo, "Tasks", ["Subject"])
    assert {key: {"Subject": row.get("Subject")} for key, row in table.items()} == expected


def test_a_sweep_that_finds_nothing_at_all_asks_twice(demo: DemoOrganisation) -> None:
    module = "Sample_Readings"
    demo.organisation.records.resize(module, 120)
    first = read_records(demo, module, delete_sweep_days=1, read_path="coql")
    table = emitted(first.stdout, module)
    assert len(table) == 120
    first.state["bookmarks"][module]["swept"] = LONG_AGO
    demo.settable_clock.advance(60)
    # The first call asks for changes, the second for ids.
    demo.inject("*/coql", Fault.empty(), nth=2)
    second = read_records(demo, module, state=first.state, delete_sweep_days=1, read_path="coql")
    assert second.code == 0, second.stderr
    assert applied(table, second.stdout, module).keys() == truth(demo, module, ["id"]).keys()
    assert second.rows == []


def test_a_sweep_whose_ids_are_fewer_than_zoho_counts_deletes_nothing(
    demo: DemoOrganisation,
) -> None:
    module = "Sample_Readings"
    demo.organisation.records.resize(module, 120)
    first = read_records(demo, module, delete_sweep_days=1, read_path="coql")
    first.state["bookmarks"][module]["swept"] = LONG_AGO
    demo.settable_clock.advance(60)
    # Ids, and ids again.
    demo.inject("*/coql", Fault.empty(), nth=2, times=2)
    second = read_records(demo, module, state=first.state, delete_sweep_days=1, read_path="coql")
    assert "120" in second.error
    assert "run again" in second.error.lower()
    assert second.rows == []
    assert second.state["bookmarks"][module]["swept"] == LONG_AGO


def test_a_wholesale_deletion_that_is_true_is_emitted(demo: DemoOrganisation) -> None:
    module = "Sample_Readings"
    demo.organisation.records.resize(module, 120)
    first = read_records(demo, module, delete_sweep_days=1)
    table = emitted(first.stdout, module)
    for key in list(table)[:100]:
        demo.organisation.records.delete(module, key, permanent=True)
    first.state["bookmarks"][module]["swept"] = LONG_AGO
    demo.settable_clock.advance(60)
    second = read_records(demo, module, state=first.state, delete_sweep_days=1)
    assert second.code == 0, second.stderr
    assert applied(table, second.stdout, module).keys() == truth(demo, module, ["id"]).keys()
    assert len(table) == 20


def ends_before(first: str, module: str = UNCOUNTED) -> Options:
    """Let the first list in which a record is end before it, and say that none follow."""
    due = [first]

    def alter(request: Request, answer: Answer) -> Answer:
        is_list = request.path == f"/crm/v8/{module}" and "ids" not in params_of(request)
        rows = rows_of(answer) if is_list and answer.body else []
        ids = [row["id"] for row in rows]
        if params_of(request).get("sort_order") == "desc" or not {*due} & {*ids}:
            return answer
        kept = rows[: ids.index(due.pop())]
        return with_rows(answer, kept) if kept else NO_CONTENT

    return altered_answers(alter)


def by_time(demo: DemoOrganisation, module: str = UNCOUNTED) -> list[str]:
    """The ids of a module's records, in the order of their changes."""
    rows = demo.organisation.records.read(module, "id", "Modified_Time")
    return [row["id"] for row in sorted(rows, key=lambda row: (row["Modified_Time"], row["id"]))]


@pytest.mark.parametrize("kept", [0, 7])
@pytest.mark.parametrize("method", ["INCREMENTAL", "FULL_TABLE"])
def test_a_list_that_ends_too_early_is_completed_where_nothing_counts_records(
    demo: DemoOrganisation, method: str, kept: int
) -> None:
    demo.organisation.records.resize(UNCOUNTED, 20)
    catalog = records_catalog(UNCOUNTED)
    root = next(item for item in catalog["streams"][0]["metadata"] if not item["breadcrumb"])
    root["metadata"]["forced-replication-method"] = method
    settings: dict[str, Any] = {"emit_activate_version_messages": method == "FULL_TABLE"}
    with ends_before(by_time(demo)[kept]):
        run = read_records(demo, catalog=catalog, **settings)
    assert run.code == 0, run.stderr
    assert emitted(run.stdout, UNCOUNTED).keys() == truth(demo, UNCOUNTED, ["id"]).keys()
    assert (run.types[-2:] == ["ACTIVATE_VERSION", "STATE"]) == (method == "FULL_TABLE")


def test_a_read_that_begins_anew_is_completed_with_what_an_earlier_one_has_emitted(
    demo: DemoOrganisation,
) -> None:
    """Its version of the table has nothing of the earlier one's."""
    demo.organisation.records.resize(UNCOUNTED, 20)
    first = read_records(demo, UNCOUNTED, emit_activate_version_messages=True)
    part = first.state["bookmarks"][UNCOUNTED]
    del part["replication_key_value"], part["replication_key"]
    with ends_before(by_time(demo)[7]):
        run = read_records(demo, UNCOUNTED, state=first.state, emit_activate_version_messages=True)
    assert emitted(run.stdout, UNCOUNTED).keys() == truth(demo, UNCOUNTED, ["id"]).keys()


@pytest.mark.thorough
def test_a_long_list_that_several_runs_have_read_is_not_read_once_more(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize(UNCOUNTED, 90)
    settings: dict[str, Any] = {"delete_sweep_days": 1}
    with small_pages(3):
        begun = read_records(demo, UNCOUNTED, credit_budget=12, **settings)
        table = emitted(begun.stdout, UNCOUNTED)
        assert 0 < len(table) < 90
        rest = read_records(demo, UNCOUNTED, state=begun.state, **settings)
    assert rest.code == 0, rest.stderr
    assert any("too many records to be compared" in text for text in rest.logged("INFO"))
    expected = truth(demo, UNCOUNTED, ["id"]).keys()
    assert applied(table, rest.stdout, UNCOUNTED).keys() == expected


def test_a_second_read_that_ends_too_early_is_completed_where_nothing_counts_records(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize(UNCOUNTED, 20)
    narrow = records_catalog(UNCOUNTED, without=["Sensor"])
    first = read_records(demo, catalog=narrow)
    demo.settable_clock.advance(60)
    with ends_before(by_time(demo)[7]):
        second = read_records(demo, UNCOUNTED, state=first.state)
    assert second.code == 0, second.stderr
    assert emitted(second.stdout, UNCOUNTED).keys() == truth(demo, UNCOUNTED, ["id"]).keys()


def test_records_without_a_time_do_not_make_up_for_an_empty_answer(demo: DemoOrganisation) -> None:
    module, start = "Sensors_X_Partners", datetime(2025, 3, 1, tzinfo=timezone.utc)
    demo.organisation.records.resize(module, 20, unstamped=3)
    rows = demo.organisation.records.read(module, "Modified_Time")
    wanted = {row["id"] for row in rows if (row["Modified_Time"] or start) >= start}
    # The first page has those without a time, and others from before: a page since then follows.
    demo.inject(f"*/v8/{module}", Fault.empty(), nth=3)
    with small_pages(8):
        run = read_records(demo, module, read_path="rest", start_date=start.isoformat())
    assert run.code == 0, run.stderr
    assert 3 < len(wanted) < 20
    assert emitted(run.stdout, module).keys() == wanted


def test_an_empty_module_that_nothing_counts_is_no_failure(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize(UNCOUNTED, 0)
    run = read_records(demo, UNCOUNTED)
    assert run.code == 0, run.stderr
    assert run.rows == []


def test_an_empty_answer_after_a_refused_field_is_no_end(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 23)
    refusal = Fault.error(400, "INVALID_QUERY", "no", {"column_name": "Subject"})
    with small_pages(5):
        demo.inject("*/coql", refusal, nth=2)
        # The read begins anew, without the field.
        demo.inject("*/coql", Fault.empty(), nth=3)
        run = read_records(demo, "Tasks", read_path="coql")
        assert "some are missing" in run.error
        again = read_records(demo, "Tasks", state=run.state, read_path="coql")
    assert again.code == 0, again.stderr
    assert emitted(again.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()
