from __future__ import annotations

from datetime import timedelta
from itertools import islice

import pytest

from zohocrm_demo.organisation.records.store import RecordStore

from .conftest import Client, Clock, assert_refused
from .records_calls import ask, ids, rows

pytestmark = pytest.mark.thorough


def test_the_answer(client: Client) -> None:
    body = ask(client, "select Last_Name from Leads where id is not null").json()

    assert body.keys() == {"data", "info"}
    assert body["info"] == {"count": 200, "more_records": True}
    assert body["data"][0].keys() == {"Last_Name", "id"}
    listed = [int(row["id"]) for row in body["data"]]
    assert listed == sorted(listed)


def test_nothing_found(client: Client) -> None:
    answer = ask(client, "select id from Leads where id = 1")
    assert (answer.status_code, answer.content) == (204, b"")
    assert rows(client, "select id from Shikayat where id is not null") == []


def test_values_are_written_as_documented(client: Client, store: RecordStore) -> None:
    account = store.insert("Accounts", {"Account_Name": "Æ"})
    deal = store.insert(
        "Deals",
        {
            "Deal_Name": "x",
            "Account_Name": account,
            "Amount": "9007199254740993.25",
            "Tender_Deadline": "2025-11-02T09:30:00Z",
            "Tag": ["a"],
        },
    )
    caller = client.demo.organisation.users[0]
    row = rows(
        client,
        "select Account_Name, Account_Name.Account_Name, Owner, Owner.email, Amount, Probability, "
        f"Tender_Deadline, Tag, Layout, Territory from Deals where id = '{deal}'",
    )[0]

    assert row["Account_Name"] == {"id": account}
    assert row["Account_Name.Account_Name"] == "Æ"
    assert row["Owner"] == {"id": caller["id"]}
    assert row["Owner.email"] == caller["email"]
    assert row["Tender_Deadline"] == "2025-11-02T01:30:00-08:00"
    assert [tag["name"] for tag in row["Tag"]] == ["a"]
    assert row["Probability"] is row["Layout"] is row["Territory"] is None
    text = ask(client, f"select Amount from Deals where id = {deal}").text
    assert '"Amount":9007199254740993.25' in text


def test_odd_types(client: Client) -> None:
    first = rows(client, "select Firmware_Hash, 'Measures' from Sensors where id is not null")[0]
    assert first["Firmware_Hash"] == 2**53 + 1
    assert isinstance(first["Measures"], list)
    tasks = rows(client, "select Remind_At, Recurring_Activity, What_Id from Tasks where id > 0")
    assert all(isinstance(row["Remind_At"], str | None) for row in tasks)
    assert all(set(row["Recurring_Activity"] or {"RRULE": 1}) == {"RRULE"} for row in tasks)
    what = next(row["What_Id"] for row in tasks if row["What_Id"])
    assert what.keys() == {"id", "module"}
    events = rows(client, "select 'Remind Participants' from Events where id is not null")
    assert isinstance(events[0]["Remind Participants"], list)
    leads = rows(
        client, "select Data_Processing_Basis_Details, Territories from Leads where id > 0"
    )
    assert leads[0]["Data_Processing_Basis_Details"].keys() == {"id"}
    assert {tuple(one) for row in leads for one in row["Territories"] or ()} == {("name", "id")}
    taxes = rows(client, "select Tax from Products where id is not null")
    assert all(isinstance(name, str) for row in taxes for name in row["Tax"] or ())
    notebook = rows(client, "select Entry from Lab_Notebook where id is not null")
    assert max(len(row["Entry"] or "") for row in notebook) > 500
    assert {
        row["Allergies"] for row in rows(client, "select Allergies from Contacts where id > 0")
    } == {None}


def test_lookups_two_deep_and_polymorphic(client: Client, store: RecordStore) -> None:
    top = store.insert("Accounts", {"Account_Name": "Top"})
    low = store.insert("Accounts", {"Account_Name": "Low", "Parent_Account": top})
    contact = store.insert("Contacts", {"Last_Name": "C", "Account_Name": low})
    task = store.insert("Tasks", {"Subject": "T", "What_Id": ("Accounts", low)})

    deep = "Account_Name.Parent_Account.Account_Name"
    row = rows(client, f"select {deep} from Contacts where {deep} = 'Top' order by {deep}")
    assert row == [{deep: "Top", "id": contact}]
    arrow = "What_Id->Accounts.Account_Name"
    found = rows(client, f"select '{arrow}' from Tasks where '{arrow}' = 'Low'")
    assert found == [{arrow: "Low", "id": task}]
    deeper = "Account_Name.Parent_Account.Parent_Account.Account_Name"
    answer = ask(client, f"select {deeper} from Contacts where id is not null")
    assert_refused(answer, 400, "LIMIT_EXCEEDED")
    for wrong in ("Owner.full_name", "Account_Name.Nope", "Last_Name.x", "What_Id.Subject"):
        answer = ask(client, f"select {wrong} from Contacts where id is not null")
        assert assert_refused(answer, 400, "INVALID_QUERY")["column_name"] == wrong


def test_aliases(client: Client) -> None:
    query = "select City as 'the city', COUNT(id) AS n from Leads where id > 0 group by City"
    assert all(row.keys() == {"the city", "n"} for row in rows(client, query))
    ordered = rows(client, "select City as c from Leads where City is not null order by c desc")
    cities = [row["c"] for row in ordered]
    assert cities == sorted(cities, reverse=True)


def test_aggregates(client: Client, store: RecordStore) -> None:
    store.resize("Ideas", 0)
    assert rows(client, "select COUNT(id) from Ideas where id is not null") == [{"COUNT(id)": 0}]
    for mood, votes in (("😀", 2), ("😀", 5), ("😡", 1), ("😡", None)):
        store.insert("Ideas", {"Mood": mood, "Votes_": votes})
    every = "COUNT(Votes_), SUM(Votes_), MIN(Votes_), MAX(Votes_), AVG(Votes_)"
    total = rows(client, f"select {every} from Ideas where id is not null")[0]
    assert list(total.values()) == [3, 8, 1, 5, 8 / 3]
    grouped = rows(client, "select SUM(Votes_), Mood from Ideas where id is not null group by Mood")
    assert {row["Mood"]: row["SUM(Votes_)"] for row in grouped} == {"😀": 7, "😡": 1}
    latest = rows(client, "select MAX(Modified_Time) from Ideas where id is not null")[0]
    assert latest["MAX(Modified_Time)"] == "2025-09-01T05:00:00-07:00"
    assert rows(client, "select COUNT(id) from Calibrations where id is not null") == [
        {"COUNT(id)": 1_000_000}
    ]


def test_metadata_on_demand(client: Client) -> None:
    query = "select Last_Name, Owner from Leads where id is not null limit 1"
    body = ask(client, query, include_meta=["fields"]).json()

    assert body["fields"].keys() == {"Last_Name", "Owner"}
    assert body["fields"]["Last_Name"]["data_type"] == "text"


@pytest.mark.parametrize("module", ["Leads", "Deals", "Sensors", "Water_Samples", "Quoted_Items"])
def test_every_supported_column_at_once(client: Client, module: str) -> None:
    fields = client.demo.organisation.fields[module]
    good = []
    for field in fields:
        name = field["api_name"]
        query = f"select '{name}' from {module} where id is not null limit 1"
        answer = ask(client, query)
        if answer.status_code == 200:
            good.append(name)
        else:
            assert assert_refused(answer, 400, "INVALID_QUERY")["column_name"] == name
    refused = {field["data_type"] for field in fields if field["api_name"] not in good}
    used = refused - {"text"}
    assert used <= {"subform", "multiselectlookup", "imageupload", "linetax", "address"}
    listed = ", ".join(f"'{name}'" for name in good)
    found = rows(client, f"select {listed} from {module} where id is not null limit 1")
    assert found[0].keys() == set(good) | {"id"}


def test_names_of_lookups_where_the_documents_promise_them(
    client: Client, store: RecordStore
) -> None:
    deal = next(row for row in store.read("Deals") if row["Account_Name"])
    query = f"select Account_Name, Owner from Deals where id = {deal['id']}"
    assert rows(client, query)[0]["Account_Name"].keys() == {"id"}
    store.names_in_coql = True

    row = rows(client, query)[0]
    assert row["Account_Name"]["id"] == deal["Account_Name"]
    assert row["Account_Name"].keys() == row["Owner"].keys() == {"name", "id"}


def test_a_keyset_walk_through_a_crowded_second(client: Client, store: RecordStore) -> None:
    """The pattern of readers that page by change: nothing lost, nothing twice."""
    truth = {row["id"] for row in store.read("Sensors", "id")}
    seen: list[str] = []
    stamp, last = "2020-01-01T00:00:00Z", 0
    while True:
        found = rows(
            client,
            "select Modified_Time from Sensors where (Modified_Time >= '"
            f"{stamp}' and (Modified_Time > '{stamp}' or id > {last})) "
            "order by Modified_Time asc, id asc limit 200",
        )
        seen += [row["id"] for row in found]
        if len(found) < 200:
            break
        stamp, last = found[-1]["Modified_Time"], found[-1]["id"]
    assert len(seen) == len(set(seen)) == len(truth)
    assert set(seen) == truth


def test_windows_on_a_million_rows(client: Client) -> None:
    query = (
        "select Name, Modified_Time from Calibrations where (Modified_Time >= "
        "'2025-08-01T00:00:00Z' and Modified_Time < '2025-08-01T01:00:00+00:00') {} limit 2000"
    )
    by_change = ids(client, query.format("order by Modified_Time, id"))

    assert 60 < len(by_change) < 80
    assert ids(client, query.format("")) == sorted(by_change, key=int)
    assert ids(client, query.format("order by Modified_Time desc, id desc")) == by_change[::-1]


def test_increments_see_every_change(client: Client, store: RecordStore, clock: Clock) -> None:
    changed = [row["id"] for row in islice(store.read("Water_Samples", "id"), 100)]
    for record in changed:
        store.update("Water_Samples", record, {"Odour": "None"})
    gone = changed.pop()
    store.delete("Water_Samples", gone)
    new = store.insert("Water_Samples", {"Name": "new"})
    since = clock.now.isoformat()
    query = f"select id from Water_Samples where Modified_Time >= '{since}'"

    assert ids(client, query) == [*changed, new]
    later = (clock.now + timedelta(seconds=1)).isoformat()
    assert ids(client, query.replace(since, later)) == []


def test_limits_and_offsets(client: Client) -> None:
    everything = ids(client, "select id from Sites where id is not null limit 2000")
    for form in ("limit 7 offset 5", "limit 5, 7", "LIMIT 5 , 7"):
        assert ids(client, f"select id from Sites where id is not null {form}") == everything[5:12]
    assert ids(client, "select id from Sites where id is not null offset 3")[0] == everything[3]
    info = ask(client, "select id from Sites where id is not null limit 350").json()["info"]
    assert info == {"count": 350, "more_records": False}
