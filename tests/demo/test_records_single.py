from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from zohocrm_demo.organisation.records.kinds import kind_of

from .conftest import Client, assert_refused

pytestmark = pytest.mark.thorough


def first(client: Client, module: str) -> str:
    record: str = next(client.demo.organisation.records.read(module, "id"))["id"]
    return record


def single(client: Client, module: str, record: str, **params: str) -> dict[str, Any]:
    rows = client.rows(f"/crm/v8/{module}/{record}", "data", **params)
    assert len(rows) == 1
    return rows[0]


def test_a_single_record_has_every_field(client: Client) -> None:
    for module in ("Leads", "Deals", "Sites", "Sensors", "Events", "Water_Samples"):
        row = single(client, module, first(client, module))
        fields = client.demo.organisation.fields[module]
        assert {field["api_name"] for field in fields} <= row.keys()
        assert row["$approval"]["approve"] is False


def test_fields_may_be_chosen(client: Client) -> None:
    record = first(client, "Leads")

    assert single(client, "Leads", record, fields="City").keys() == {"City", "id"}
    assert single(client, "Sites", first(client, "Sites"), fields="id,Contacts").keys() == {
        "id",
        "Contacts",
        "$has_more",
    }
    answer = client.get(f"/crm/v8/Leads/{record}", params={"fields": "Nope"})
    assert_refused(answer, 400, "INVALID_DATA")


def test_sub_rows_come_with_single_records_only(client: Client) -> None:
    store = client.demo.organisation.records
    site = first(client, "Sites")
    children = [row for row in store.read("Site_Contacts") if row["Parent_Id"] == site]
    row = single(client, "Sites", site)

    assert [child["id"] for child in row["Contacts"]] == [child["id"] for child in children]
    assert row["Contacts"][0]["Parent_Id"]["id"] == site
    assert row["Contacts"][0].keys() >= {"Contact", "Role", "Created_Time", "Modified_Time"}
    assert row["$has_more"] == {"Contacts": False}
    listed = client.rows("/crm/v8/Sites", "data", fields="Name,Contacts", sort_order="asc")
    assert listed[0].keys() == {"Name", "id"}
    sensors = client.rows("/crm/v8/Sensors", "data", fields="Partners")
    assert sensors[0].keys() == {"id"}
    quotes = client.rows("/crm/v8/Quotes", "data", fields="Quoted_Items,Subject")
    assert quotes[0].keys() == {"Subject", "id"}


def test_some_parents_have_no_children(client: Client) -> None:
    store = client.demo.organisation.records
    quotes = [row["id"] for row in store.read("Quotes", "id")]
    parents = {row["Parent_Id"] for row in store.read("Quoted_Items", "Parent_Id")}

    childless = next(quote for quote in quotes if quote not in parents)
    assert single(client, "Quotes", childless)["Quoted_Items"] == []
    lines = single(client, "Quotes", quotes[0])["Quoted_Items"]
    assert isinstance(lines[0]["Discount"], str)
    assert lines[0]["Line_Tax"][0].keys() == {"percentage", "name", "id", "value"}


def test_no_more_than_200_sub_rows(client: Client) -> None:
    store = client.demo.organisation.records
    site = first(client, "Sites")
    for number in range(200):
        store.insert("Site_Contacts", {"Parent_Id": site, "Role": str(number)})

    row = single(client, "Sites", site)
    assert (len(row["Contacts"]), row["$has_more"]) == (200, {"Contacts": True})


def test_multi_select_lookups(client: Client) -> None:
    store = client.demo.organisation.records
    link = next(row for row in store.read("Sensors_X_Partners") if row["Sensor"])
    partners = single(client, "Sensors", link["Sensor"])["Partners"]

    assert link["id"] in {partner["id"] for partner in partners}
    assert partners[0]["Partners"].keys() == {"name", "id"}


def test_values_are_written_as_documented(client: Client) -> None:
    store = client.demo.organisation.records
    caller = client.demo.organisation.users[0]
    account = store.insert("Accounts", {"Account_Name": 'A "B", C'})
    new = store.insert(
        "Contacts",
        {
            "Last_Name": "Ω",
            "Account_Name": account,
            "Tag": ["VIP", "?"],
            "Date_of_Birth": "1969-12-31",
            "Allergies": "penicillin",
            "Exchange_Rate": "0.12345678901234567890",
            "Unsubscribed_Time": "2025-03-09T10:00:00Z",
            "Email_Opt_Out": True,
        },
    )
    answer = client.get(f"/crm/v8/Contacts/{new}")
    row = answer.json()["data"][0]

    assert row["Account_Name"] == {"name": 'A "B", C', "id": account}
    person = {"name": caller["full_name"], "id": caller["id"], "email": caller["email"]}
    assert row["Owner"] == row["Created_By"] == person
    assert [tag["name"] for tag in row["Tag"]] == ["VIP", "?"]
    assert row["Tag"][0].keys() == {"name", "id", "color_code"}
    assert row["Date_of_Birth"] == "1969-12-31"
    assert row["Unsubscribed_Time"] == "2025-03-09T03:00:00-07:00"
    assert row["Email_Opt_Out"] is True
    assert row["Allergies"] is None  # HIPAA
    assert '"Exchange_Rate":0.12345678901234567890,' in answer.text
    assert row["Mailing_Address"].keys() == {"street", "city", "state", "code", "country"}
    assert row["Assistant"] is None


def test_numbers_keep_their_digits(client: Client) -> None:
    store = client.demo.organisation.records
    for text in ("1.10", "9007199254740993.25", "-0.000000000000000001", "100", "1E+3"):
        new = store.insert("Water_Samples", {"Temperature": text, "Barcode": "9007199254740993"})
        body = client.get(f"/crm/v8/Water_Samples/{new}", params={"fields": "Temperature,Barcode"})
        number = format(Decimal(text), "f")
        assert body.text.startswith(f'{{"data":[{{"Temperature":{number},"Barcode":"90071992547')


def test_activities(client: Client) -> None:
    rows = client.rows(
        "/crm/v8/Tasks", "data", fields="What_Id,Who_Id,Recurring_Activity,Remind_At"
    )
    filled = next(row for row in rows if all(row[key] for key in row if key != "id"))

    assert filled["What_Id"].keys() == {"name", "id", "module"}
    assert filled["$se_module"] == filled["What_Id"]["module"]["api_name"]
    assert filled["Recurring_Activity"]["RRULE"].startswith("FREQ=")
    assert filled["Remind_At"]["ALARM"].startswith("ACTION=")
    events = client.rows("/crm/v8/Events", "data", fields="Participants,Remind Participants")
    participants = next(row["Participants"] for row in events if row["Participants"])
    assert participants[0].keys() >= {"participant", "type", "name", "Email", "invited", "status"}
    reminders = next(r["Remind Participants"] for r in events if r["Remind Participants"])
    assert reminders[0].keys() == {"unit", "period", "time"}


def test_rich_texts_are_cut_in_lists_and_whole_elsewhere(client: Client) -> None:
    store = client.demo.organisation.records
    row = next(
        r for r in store.read("Lab_Notebook", "Entry") if r["Entry"] and len(r["Entry"]) > 500
    )
    listed = client.rows("/crm/v8/Lab_Notebook", "data", fields="Entry", ids=row["id"])[0]

    assert listed["Entry"] == row["Entry"][:500]
    assert single(client, "Lab_Notebook", row["id"])["Entry"] == row["Entry"]
    path = f"/crm/v8/Lab_Notebook/{row['id']}/actions/fetch_full_data"
    whole = [{"Entry": row["Entry"], "id": row["id"]}]
    assert client.rows(path, "data") == client.rows(path, "data", fields="Entry") == whole
    several = "/crm/v8/Lab_Notebook/actions/fetch_full_data"
    assert client.rows(several, "data", fields="Entry", ids=f"{row['id']},1") == whole


def test_counts(client: Client) -> None:
    store = client.demo.organisation.records

    def count(module: str, **params: str) -> int:
        answer = client.get(f"/crm/v8/{module}/actions/count", params=params)
        assert answer.status_code == 200, answer.text
        assert answer.json().keys() == {"count"}
        number: int = answer.json()["count"]
        return number

    assert count("Leads") == 1_778
    assert (count("Leads", converted="true"), count("Leads", converted="both")) == (222, 2_000)
    assert count("Calibrations") == 1_000_000
    assert count("Shikayat") == 0
    store.insert("Ideas")
    assert count("Ideas") == 201
    view = client.demo.organisation.custom_views["Leads"][1]["id"]
    assert 0 < count("Leads", cvid=view) < 1_778
    store.stale_counts["Ideas"] = 7
    assert count("Ideas") == 7
    for module in ("Quoted_Items", "DealHistory", "Sensors_X_Partners"):
        answer = client.get(f"/crm/v8/{module}/actions/count")
        assert_refused(answer, 400, "NOT_SUPPORTED")
    answer = client.get("/crm/v8/Leads/actions/count", params={"word": "x"})
    assert_refused(answer, 400, "NOT_SUPPORTED")


def test_every_field_of_every_module_can_be_listed(client: Client) -> None:
    truth = client.demo.organisation.records
    for module in client.demo.organisation.modules:
        name = module["api_name"]
        fields = client.demo.organisation.fields.get(name, [])
        if not module["api_supported"] or not fields or not truth.count(name):
            continue
        for start in range(0, len(fields), 50):
            part = fields[start : start + 50]
            answer = client.get(
                f"/crm/v8/{name}",
                params={"fields": ",".join(f["api_name"] for f in part), "per_page": "30"},
            )
            if answer.status_code != 200:
                assert name in {"Emails", "CTI_Entry", "Locking_Information__s", "Attachments"}
                break
            for row in answer.json()["data"]:
                for field in part:
                    check_shape(field, row)


def check_shape(field: dict[str, Any], row: dict[str, Any]) -> None:
    kind = kind_of(field)
    if kind in {"rows", "links"}:
        assert field["api_name"] not in row
        return
    value = row[field["api_name"]]
    if value is not None:
        assert isinstance(value, _TYPES[field.get("json_type") or "string"]) or (
            # Whole ones have no decimal point, and metadata may say nothing of the type.
            isinstance(value, int) and kind in {"decimal", "integer"}
        )


_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "double": float,
    "boolean": bool,
    "jsonobject": dict,
    "jsonarray": list,
}
