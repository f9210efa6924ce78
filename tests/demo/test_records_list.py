from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from .conftest import Client, Clock, assert_refused
from .records_calls import LEADS, SINCE, page, walk


def test_info_and_order(client: Client) -> None:
    body = page(client, LEADS, fields="Last_Name")

    ids = [int(row["id"]) for row in body["data"]]
    assert ids == sorted(ids, reverse=True)
    assert body["data"][0].keys() == {"Last_Name", "id"}
    info = body["info"]
    assert info["next_page_token"]
    assert info["page_token_expiry"] == "2025-09-02T05:00:00-07:00"
    del info["next_page_token"], info["page_token_expiry"]
    assert info == {
        "per_page": 200,
        "count": 200,
        "page": 1,
        "sort_by": "id",
        "sort_order": "desc",
        "more_records": True,
        "previous_page_token": None,
    }


def test_small_modules(client: Client) -> None:
    assert client.get("/crm/v8/Shikayat", params={"fields": "Name"}).status_code == 204
    body = page(client, "/crm/v8/Ideas")
    assert (len(body["data"]), body["info"]["more_records"]) == (200, False)
    assert body["info"]["next_page_token"] is None
    assert client.get("/crm/v8/Ideas", params={"fields": "Name", "page": "2"}).status_code == 204


def test_unused_fields_are_null(client: Client) -> None:
    assert {row["Fax"] for row in page(client, LEADS, fields="Fax")["data"]} == {None}


def test_ids(client: Client) -> None:
    ids = [row["id"] for row in page(client, LEADS)["data"][:3]]

    assert [row["id"] for row in page(client, LEADS, ids=",".join(ids[::-1]))["data"]] == ids
    assert client.get(LEADS, params={"fields": "id", "ids": "1"}).status_code == 204


def test_unapproved_records_are_hidden_unless_asked_for(client: Client) -> None:
    new = client.demo.organisation.records.insert("Ideas", {"Name": "?"}, approved=False)

    assert new not in {row["id"] for row in page(client, "/crm/v8/Ideas")["data"]}
    only = page(client, "/crm/v8/Ideas", approved="false", fields="$approved")["data"]
    assert only == [{"$approved": False, "id": new}]
    assert page(client, "/crm/v8/Ideas", approved="both")["data"][0]["id"] == new


def test_if_modified_since_includes_its_second(client: Client, clock: Clock) -> None:
    store = client.demo.organisation.records
    lead = next(row for row in store.read("Leads", "Converted__s") if not row["Converted__s"])["id"]
    store.update("Leads", lead, {"City": "Oslo"})
    now = clock.now.isoformat()

    assert [row["id"] for row in page(client, LEADS, since=now)["data"]] == [lead]
    later = (clock.now + timedelta(seconds=1)).isoformat()
    unchanged = client.get(LEADS, params={"fields": "City"}, headers={SINCE: later})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    elsewhere = clock.now.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat()
    assert page(client, LEADS, since=elsewhere)["info"]["count"] == 1


@pytest.mark.parametrize("by", ["id", "Modified_Time"])
@pytest.mark.parametrize("module", ["Partners", "Sensors"])
def test_increments_are_whole(client: Client, module: str, by: str) -> None:
    store = client.demo.organisation.records
    stamps = [row["Modified_Time"] for row in store.read(module, "Modified_Time")]
    known = sorted(stamp for stamp in stamps if stamp)
    since = known[len(known) // 2]
    rows = list(
        walk(client, f"/crm/v8/{module}", since=since.isoformat(), sort_by=by, sort_order="asc")
    )

    assert len({row["id"] for row in rows}) == len(rows) == sum(s >= since for s in known)


def test_modules_without_modified_time_ignore_the_header(client: Client) -> None:
    body = page(client, "/crm/v8/Actions_Performed", since="2030-01-01T00:00:00Z", fields="Name")
    assert body["info"]["count"] == 45


def test_date_times_are_the_callers(client: Client) -> None:
    winter = page(client, LEADS, fields="Created_Time", sort_order="asc", page=5)["data"]
    offsets = {row["Created_Time"][-6:] for row in winter}
    assert offsets == {"-08:00", "-07:00"}
    client.demo.organisation.records.zone = timezone(timedelta(hours=5, minutes=30))
    moved = page(client, LEADS, fields="Created_Time", sort_order="asc", page=5)["data"]
    assert {row["Created_Time"][-6:] for row in moved} == {"+05:30"}


def test_notes_are_for_administrators(client: Client) -> None:
    assert page(client, "/crm/v8/Notes", fields="Parent_Id")["data"]
    client.demo.organisation.users[0]["profile"]["name"] = "Standard"

    answer = client.get("/crm/v8/Notes", params={"fields": "id"})
    assert_refused(answer, 403, "NOT_SUPPORTED")
