"""How the sample organisation's records change, and what its lists then show."""

from __future__ import annotations

import threading
from datetime import date, datetime, timezone
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest
from support.sample import awkward_sample

from zohocrm_demo import Clock
from zohocrm_demo.organisation.records.store import RecordStore


@pytest.fixture
def store(clock: Clock) -> RecordStore:
    records = awkward_sample().records
    records.clock = clock
    return records


def one(store: RecordStore, module: str, record_id: str) -> dict[str, Any]:
    return next(row for row in store.read(module) if row["id"] == record_id)


def test_an_inserted_record_comes_last(store: RecordStore, clock: Clock) -> None:
    new = store.insert("Leads", {"Last_Name": "Ω", "Annual_Revenue": "1.10", "Company": ""})

    assert store.count("Leads") == 2_001
    row = list(store.read("Leads"))[-1]
    assert row["id"] == new
    assert (row["Last_Name"], row["Annual_Revenue"]) == ("Ω", Decimal("1.10"))
    assert (row["Company"], row["Converted__s"], row["Tag"]) == (None, False, [])
    assert row["Created_Time"] == row["Modified_Time"] == clock()


def test_an_update_bumps_the_time_to_the_second(store: RecordStore, clock: Clock) -> None:
    lead = next(store.read("Leads"))["id"]
    clock.advance(0.7)
    store.update("Leads", lead, {"City": "Oslo"})
    first = one(store, "Leads", lead)
    clock.advance(0.2)
    store.update("Leads", lead, {"City": "Bergen"})
    second = one(store, "Leads", lead)

    assert first["Modified_Time"] == second["Modified_Time"] == clock().replace(microsecond=0)
    assert second["City"] == "Bergen"
    assert store.count("Leads") == 2_000


def test_formulas_and_roll_ups_change_silently(store: RecordStore) -> None:
    before = next(store.read("Deals"))
    store.update("Deals", before["id"], {"Days_Open": 7})
    after = next(store.read("Deals"))

    assert after == {**before, "Days_Open": Decimal(7)}


def test_deletions_and_restores(store: RecordStore, clock: Clock) -> None:
    rows = list(islice(store.read("Contacts"), 3))
    ids = [row["id"] for row in rows]
    known = len(store.deletions("Contacts"))
    clock.advance(40_000_000)
    store.delete("Contacts", ids[0])
    store.delete("Contacts", ids[1], permanent=True)

    lines = {line.id: line for line in store.deletions("Contacts")}
    assert len(lines) == known + 2
    assert (lines[ids[0]].type, lines[ids[0]].display_name) == ("recycle", rows[0]["Full_Name"])
    assert lines[ids[0]].created_by == rows[0]["Created_By"]
    assert (lines[ids[1]].type, lines[ids[1]].display_name) == ("permanent", None)
    assert store.find("Contacts", ids[0]) is None
    assert store.count("Contacts") == 24_998
    with pytest.raises(LookupError):
        store.restore("Contacts", ids[1])
    with pytest.raises(LookupError):
        store.update("Contacts", ids[0], {})

    store.restore("Contacts", ids[0])
    assert one(store, "Contacts", ids[0]) == {**rows[0], "Modified_Time": clock()}
    assert len(store.deletions("Contacts")) == known + 1
    store.delete("Contacts", ids[2])
    store.restore("Contacts", ids[2], touch=False)
    assert one(store, "Contacts", ids[2]) == rows[2]
    store.delete("Contacts", ids[2])
    store.purge("Contacts", ids[2])
    types = [line.type for line in store.deletions("Contacts") if line.id == ids[2]]
    assert types == ["permanent"]


def test_the_recycle_bin_is_the_organisations(store: RecordStore) -> None:
    organisation = store._organisation
    deal = next(store.read("Deals"))
    store.delete("Deals", deal["id"])

    assert organisation.recycle_bin[0]["id"] == deal["id"]
    assert organisation.recycle_bin[0]["display_name"] == deal["Deal_Name"]
    store.restore("Deals", deal["id"])
    assert organisation.recycle_bin[0]["id"] != deal["id"]


def test_rows_of_other_records_are_deleted_without_a_trace(store: RecordStore) -> None:
    for module in ("Quoted_Items", "Sensors_X_Partners", "Order_Milestones"):
        store.delete(module, next(store.read(module))["id"])
        assert store.deletions(module) == []


def test_a_lead_is_converted(store: RecordStore) -> None:
    lead = next(row for row in store.read("Leads") if not row["Converted__s"])
    made = store.convert_lead(lead["id"])

    after = one(store, "Leads", lead["id"])
    assert after["Converted__s"] is True
    assert after["Converted_Contact"] == made["Contacts"]
    assert store.find("Accounts", made["Accounts"]) is not None
    with pytest.raises(ValueError, match="already"):
        store.convert_lead(lead["id"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("No_Such_Field", 1),
        ("Modified_Time", "2025-01-01T00:00:00Z"),
        ("No_of_Employees", "many"),
        ("Annual_Revenue", float("nan")),
        ("Email_Opt_Out", "true"),
        ("Unsubscribed_Time", "2025-01-01"),
        ("Unsubscribed_Time", datetime(2025, 1, 1)),  # noqa: DTZ001
        ("Tag", "not a list"),
    ],
)
def test_what_a_field_cannot_hold(store: RecordStore, field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        store.insert("Leads", {field: value})


def test_values_come_in_many_forms(store: RecordStore) -> None:
    user = store._organisation.users[1]["id"]
    values = {
        "Installed_On": date(2025, 2, 3),
        "Last_Seen": "2025-02-03T04:05:06+05:30",
        "Measures": ["pH"],
        "Firmware_Hash": "123456789012345678",
        "Keeper": {"id": user},
        "Uptime": 0.1,
    }
    new = store.insert("Sensors", values)

    row = one(store, "Sensors", new)
    assert row["Last_Seen"] == datetime(2025, 2, 2, 22, 35, 6, tzinfo=timezone.utc)
    assert (row["Installed_On"], row["Uptime"]) == ("2025-02-03", Decimal("0.1"))
    assert (row["Firmware_Hash"], row["Keeper"]) == (123456789012345678, user)


def test_threads_may_change_and_read_at_once(store: RecordStore) -> None:
    store.resize("Ideas", 200)
    counts: list[int] = []

    def work(number: int) -> None:
        for _ in range(20):
            store.update("Ideas", store.insert("Ideas", {"Name": str(number)}), {"Votes_": 1})
            counts.append(sum(1 for _ in store.scan("Ideas", "Modified_Time")))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count("Ideas") == 320
    assert max(counts) == 320


def test_a_module_of_another_size(store: RecordStore) -> None:
    idea = store.insert("Ideas", {"Name": "kept"})
    next(store.read("Calibrations"))
    store.resize("Sensors", 3, crowd=2)

    assert store.count("Sensors") == 3
    assert one(store, "Ideas", idea)["Name"] == "kept"
    sensors = {row["id"] for row in store.read("Sensors", "id")}
    assert {row["Sensor"] for row in islice(store.read("Calibrations", "Sensor"), 50)} <= sensors


def test_a_reader_sees_one_moment(store: RecordStore) -> None:
    reading = store.scan("Ideas", "Modified_Time")
    first = next(reading)
    for record in list(store.scan("Ideas")):
        store.delete("Ideas", str(record.id))

    assert len([first, *reading]) == 200
    assert store.count("Ideas") == 0
