"""Windows follow one another without a gap, whatever falls on their edges."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.cases import sample
from support.demo import config_for, sample_demo
from support.records import applied, bookmarked, read_records, shared_catalog, truth
from support.run import FAST, Run, run_tap
from support.wire import altered_requests, server_time

from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.calls import Request

NOON = datetime(2026, 9, 1, 12, tzinfo=timezone.utc)
PATHS = ["rest", "coql", "bulk", "auto"]


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with sample_demo(profile=profile) as organisation:
        yield organisation


def read_at(
    demo: DemoOrganisation, now: datetime, state: Any = None, stream: str = "Tasks", **more: Any
) -> Run:
    with server_time(now=lambda: now):
        run = read_records(demo, stream, state=state, **more)
    assert run.code == 0, run.logged("ERROR")
    return run


def subjects(run: Run) -> dict[str, str]:
    return {row["id"]: row["Subject"] for row in run.rows if not row.get("_sdc_deleted_at")}


@pytest.mark.parametrize("count", sample([201, 1_001, 5_000], 201))
@pytest.mark.parametrize("path", ["rest", "coql"])
def test_an_increment_of_any_size_is_whole_and_goes_on_from_any_state(
    demo: DemoOrganisation, path: str, count: int
) -> None:
    store = demo.organisation.records
    store.resize("Tasks", count)
    oldest = min(row["Modified_Time"] for row in store.read("Tasks", "Modified_Time"))
    whole = read_at(demo, NOON, bookmarked("Tasks", oldest), read_path=path)
    expected = truth(demo, "Tasks", ["Subject"])
    assert applied({}, whole.stdout, "Tasks").keys() == expected.keys()
    lines = whole.stdout.splitlines(keepends=True)
    places = [n for n, line in enumerate(lines, 1) if b'"type":"STATE"' in line]
    for place in places[:: max(1, len(places) // 3)]:
        table = applied({}, b"".join(lines[:place]), "Tasks")
        rest = read_at(demo, NOON, json.loads(lines[place - 1])["value"], read_path=path)
        assert applied(table, rest.stdout, "Tasks").keys() == expected.keys()


@pytest.mark.parametrize("path", PATHS)
def test_an_edit_in_the_second_of_the_cut_is_in_the_next_run(
    demo: DemoOrganisation, path: str
) -> None:
    store = demo.organisation.records
    store.resize("Tasks", 3)
    first, *_ = [row["id"] for row in store.read("Tasks", "Subject")]
    store.update("Tasks", first, {"Subject": "once"}, at=NOON)
    one = read_at(demo, NOON, read_path=path, cutoff_lag=0)
    store.update("Tasks", first, {"Subject": "twice"}, at=NOON)
    later = NOON + timedelta(minutes=1)
    two = read_at(demo, later, one.state, read_path=path, cutoff_lag=0)
    assert subjects(two) == {first: "twice"}


@pytest.mark.parametrize("path", PATHS)
def test_what_shows_up_late_within_the_lag_is_in_the_next_run(
    demo: DemoOrganisation, path: str
) -> None:
    store = demo.organisation.records
    store.resize("Tasks", 3)
    one = read_at(demo, NOON, read_path=path)
    late = store.insert("Tasks", {"Subject": "late"}, at=NOON - timedelta(seconds=8))
    two = read_at(demo, NOON + timedelta(minutes=1), one.state, read_path=path)
    assert subjects(two) == {late: "late"}


@pytest.mark.parametrize("path", PATHS)
def test_modified_time_is_read_although_it_is_not_chosen(demo: DemoOrganisation, path: str) -> None:
    demo.organisation.records.resize("Tasks", 3)
    fewer = copy.deepcopy(shared_catalog("Tasks"))
    for item in fewer["streams"][0]["metadata"]:
        if item["breadcrumb"]:
            item["metadata"]["selected"] = item["breadcrumb"][-1] == "Subject"
    run = run_tap(config=config_for(demo, read_path=path), catalog=fewer)
    assert run.code == 0, run.logged("ERROR")
    (schema,) = run.of_type("SCHEMA")
    assert schema["bookmark_properties"] == ["Modified_Time"]
    assert set(schema["schema"]["properties"]) == {"id", "Subject", "Modified_Time"}
    assert {tuple(row) for row in run.rows} == {tuple(schema["schema"]["properties"])}


def test_a_proxy_that_drops_if_modified_since_costs_neither_records_nor_endless_calls(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize("Tasks", 1_001)

    def unconditional(request: Request) -> Request:
        kept = {n: text for n, text in request.headers.items() if n != "if-modified-since"}
        return dataclasses.replace(request, headers=kept)

    with altered_requests(unconditional):
        run = read_at(demo, NOON, read_path="rest")
    records = [row["id"] for row in run.rows if not row.get("_sdc_deleted_at")]
    assert sorted(records) == sorted(truth(demo, "Tasks", ["Subject"]))
    pages = [call for call in demo.calls if call.path == "/crm/v8/Tasks"]
    assert len(pages) < 5 * 6


@pytest.mark.parametrize("token", [{}, {"next_page_token": None}])
def test_a_list_that_cannot_be_gone_on_with_is_no_whole_one(
    demo: DemoOrganisation, token: dict[str, Any]
) -> None:
    # With every key: of those that a row lacks the record is asked for by its id.
    row = {**dict.fromkeys(demo.organisation.records.fields("Email_Analytics")), "id": "1"}
    body = {"data": [row], "info": {"more_records": True, **token}}
    demo.inject("/crm/v8/Email_Analytics", Fault(status=200, body=json.dumps(body)), times=None)
    run = run_tap(config=config_for(demo), catalog=shared_catalog("Email_Analytics"), policy=FAST)
    assert "no page_token for what follows" in run.error
