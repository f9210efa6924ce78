"""Bulk jobs: taken up again after a kill, made again when lost, waited for whatever their state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.demo import config_for
from support.records import applied, emitted, records_catalog, truth
from support.run import Run, run_tap

from tap_zohocrm_modules.demo import DemoOrganisation

BULK = "/crm/bulk/v8/read"


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation() as organisation:
        yield organisation


def read(demo: DemoOrganisation, state: Any = None) -> Run:
    config = config_for(demo, read_path="bulk")
    return run_tap(config=config, catalog=records_catalog("Tasks"), state=state)


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
    first = read(demo)
    state = killed(first, b"bulk_jobs")
    assert jobs_created(demo) == 1
    second = read(demo, state)
    assert second.code == 0
    assert jobs_created(demo) == 1
    assert emitted(second.stdout, "Tasks").keys() == truth(demo, "Tasks", ["Subject"]).keys()


def test_what_a_bulk_job_gave_before_the_kill_is_not_given_again(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 5_000)
    first = read(demo)
    lines = first.stdout.split(b"\n")
    place = next(at for at, line in enumerate(lines) if b'"bulk_rows_given":2000' in line)
    table = applied({}, b"\n".join(lines[: place + 300]), "Tasks")
    second = read(demo, json.loads(lines[place])["value"])
    assert second.code == 0
    assert jobs_created(demo) == 1
    assert len(second.rows) == 3_000
    assert applied(table, second.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()


def test_a_bulk_job_that_zoho_has_forgotten_is_made_again(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 30)
    first = read(demo)
    state = json.loads(
        json.dumps(killed(first, b"bulk_jobs")).replace("59371049900", "59371049999")
    )
    second = read(demo, state)
    assert second.code == 0, second.stderr
    assert jobs_created(demo) == 2
    assert len(emitted(second.stdout, "Tasks")) == 30


@pytest.mark.parametrize("course", [("ADDED", "FAILURE"), ("PAUSED", "QUEUED", "COMPLETED")])
def test_jobs_that_fail_are_read_otherwise_and_unknown_states_are_waited_for(
    demo: DemoOrganisation, course: tuple[str, ...]
) -> None:
    demo.organisation.records.resize("Tasks", 250)
    demo.organisation.records.bulk_jobs.plan(*course)
    run = read(demo)
    assert run.code == 0, run.stderr
    assert len(emitted(run.stdout, "Tasks")) == 250
    assert ("not all read by Bulk Read" in run.stderr) == ("FAILURE" in course)
