"""Bulk jobs: taken up again after a kill, made again when lost, waited for whatever their state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.cases import thorough
from support.demo import config_for
from support.pages import limited
from support.records import applied, emitted, existing, read_records, records_catalog, truth
from support.run import Run, run_tap
from support.sample import awkward_sample
from support.wire import after

from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.limits import RequestLimits

pytestmark = pytest.mark.thorough

BULK = "/crm/bulk/v8/read"


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample, profile=profile) as organisation:
        yield organisation


@pytest.fixture
def small_jobs() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample, limits=RequestLimits(job_rows=40)) as organisation:
        yield organisation


def killed(run: Run, words: bytes) -> dict[str, Any]:
    """The STATE after the first line with these words, as if the run had been killed there."""
    for line in run.stdout.split(b"\n"):
        if words in line and b'"type":"STATE"' in line:
            state: dict[str, Any] = json.loads(line)["value"]
            return state
    raise AssertionError(words)


def jobs_created(demo: DemoOrganisation) -> int:
    return sum(call.path == BULK and call.method == "POST" for call in demo.calls)


def test_a_bulk_job_is_taken_up_again_and_not_paid_for_again(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 300)
    first = read_records(demo, "Tasks", read_path="bulk")
    state = killed(first, b"bulk_jobs")
    assert jobs_created(demo) == 1
    second = read_records(demo, "Tasks", state=state, read_path="bulk")
    assert second.code == 0
    assert jobs_created(demo) == 1
    assert emitted(second.stdout, "Tasks").keys() == truth(demo, "Tasks", ["Subject"]).keys()


@thorough
def test_what_a_bulk_job_gave_before_the_kill_is_not_given_again(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 5_000)
    first = read_records(demo, "Tasks", read_path="bulk")
    lines = first.stdout.split(b"\n")
    place = next(at for at, line in enumerate(lines) if b'"bulk_rows_given":2000' in line)
    table = applied({}, b"\n".join(lines[: place + 300]), "Tasks")
    second = read_records(demo, "Tasks", state=json.loads(lines[place])["value"], read_path="bulk")
    assert second.code == 0
    assert jobs_created(demo) == 1
    assert sum(not row.get("_sdc_deleted_at") for row in second.rows) == 3_000
    assert applied(table, second.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()


def test_a_bulk_job_that_zoho_has_forgotten_is_made_again(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 30)
    first = read_records(demo, "Tasks", read_path="bulk")
    state = json.loads(
        json.dumps(killed(first, b"bulk_jobs")).replace("59371049900", "59371049999")
    )
    second = read_records(demo, "Tasks", state=state, read_path="bulk")
    assert second.code == 0, second.stderr
    assert jobs_created(demo) == 2
    assert len(emitted(second.stdout, "Tasks")) == 30


@pytest.mark.parametrize("course", [("ADDED", "FAILURE"), ("PAUSED", "QUEUED", "COMPLETED")])
def test_jobs_that_fail_are_read_otherwise_and_unknown_states_are_waited_for(
    demo: DemoOrganisation, course: tuple[str, ...]
) -> None:
    demo.organisation.records.resize("Tasks", 250)
    demo.organisation.records.bulk_jobs.plan(*course)
    run = read_records(demo, "Tasks", read_path="bulk")
    assert run.code == 0, run.stderr
    assert len(emitted(run.stdout, "Tasks")) == 250
    assert ("not all read by Bulk Read" in run.stderr) == ("FAILURE" in course)


@pytest.mark.parametrize("gone", [1, 2, 64])
def test_records_deleted_since_the_job_are_left_out(demo: DemoOrganisation, gone: int) -> None:
    store = demo.organisation.records
    store.resize("Leads", 65)
    ids = [row["id"] for row in store.read("Leads", "id")]

    def delete() -> None:
        for record_id in ids[:gone]:
            store.delete("Leads", record_id)

    with after(lambda request: request.path.endswith("/result"), delete):
        run = run_tap(config=config_for(demo, read_path="bulk"), catalog=records_catalog("Leads"))
    assert run.code == 0, run.logged("ERROR")
    # Bulk Read lacks a field, which Get Records cannot give of them any more.
    assert "fields by Get Records" in run.stderr
    assert existing(run).keys() == set(ids[gone:])


def test_records_of_which_get_records_gives_none_are_not_taken_for_deleted(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    store.resize("Leads", 65)
    first = min(row["id"] for row in store.read("Leads", "id"))
    # After the list of converted leads.
    demo.inject("/crm/v8/Leads", Fault(status=204, body=""), nth=2, times=None)
    run = run_tap(config=config_for(demo, read_path="bulk"), catalog=records_catalog("Leads"))
    assert f"Zoho lists the record {first} and 64 others, but Get Records does not" in run.error
    assert run.rows == []


def test_an_answer_by_ids_that_holds_records_back_is_an_error(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Leads", 65)
    # With every key: of those that a row lacks the record is asked for by its id.
    row = {**dict.fromkeys(demo.organisation.records.fields("Leads")), "id": "1"}
    body = {"data": [row], "info": {"more_records": True, "next_page_token": "x"}}
    demo.inject("/crm/v8/Leads", Fault(status=200, body=json.dumps(body)), nth=2, times=None)
    run = run_tap(config=config_for(demo, read_path="bulk"), catalog=records_catalog("Leads"))
    assert "Get Records returned 1 of 65 records asked for by id, and announced more" in run.error


@pytest.mark.parametrize("at_once", [20, 2_000])
@pytest.mark.parametrize("lacking", [1, 7])
def test_what_bulk_read_lacks_is_read_by_queries(
    small_jobs: DemoOrganisation, lacking: int, at_once: int
) -> None:
    demo = small_jobs
    demo.organisation.records.resize("Tasks", 300)
    ids = [row["id"] for row in demo.organisation.records.read("Tasks", "id")]
    lost = {int(record_id) for record_id in ids[11 :: 300 // lacking][:lacking]}
    demo.organisation.records.bulk_jobs.lacks.update(lost)
    with limited(Limits(recheck_rows=at_once, sorted_ids=50)):
        run = read_records(demo, "Tasks", read_path="bulk")
    assert run.code == 0, run.logged("ERROR")
    assert f"Bulk Read lacked {lacking} record" in run.stderr
    rows = [row["id"] for row in run.rows if not row.get("_sdc_deleted_at")]
    assert sorted(rows) == sorted(ids)


@pytest.mark.parametrize("count", [30, 100])
def test_an_export_that_nothing_counts_is_not_called_whole(
    small_jobs: DemoOrganisation, count: int
) -> None:
    demo = small_jobs
    demo.organisation.records.resize("Tasks", count)
    ids = sorted(int(row["id"]) for row in demo.organisation.records.read("Tasks", "id"))
    # At the end of the list it would be found.
    demo.organisation.records.bulk_jobs.lacks.add(ids[11])
    refusal = Fault.error(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope")
    demo.inject("*/coql", refusal, times=None)
    run = read_records(demo, "Tasks", read_path="bulk")
    assert run.code == 0, run.logged("ERROR")
    assert "whether Bulk Read exported every record is not known" in run.stderr


@pytest.mark.parametrize("job", ["1000.token", "", ["1"], "9" * 40, "../jobs"])
def test_what_is_no_id_of_a_job_gets_into_no_path_and_no_state(
    demo: DemoOrganisation, job: object
) -> None:
    demo.organisation.records.resize("Tasks", 300)
    body = json.dumps({"data": [{"status": "success", "details": {"id": job}}]})
    fault = Fault(status=201, body=body, content_type="application/json")
    demo.inject(BULK, fault, times=None)
    run = read_records(demo, "Tasks", read_path="bulk")
    assert "names no job by a valid id" in run.error
    assert "bulk_jobs" not in run.stdout.decode()
