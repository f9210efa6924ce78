"""The sample organisation's Bulk Read: jobs, their course, their files and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sample import awkward_sample

from zohocrm_demo import Clock, Organisation, RequestLimits
from zohocrm_demo.families.bulk_query import exports
from zohocrm_demo.families.bulk_read import archive
from zohocrm_demo.organisation.records.store import RecordStore

from .conftest import Client, a_clock, speaking
from .records_calls import create, export, fetch, finish, look, query_of, unpack
from .test_refusals import TABLE

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def sample() -> Organisation:
    return awkward_sample()


def test_pages_and_tokens() -> None:
    with speaking(limits=RequestLimits(job_rows=90), clock=a_clock()) as client:
        store = client.demo.organisation.records
        truth = {row["id"] for row in store.read("Ideas", "id")}
        parts = [export(client, query_of("Ideas", "Name", page=number)) for number in (1, 2, 3, 4)]
        assert [len(part) for part in parts] == [90, 90, 20, 0]
        assert {row["Id"] for part in parts for row in part} == truth

        result = finish(client, create(client, query_of("Ideas", "Mood")))["result"]
        read: set[str] = set()
        for page in (2, 3):
            assert result["more_records"]
            job = create(client, {"page_token": result["next_page_token"]})
            seen = finish(client, job)
            result = seen["result"]
            assert (result["page"], seen["query"]["fields"]) == (page, ["Mood"])
            rows = unpack(fetch(client, result["download_url"]).content, job)
            assert rows[0].keys() == {"Id", "Mood"}
            read |= {row["Id"] for row in rows}
        assert result["next_page_token"] is None
        assert read == truth - {row["Id"] for row in parts[0]}


def test_states_may_be_planned(client: Client, store: RecordStore, clock: Clock) -> None:
    jobs = store.bulk_jobs
    jobs.plan("ADDED", "FAILURE")
    jobs.plan("PAUSED", "COMPLETED", module="Ideas")
    jobs.plan("IN PROGRESS", module="Sites")
    failure = {"code": "X", "details": {"a": 1}, "message": "m", "status": "error"}
    jobs.plan("FAILURE", error=failure, module="Trainings", times=None)

    failed, usual = (finish(client, create(client, query_of("Leads"))) for _ in range(2))
    assert failed["result"]["error_message"]["code"] == "INTERNAL_SERVER_ERROR"
    assert usual["state"] == "COMPLETED"
    paused, running = (create(client, query_of(module)) for module in ("Ideas", "Sites"))
    assert [look(client, paused)["state"] for _ in range(2)] == ["PAUSED", "COMPLETED"]
    assert {look(client, running)["state"] for _ in range(9)} == {"IN PROGRESS"}
    for _ in range(2):
        training = finish(client, create(client, query_of("Trainings")))
        assert training["result"] == {"error_message": failure}
    jobs.usual_course, jobs.seconds_per_state = ("ADDED", "COMPLETED"), 30
    timed = create(client, query_of("Ideas"))
    assert {look(client, timed)["state"] for _ in range(5)} == {"ADDED"}
    clock.advance(30)
    assert look(client, timed)["state"] == "COMPLETED"
    with pytest.raises(ValueError, match="state"):
        jobs.plan()


_TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufdd0\x00"), min_size=1
)


@given(st.lists(_TEXTS, min_size=1, max_size=5))
def test_any_text_survives(sample: Organisation, texts: list[str]) -> None:
    store = sample.records
    store.resize("Ideas", 0)
    new = {store.insert("Ideas", {"Name": text}): text for text in texts}
    columns = exports(store, "Ideas", ["Name", "Votes_"])
    rows = unpack(archive("x", columns, store.scan("Ideas"), store.table("Ideas")), "x")

    assert {row["Id"]: row["Name"] for row in rows} == new
    assert {row["Votes_"] for row in rows} == {""}


@pytest.mark.parametrize("criteria", TABLE["selected"])
def test_criteria_that_select(shared: Client, criteria: dict[str, Any]) -> None:
    seen = finish(shared, create(shared, query_of("Leads", "City", criteria=criteria)))

    assert 0 < seen["result"]["count"] < 1_778
    assert seen["query"]["criteria"] == criteria
