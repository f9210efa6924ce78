"""Record streams as a whole: what is discovered, what it costs, how a run ends and goes on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any
from unittest import mock

import pytest
from support.demo import config_for
from support.records import emitted, read_records, records_catalog
from support.run import Run, run_tap
from support.sample import awkward_sample
from support.wire import after

from tap_zohocrm_modules.streams.base import ZohoStream
from tap_zohocrm_modules.streams.records import RecordStream
from zohocrm_demo import DemoOrganisation, Fault

FIELDS = "/crm/v8/settings/fields"
COQL = "/crm/v8/coql"
BULK = "/crm/bulk/v8/read"


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    """The whole sample, of which the other contract tests need but a part."""
    with DemoOrganisation(awkward_sample, profile=profile) as organisation:
        yield organisation


def credits_of(run: Run, stream: str) -> int:
    (line,) = [
        text
        for text in run.logged("INFO")
        if text.startswith(f"{stream}: ") and "for" in text and "credits in" in text
    ]
    return int(line.split(" for ")[1].split(" credits")[0])


def test_discovery_names_streams_as_modules_and_says_which_it_leaves_out() -> None:
    run = run_tap("--discover", config={"environment": "demo"})
    names = {entry["tap_stream_id"] for entry in json.loads(run.stdout)["streams"]}
    assert {"Leads", "Sales_Orders", "Sample_Readings", "DealHistory", "deleted_records"} <= names
    assert {"modules", "Modules_records"} <= names
    assert "Modules" not in names
    assert names.isdisjoint({"Home", "Water_Portal", "Visits", "Legacy_Tickets"})
    (line,) = run.logged("WARNING")
    assert line.startswith("No stream for the records of Actions_Performed, Visits: ")


def test_record_modules_limit_discovery_and_its_calls(demo: DemoOrganisation) -> None:
    config = config_for(demo, record_modules=["Sal*", "Lead?"])
    run = run_tap("--discover", config=config)
    names = {entry["tap_stream_id"] for entry in json.loads(run.stdout)["streams"]}
    assert {name for name in names if name[0].isupper()} == {"Leads", "Sales_Orders"}
    assert sum(call.path == FIELDS for call in demo.calls) == 2


def test_with_a_catalog_only_the_chosen_modules_are_described(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Sites", 3)
    run = read_records(demo, "Sites")
    assert run.code == 0
    assert [call.params["module"] for call in demo.calls if call.path == FIELDS] == ["Sites"]


def test_a_module_that_cannot_be_described_fails_discovery_or_is_named_by_the_run(
    demo: DemoOrganisation,
) -> None:
    demo.inject(FIELDS, Fault.error(500, "INTERNAL_ERROR"), times=None)
    discovery = run_tap("--discover", config=config_for(demo, record_modules=["Leads"]))
    assert "INTERNAL_ERROR" in discovery.error
    assert discovery.stdout == b""
    run = read_records(demo, "Leads")
    assert run.error.startswith("Leads: GET /crm/v8/settings/fields")


def test_a_chosen_module_without_permission_is_named_and_the_others_are_read(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize("Sites", 3)
    for row in demo.organisation.modules:
        row["viewable"] = row["api_supported"]
    run = read_records(demo, "Locking_Information__s", "Sites")
    assert run.error.startswith("Locking_Information__s: ")
    assert "NO_PERMISSION" in run.error
    assert len(run.rows) == 3


def test_the_schema_has_a_column_a_field_and_says_what_it_leaves_out() -> None:
    for name in ("Leads", "Events", "Water_Samples", "Sites"):
        (entry,) = records_catalog(name)["streams"]
        assert entry["key_properties"] == ["id"]
        properties = entry["schema"]["properties"]
        assert next(iter(properties)) == "id"
        assert list(properties)[-2:] == ["_sdc_deleted_at", "additional_properties"]
        for column, schema in properties.items():
            assert ("null" in schema["type"]) == (column != "id")
        assert "required" not in entry["schema"]
    (sites,) = records_catalog("Sites")["streams"]
    assert "Documents, since no list of records holds files" in sites["schema"]["description"]
    assert "Contacts, since its rows are the records" in sites["schema"]["description"]


def test_an_increment_of_100_records_of_130_fields_costs_three_credits(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    store.resize("Water_Samples", 300)
    first = read_records(demo, "Water_Samples", cutoff_lag=0)
    for record in list(store.read("Water_Samples", "Name"))[:100]:
        store.update("Water_Samples", record["id"], {"Name": "changed"})
    second = read_records(demo, "Water_Samples", state=first.state, cutoff_lag=0)
    assert second.code == 0
    assert credits_of(second, "Water_Samples") <= 3


def test_a_record_changed_between_slices_is_never_half(demo: DemoOrganisation) -> None:
    store = demo.organisation.records
    store.resize("Water_Samples", 20)
    target = next(iter(store.read("Water_Samples", "Name")))["id"]
    columns = list(records_catalog("Water_Samples")["streams"][0]["schema"]["properties"])
    # At both ends of the 130 fields, so never in one slice.
    first, last = "Name", "Sulphate"
    assert columns.index(last) - columns.index(first) > 100
    numbers = itertools.count(1)

    def change() -> None:
        number = next(numbers)
        at = datetime(2026, 1, 1, second=number, tzinfo=timezone.utc)
        store.update("Water_Samples", target, {first: str(number), last: number}, at=at)

    with after(lambda request: request.path == "/crm/v8/Water_Samples", change, times=5):
        run = read_records(demo, "Water_Samples", read_path="rest", max_concurrency=1)
    assert run.code == 0
    assert [(row[first], row[last]) for row in run.rows if row["id"] == target] == [("5", 5)]


@pytest.mark.parametrize("path", ["auto", "coql", "bulk"])
def test_without_the_scope_of_a_path_another_one_is_taken(path: str) -> None:
    scopes = ("ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL")
    with DemoOrganisation(awkward_sample, scopes=scopes) as demo:
        demo.organisation.records.resize("Tasks", 250)
        run = read_records(demo, "Tasks", read_path=path)
        assert run.code == 0, run.stderr
        assert len(emitted(run.stdout, "Tasks")) == 250


@pytest.mark.parametrize("call", [COQL, "/crm/v8/Tasks/deleted"])
def test_lasting_faults_fail_the_run_and_leave_the_bookmark(
    demo: DemoOrganisation, call: str
) -> None:
    demo.organisation.records.resize("Tasks", 30)
    state = read_records(demo, "Tasks", read_path="coql").state
    demo.inject(call, Fault.error(500, "INTERNAL_ERROR"), times=None)
    run = read_records(demo, "Tasks", read_path="coql", state=state)
    assert run.error.startswith("Tasks: ")
    assert "INTERNAL_ERROR" in run.error
    assert run.state == state


def test_keys_that_no_field_has_are_kept_but_for_those_of_the_screen(
    demo: DemoOrganisation,
) -> None:
    row = {"id": "1", "Modified_Time": None, "Brand_New": [5], "$editable": True, "$state": None}
    body = json.dumps({"data": [row], "info": {"more_records": False}})
    demo.inject("/crm/v8/Tasks", Fault(status=200, body=body), times=None)
    run = read_records(demo, "Tasks", read_path="rest")
    (record,) = emitted(run.stdout, "Tasks").values()
    assert record["additional_properties"] == {"Brand_New": [5]}
    assert "left out, since only Get Records returns them: $editable." in run.stderr
    assert "kept in additional_properties: Brand_New." in run.stderr


def test_deleted_records_are_a_stream_of_their_own(demo: DemoOrganisation) -> None:
    store = demo.organisation.records
    modules = ["Tasks", "Sites"]
    before = read_records(demo, "deleted_records", record_modules=modules, cutoff_lag=0)
    assert before.code == 0
    assert {row["module_api_name"] for row in before.rows} == {"Tasks"}
    assert all(row["deleted_time"].endswith("Z") for row in before.rows)
    binned, purged = (row["id"] for row in itertools.islice(store.read("Tasks", "Subject"), 2))
    store.delete("Tasks", binned)
    store.delete("Tasks", purged, permanent=True)
    demo.settable_clock.advance(60)
    state = before.state
    after = read_records(demo, "deleted_records", record_modules=modules, state=state, cutoff_lag=0)
    assert {(row["id"], row["type"]) for row in after.rows} == {
        (binned, "recycle"),
        (purged, "permanent"),
    }
    assert all(row["deleted_by"] for row in after.rows)


@pytest.mark.thorough
def test_deletions_that_may_not_be_read_yet_are_emitted_once_they_may(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    modules = ["Tasks", "Calls"]
    known = {"deleted_records": {"replication_key_value": "2026-01-01T00:00:00Z"}}
    early, late = (row["id"] for row in itertools.islice(store.read("Tasks", "Subject"), 2))
    store.delete("Tasks", early)
    demo.inject("/crm/v8/Tasks/deleted", Fault.error(403, "NO_PERMISSION", "no"), times=2)
    state: dict[str, Any] = {"bookmarks": known}
    for _ in range(2):
        demo.settable_clock.advance(60)
        run = read_records(
            demo, "deleted_records", record_modules=modules, state=state, cutoff_lag=0
        )
        assert run.code == 0
        assert run.rows == []
        assert "without the deletions of Tasks, for want of permission" in run.stderr
        state = run.state
        # The bookmark is of no account for what it has passed.
        reached = f"{demo.settable_clock():%Y-%m-%dT%H:%M:%SZ}"
        state["bookmarks"]["deleted_records"]["replication_key_value"] = reached
    store.delete("Tasks", late)
    demo.settable_clock.advance(60)
    run = read_records(demo, "deleted_records", record_modules=modules, state=state, cutoff_lag=0)
    assert [row["id"] for row in run.rows] == [early, late]
    assert "pending" not in str(run.state)


def test_messages_are_those_that_the_sdk_would_write(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Events", 40)
    catalog = records_catalog("Events", without=["Venue", "Participants"])
    ours = read_records(demo, catalog=catalog)
    with mock.patch.object(
        RecordStream, "_generate_record_messages", ZohoStream._generate_record_messages
    ):
        theirs = read_records(demo, catalog=catalog)
    assert ours.rows == theirs.rows
    assert all(row.keys().isdisjoint({"Venue", "Participants"}) for row in ours.rows)
    asked = [call.params.get("fields", "") for call in demo.calls if call.path == "/crm/v8/Events"]
    assert not any("Venue" in fields for fields in asked)


def test_a_catalog_with_another_type_is_refused_and_newer_fields_are_warned_of(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize("Sites", 3)
    changed = records_catalog("Sites")
    changed["streams"][0]["schema"]["properties"]["Altitude"]["type"] = ["string", "null"]
    assert "Altitude" in read_records(demo, catalog=changed).error
    older = records_catalog("Sites")
    del older["streams"][0]["schema"]["properties"]["Latitude"]
    run = read_records(demo, catalog=older)
    assert run.code == 0
    assert any("Latitude" in text for text in run.logged("WARNING"))
    assert all("Latitude" not in row for row in run.rows)
