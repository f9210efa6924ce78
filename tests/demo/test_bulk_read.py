from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohocrm_demo import Organisation, sample_organisation
from zohocrm_demo.families import bulk_read
from zohocrm_demo.families.bulk_query import exports
from zohocrm_demo.families.bulk_read import archive
from zohocrm_demo.organisation.records.store import RecordStore

from .conftest import Client, Clock, assert_refused
from .records_calls import BULK, create, export, fetch, finish, look, query_of, unpack
from .test_refusals import TABLE

pytestmark = pytest.mark.thorough

DAY = 24 * 3_600


@pytest.fixture(scope="module")
def sample() -> Organisation:
    return sample_organisation()


def test_the_life_of_a_job(client: Client) -> None:
    answer = client.get(BULK, "POST", json={"query": query_of("Ideas", "Name", "Mood")})
    caller = client.demo.organisation.users[0]
    by = {"id": caller["id"], "name": caller["full_name"]}

    assert answer.status_code == 201
    added = answer.json()
    assert added["info"] == {}
    assert added["data"][0]["code"] == "ADDED_SUCCESSFULLY"
    details = added["data"][0]["details"]
    assert details == {
        "id": details["id"],
        "operation": "read",
        "state": "ADDED",
        "created_by": by,
        "created_time": "2025-09-01T05:00:00-07:00",
    }
    seen = [look(client, details["id"]) for _ in range(4)]
    assert [one["state"] for one in seen] == ["ADDED", "QUEUED", "IN PROGRESS", "COMPLETED"]
    ideas = client.demo.organisation.module("Ideas")
    assert ideas is not None
    assert seen[0] == {
        "id": details["id"],
        "operation": "read",
        "state": "ADDED",
        "query": {
            "module": {"api_name": "Ideas", "id": ideas["id"]},
            "fields": ["Name", "Mood"],
            "page": 1,
        },
        "created_by": by,
        "created_time": "2025-09-01T05:00:00-07:00",
        "file_type": "csv",
    }
    assert seen[3]["result"] == {
        "page": 1,
        "count": 200,
        "download_url": f"{BULK}/{details['id']}/result",
        "per_page": 200_000,
        "more_records": False,
        "next_page_token": None,
    }
    file = fetch(client, seen[3]["result"]["download_url"])
    assert file.headers["content-type"] == "application/zip"
    rows = unpack(file.content, details["id"])
    # No document promises the order of the columns.
    assert list(rows[0]) == ["Id", "Mood", "Name"]
    truth = {row["id"]: row for row in client.demo.organisation.records.read("Ideas")}
    assert {row["Id"]: row["Name"] for row in rows} == {
        record: row["Name"] for record, row in truth.items()
    }
    assert [row["Id"] for row in rows] != list(truth)


def test_values_are_written_as_documented(client: Client, store: RecordStore) -> None:
    account = store.insert("Accounts", {"Account_Name": "Æ"})
    lines = 'a "b"\r\nc,d;\n\ne'
    new = store.insert(
        "Contacts",
        {
            "Last_Name": lines,
            "Account_Name": account,
            "Tag": ["VIP", "b"],
            "Date_of_Birth": "1903-02-28",
            "Allergies": "penicillin",
            "Exchange_Rate": "0.12345678901234567890",
            "Unsubscribed_Time": "2025-11-02T09:30:00Z",
            "Email_Opt_Out": True,
        },
    )
    caller = client.demo.organisation.users[0]["id"]
    only = {"field": {"api_name": "id"}, "comparator": "equal", "value": new}
    row = export(client, query_of("Contacts", criteria=only))[0]

    assert row["Id"] == new
    assert row["Last_Name"] == lines
    assert row["Account_Name"] == account
    assert row["Owner"] == row["Created_By"] == caller
    assert row["Tag"] == "VIP,b"
    assert row["Date_of_Birth"] == "1903-02-28"
    assert row["Allergies"] == ""
    assert row["Exchange_Rate"] == "0.12345678901234567890"
    assert row["Unsubscribed_Time"] == "2025-11-02T01:30:00-08:00"
    assert row["Email_Opt_Out"] == "true"
    assert row["First_Name"] == ""
    assert not {"id", "Mailing_Address", "Territories"} & row.keys()
    sensor = store.insert("Sensors", {"Measures": ["pH", "Conductivity, corrected"]})
    only["value"] = sensor
    row = export(client, query_of("Sensors", "Measures", "Firmware_Hash", criteria=only))[0]
    assert row == {"Id": sensor, "Measures": "pH;Conductivity, corrected", "Firmware_Hash": ""}
    row = export(client, query_of("Tasks", "Recurring_Activity", "Remind_At", "What_Id"))[0]
    assert row["Recurring_Activity"].startswith("FREQ=")
    assert row["Remind_At"].startswith("ACTION=")
    assert row["What_Id"].isdecimal()


def test_joins(client: Client, store: RecordStore) -> None:
    rows = export(client, query_of("Deals", "Account_Name.Account_Name", "Amount"))
    truth = {row["id"]: row["Account_Name"] for row in store.read("Deals", "Account_Name")}
    names = {row["id"]: row["Account_Name"] for row in store.read("Accounts", "Account_Name")}

    assert rows[0].keys() == {"Id", "Account_Name.Account_Name", "Amount"}
    for row in rows:
        assert row["Account_Name.Account_Name"] == names.get(truth[row["Id"]], "")


def test_no_rows(client: Client) -> None:
    assert export(client, query_of("Shikayat", "Name")) == []


def test_rows_without_a_parent_are_lost(client: Client, store: RecordStore) -> None:
    rows = export(client, query_of("DealHistory"))

    assert store.count("DealHistory") == 7_330
    assert len(rows) == 7_330 - 1_466
    assert all(row["Potential_Name"] for row in rows)


def test_the_rows_are_those_of_the_moment_of_completion(client: Client, store: RecordStore) -> None:
    job = create(client, query_of("Ideas", "Name"))
    late = store.insert("Ideas", {"Name": "late"})
    seen = finish(client, job)
    store.delete("Ideas", late)
    store.insert("Ideas", {"Name": "too late"})

    rows = unpack(fetch(client, seen["result"]["download_url"]).content, job)
    assert len(rows) == seen["result"]["count"] == 201
    assert "late" in {row["Name"] for row in rows}


def test_pages_and_tokens(
    client: Client, store: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_read, "ROWS_PER_PAGE", 90)
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


def test_tokens_live_a_day(client: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_read, "ROWS_PER_PAGE", 90)
    token = finish(client, create(client, query_of("Ideas")))["result"]["next_page_token"]
    body = {"query": {"page_token": token}}
    clock.advance(DAY - 1)
    client.mint()
    assert client.get(BULK, "POST", json=body).status_code == 201
    clock.advance(1)
    details = assert_refused(client.get(BULK, "POST", json=body), 400, "EXPIRED_VALUE")
    assert details == {"api_name": "page_token", "json_path": "$.query.page_token"}
    answer = client.get(BULK, "POST", json={"query": {"page_token": "x"}})
    assert_refused(answer, 400, "INVALID_DATA")
    more = {"query": {"page_token": token, "page": 2}}
    assert_refused(client.get(BULK, "POST", json=more), 400, "QUERY_NOT_SUPPORTED")


def test_a_full_page_of_a_million_rows(client: Client) -> None:
    fields = ["Name", "Sensor", "Done_On", "Drift", "Passed", "Owner", "Created_Time"]
    job = create(client, query_of("Calibrations", *fields))
    result = finish(client, job)["result"]
    assert (result["count"], result["more_records"]) == (200_000, True)
    begin = time.process_time()
    body = fetch(client, result["download_url"]).content

    assert time.process_time() - begin < 15
    rows = unpack(body, job)
    assert len({row["Id"] for row in rows}) == 200_000


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
