"""`tap_zohocrm_modules.read()`: the rows of Arrow files, without Singer."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from support.arrow_read import in_files, opened, plain, read_table
from support.cases import sample
from support.demo import sample_demo
from support.wire import time_of

import tap_zohocrm_modules
from tap_zohocrm_modules import ReadProgress, SettingsError, ZohoError
from tap_zohocrm_modules.arrow_reader.columns import OneSchema
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.transport.errors import PermissionRefusedError, UnreadableAnswerError
from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.clock import Clock

NOW = datetime.now(timezone.utc).replace(microsecond=0)
LEADS, DEALS = 450, 60


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoOrganisation]:
    """An organisation in which no time passes, so that runs are the same."""
    clock = Clock(NOW)
    with sample_demo(clock=clock) as organisation, time_of(clock):
        organisation.organisation.records.resize("Leads", LEADS)
        organisation.organisation.records.resize("Deals", DEALS)
        yield organisation


@pytest.fixture(autouse=True)
def _clear(demo: DemoOrganisation) -> Iterator[None]:
    yield
    demo.clear_faults()


@pytest.mark.parametrize("path", sample(["rest", "coql", "bulk", "auto"], "coql"))
def test_records_are_those_of_arrow_files(
    demo: DemoOrganisation, tmp_path: Path, path: str
) -> None:
    found = read_table(demo, "Leads", read_path=path)
    assert found.num_rows == LEADS
    assert plain(found) == plain(in_files(tmp_path, demo, "Leads", read_path=path))


@pytest.mark.parametrize(
    "stream", sample(["users", "modules", "fields", "deleted_records"], "users", "deleted_records")
)
def test_rows_of_other_streams_are_those_of_arrow_files(
    demo: DemoOrganisation, tmp_path: Path, stream: str
) -> None:
    settings = {"record_modules": ["Leads", "Deals"]} if stream == "deleted_records" else {}
    found = read_table(demo, stream, **settings)
    assert found.num_rows > 3
    assert plain(found) == plain(in_files(tmp_path, demo, stream, **settings))


def test_deletions_are_read_since_an_instant(demo: DemoOrganisation) -> None:
    every = read_table(demo, "deleted_records", record_modules=["Leads", "Deals"])
    times = sorted(every["deleted_time"].to_pylist())
    middle = times[len(times) // 2]
    later = read_table(demo, "deleted_records", record_modules=["Leads", "Deals"], since=middle)
    assert sorted(later["deleted_time"].to_pylist()) == [one for one in times if one >= middle]


@pytest.mark.parametrize("name", ["Deals_Contact_Roles", "Deals.Contact_Roles"])
def test_children_are_found_by_their_streams_name_and_by_their_entry(
    demo: DemoOrganisation, name: str
) -> None:
    found = read_table(demo, name)
    deals = read_table(demo, "Deals", fields=["id"])
    assert found.num_rows > 10
    assert {*found["parent_id"].to_pylist()} <= {*deals["id"].to_pylist()}
    assert found.schema.metadata[b"stream"] == b"Deals_Contact_Roles"
    newest = max(deals["Modified_Time"].to_pylist())
    some = read_table(demo, name, since=newest)
    parents = deals.filter(pa.compute.equal(deals["Modified_Time"], newest))["id"].to_pylist()
    assert {*some["parent_id"].to_pylist()} <= {*parents}


@pytest.mark.parametrize("path", sample(["rest", "coql", "bulk"], "coql"))
def test_since_is_inclusive(demo: DemoOrganisation, path: str) -> None:
    every = read_table(demo, "Leads", fields=["Last_Name"])
    assert every.column_names == ["id", "Last_Name", "Modified_Time"]
    changed = dict(zip(every["id"].to_pylist(), every["Modified_Time"].to_pylist(), strict=True))
    begin = sorted(changed.values())[LEADS // 2]
    some = read_table(demo, "Leads", since=begin, read_path=path)
    assert {*some["id"].to_pylist()} == {lead for lead, time in changed.items() if time >= begin}
    day = begin.date() + timedelta(days=1)
    later = read_table(demo, "Leads", since=day, read_path=path)
    assert {*later["id"].to_pylist()} == {i for i, time in changed.items() if time.date() >= day}


def test_a_cutoff_leads_to_what_has_changed_since(demo: DemoOrganisation) -> None:
    first = read_table(demo, "Leads", fields=["Company"])
    cutoff = datetime.fromisoformat(
        first.schema.metadata[b"cutoff"].decode().replace("Z", "+00:00")
    )
    # By default as much before the cutoff as changes may take to show.
    assert NOW - cutoff == timedelta(seconds=10 + 300)
    lead = first["id"][7].as_py()
    demo.organisation.records.update("Leads", lead, {"Company": "Changed"}, at=cutoff)
    second = read_table(demo, "Leads", since=cutoff, fields=["Company"])
    assert {lead: "Changed"}.items() <= dict(
        zip(second["id"].to_pylist(), second["Company"].to_pylist(), strict=True)
    ).items()
    assert second.num_rows < LEADS


def test_a_stream_without_times_says_so(demo: DemoOrganisation) -> None:
    assert b"cutoff" not in opened(demo, "org").schema.metadata
    with pytest.raises(SettingsError, match="does not say when rows of org change"):
        opened(demo, "org", since="2024-01-01")


@pytest.mark.parametrize(
    ("stream", "arguments", "text"),
    [
        ("Lead", {}, "there is no such stream: did you mean Leads?"),
        ("sync_report", {}, "sync_report describes runs of the tap"),
        ("Deals.Contact_Role", {}, "did you mean Contact_Roles"),
        ("Leads", {"fields": ["Last_name"]}, "no such column: did you mean Last_Name?"),
        ("Leads", {"fields": "Last_Name"}, "must be a list of names"),
        ("Leads", {"fields": 5}, "must be a list of names"),
        ("Leads", {"fields": [["Company"]]}, "no such column"),
        ("Leads", {"since": 5}, "must be a date-time such as"),
        (None, {}, "must be the name of a stream"),
        (".", {}, "there is no such stream"),
        ("audit_log", {}, "by the tap and not by read()"),
        ("Leads", {"since": "2999-01-01"}, "later than this read's cutoff"),
        ("Leads", {"since": "yesterday"}, "must be a date-time such as"),
        ("Leads", {"read_path": "soap"}, "must be one of auto, rest, coql, bulk"),
        ("Leads", {"read_paths": "rest"}, "did you mean read_path?"),
    ],
)
def test_what_is_asked_for_wrongly_is_named(
    demo: DemoOrganisation, stream: Any, arguments: dict[str, Any], text: str
) -> None:
    with pytest.raises(SettingsError) as error:
        opened(demo, stream, **arguments)
    assert text in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"config": "prod.json"}, "config must be a mapping"),
        ({"progress": 5}, "progress is 5, which must be a function"),
    ],
)
def test_arguments_of_other_types_are_named(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(SettingsError, match=text):
        tap_zohocrm_modules.read("Leads", **arguments)


def test_fields_may_be_an_iterator_and_since_long_ago(demo: DemoOrganisation) -> None:
    names: Any = iter(["Company"])
    found = read_table(demo, "Leads", fields=names, since="0001-01-01")
    assert (found.num_rows, found.column_names) == (LEADS, ["id", "Company", "Modified_Time"])


def test_what_fails_while_it_is_read_is_an_error_of_ours(demo: DemoOrganisation) -> None:
    refusal = Fault.error(403, "NO_PERMISSION", "permission denied")
    demo.inject("*/Leads", refusal, times=None)
    with pytest.raises(PermissionRefusedError, match="NO_PERMISSION"):
        read_table(demo, "Leads", read_path="rest")
    demo.clear_faults()
    demo.inject("*/Leads", Fault.error(500, "INTERNAL_ERROR", "oops"), times=None, nth=2)
    reader = opened(demo, "Leads", read_path="rest")
    with pytest.raises(ZohoError, match="Gave up after"):
        reader.read_all()
    with pytest.raises(StopIteration):
        reader.read_next_batch()


@pytest.mark.parametrize(
    ("stream", "path"),
    sample(
        [("Leads", p) for p in ("rest", "coql", "bulk")] + [("fields", "auto")], ("Leads", "rest")
    ),
)
def test_a_reader_that_is_closed_early_leaves_no_thread(
    demo: DemoOrganisation, stream: str, path: str
) -> None:
    before = {*threading.enumerate()}
    # What is read ahead is answered late.
    demo.inject("*", Fault.slow(0.2), times=None)
    limits = Limits(batch_rows=100)
    with opened(demo, stream, limits, read_path=path, max_concurrency=4) as reader:
        assert reader.read_next_batch().num_rows > 0
    left = {one.name for one in {*threading.enumerate()} - before}
    assert {name for name in left if not name.startswith("demo-")} == set()
    with pytest.raises(StopIteration):
        reader.read_next_batch()
    reader.close()


def test_a_reader_that_nobody_closes_ends_as_garbage(demo: DemoOrganisation) -> None:
    before = {*threading.enumerate()}
    reader = opened(demo, "Leads", read_path="rest", max_concurrency=2)
    reader.read_next_batch()
    own = {one for one in {*threading.enumerate()} - before if not one.name.startswith("demo-")}
    assert own
    del reader
    gc.collect()
    for one in {*threading.enumerate()} - before:
        if one in own or one.name == "reader closes":
            one.join(30)
    assert not [one.name for one in own if one.is_alive()]


def test_its_progress_is_reported(demo: DemoOrganisation) -> None:
    told: list[ReadProgress] = []
    read_table(demo, "Leads", progress=told)
    assert [one.rows for one in told] == sorted({one.rows for one in told})
    assert (told[-1].rows, told[-1].expected) == (LEADS, LEADS)
    assert told[-1].credits >= 5


def test_a_value_that_fits_no_arrow_type_is_kept_beside(caplog: pytest.LogCaptureFixture) -> None:
    columns = {
        "id": {"type": ["string"]},
        "Amount": {"type": ["number", "null"]},
        "additional_properties": {"type": ["object", "null"]},
    }
    rows = Rows(
        [
            {"id": "1", "Amount": Decimal("2.5"), "additional_properties": {"Odd": [1]}},
            {"id": "2", "Amount": 10**30, "additional_properties": None},
        ]
    )
    schema = OneSchema("Deals", columns, {})
    block = schema.batch(rows)
    assert block.schema == schema.schema
    assert block.to_pylist() == [
        {"id": "1", "Amount": Decimal("2.5"), "additional_properties": '{"Odd":[1]}'},
        {"id": "2", "Amount": None, "additional_properties": f'{{"Amount":"{10**30}"}}'},
    ]
    assert "kept in additional_properties: Amount" in caplog.text
    del columns["additional_properties"]
    with pytest.raises(UnreadableAnswerError, match="name additional_properties in fields"):
        OneSchema("Deals", columns, {}).batch(rows)
