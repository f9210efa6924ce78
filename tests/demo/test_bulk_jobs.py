from __future__ import annotations

import pytest

from zohocrm_demo.organisation.records.store import RecordStore

from .conftest import Client, Clock, assert_refused
from .records_calls import BULK, create, fetch, finish, look, query_of

MINUTE = 60
DAY = 24 * 3_600


def test_ten_downloads_a_minute(client: Client, clock: Clock) -> None:
    url = finish(client, create(client, query_of("Trainings")))["result"]["download_url"]
    assert all(fetch(client, url).ok for _ in range(10))

    assert_refused(fetch(client, url), 429, "TOO_MANY_REQUESTS")
    clock.advance(MINUTE - 1)
    assert_refused(fetch(client, url), 429, "TOO_MANY_REQUESTS")
    clock.advance(1)
    assert fetch(client, url).ok


def test_results_live_a_day(client: Client, clock: Clock) -> None:
    job = create(client, query_of("Trainings"))
    url = finish(client, job)["result"]["download_url"]
    clock.advance(DAY - 1)
    client.mint()
    assert fetch(client, url).ok
    clock.advance(1)

    for path in (url, f"{BULK}/{job}"):
        assert assert_refused(fetch(client, path), 404, "RESOURCE_NOT_FOUND") == {"resource": job}


def test_nothing_to_download_yet(client: Client) -> None:
    job = create(client, query_of("Trainings"))
    for path in (f"{BULK}/{job}/result", f"{BULK}/1", f"{BULK}/1/result"):
        assert_refused(fetch(client, path), 404, "RESOURCE_NOT_FOUND")


def test_states_may_be_planned(client: Client, store: RecordStore, clock: Clock) -> None:
    jobs = store.bulk_jobs
    jobs.plan("ADDED", "FAILURE")
    jobs.plan("PAUSED", "COMPLETED", module="Ideas")
    jobs.plan("IN PROGRESS", module="Sites")
    failure = {"code": "X", "details": {"a": 1}, "message": "m", "status": "error"}
    jobs.plan("FAILURE", error=failure, module="Trainings", times=None)

    first, second = create(client, query_of("Leads")), create(client, query_of("Leads"))
    failed = finish(client, first)
    assert failed["result"]["error_message"]["code"] == "INTERNAL_SERVER_ERROR"
    assert finish(client, second)["state"] == "COMPLETED"
    idea = create(client, query_of("Ideas"))
    assert [look(client, idea)["state"] for _ in range(2)] == ["PAUSED", "COMPLETED"]
    site = create(client, query_of("Sites"))
    assert {look(client, site)["state"] for _ in range(9)} == {"IN PROGRESS"}
    for _ in range(2):
        training = finish(client, create(client, query_of("Trainings")))
        assert training["result"] == {"error_message": failure}
    jobs.usual_course = ("ADDED", "COMPLETED")
    jobs.seconds_per_state = 30
    timed = create(client, query_of("Ideas"))
    assert {look(client, timed)["state"] for _ in range(5)} == {"ADDED"}
    clock.advance(30)
    assert look(client, timed)["state"] == "COMPLETED"
    assert len(jobs.all) == 7
    with pytest.raises(ValueError, match="state"):
        jobs.plan()


@pytest.mark.parametrize(
    ("module", "field"),
    [
        ("Accounts", "Billing_Address"),
        ("Contacts", "Other_Coordinates"),
        ("Leads", "Territories"),
        ("Deals", "Territory"),
    ],
)
def test_fields_that_let_the_job_fail(client: Client, module: str, field: str) -> None:
    seen = finish(client, create(client, query_of(module, "Description", field)))

    assert seen["state"] == "FAILURE"
    error = seen["result"]["error_message"]
    assert (error["code"], error["status"]) == ("FIELD_NOT_SUPPORTED", "error")
    assert error["details"] == {"api_name": field, "module": module}
