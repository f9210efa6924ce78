"""What one kind of call lists and another one does not send, or cuts, is never lost in silence."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest import mock

import pytest
from support.client import calls_made_by, server_time
from support.pages import paged_demo
from support.records import cuts, emitted, existing, read_records, read_whole, table, truth

from tap_zohocrm_modules.zoho.records.bulk.reader import BulkReader
from tap_zohocrm_modules.zoho.records.reading import Page
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import ApiError, Refusal
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.families import records_shown
from zohocrm_demo.organisation.records import values

LATER = timedelta(days=2)


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with paged_demo("Events", 12, 50, profile=profile) as organisation:
        yield organisation


@contextlib.contextmanager
def not_sent_by_id(*ids: str) -> Iterator[None]:
    """Let no call return these records by their ids, as if its index lagged."""
    real = ZohoClient.call

    def call(client: ZohoClient, one: Call) -> Answer:
        answer = real(client, one)
        if not any(name == "ids" for name, _ in one.params) or answer.body is None:
            return answer
        rows = [row for row in answer.body["data"] if row["id"] not in ids]
        body = {**answer.body, "data": rows}
        return dataclasses.replace(answer, body=body if rows else None)

    with calls_made_by(call):
        yield


def cut_by_units(units: int) -> Any:
    """Let lists cut rich texts by UTF-16 units, and drop half a character."""
    real = values.rest_writer

    def writer(place: Any, *, whole: bool = False) -> Any:
        write = real(place, whole=True)
        is_rich = (place.field.get("textarea") or {}).get("type") == "rich_text"
        if whole or not is_rich:
            return real(place, whole=whole)
        return lambda text: (
            text and write(text).encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")
        )

    return mock.patch.object(records_shown, "rest_writer", writer)


@pytest.mark.parametrize("text", ["🙂" * 300, "a" + "🙂" * 300, "a" * 499 + "🙂" * 9, "é" * 501])
@pytest.mark.parametrize("path", ["rest", "coql"])
def test_rich_texts_cut_by_utf_16_units_are_read_whole(
    demo: DemoOrganisation, path: str, text: str
) -> None:
    store = demo.organisation.records
    store.resize("Sites", 3)
    (rich, *_) = [
        name
        for name, field in store.fields("Sites").items()
        if (field.get("textarea") or {}).get("type") == "rich_text"
    ]
    ids = [row["id"] for row in store.read("Sites", rich)]
    store.update("Sites", ids[1], {rich: text}, at=datetime(2026, 3, 1, tzinfo=timezone.utc))

    with cut_by_units(500):
        run = read_whole(demo, "Sites", read_path=path)

    assert emitted(run.stdout, "Sites")[ids[1]][rich] == text


@pytest.mark.parametrize("path", ["coql", "auto"])
@pytest.mark.parametrize("lagging", [1, 5])
def test_a_changed_record_that_is_listed_and_not_sent_by_its_id_is_read_later(
    demo: DemoOrganisation, path: str, lagging: int
) -> None:
    store = demo.organisation.records
    first = read_whole(demo, "Events", read_path=path, cutoff_lag=0)
    changed = [row["id"] for row in store.read("Events", "Event_Title")][2 : 2 + lagging]
    for one in changed:
        store.update("Events", one, {"Event_Title": "Moved"})
    later = datetime.now(timezone.utc) + timedelta(minutes=10)

    with server_time(now=lambda: later):
        with not_sent_by_id(*changed):
            failed = read_records(demo, "Events", state=first.state, read_path=path)
        assert "Zoho lists the record" in failed.error
        assert failed.bookmark("Events") <= first.bookmark("Events")
        third = read_whole(demo, "Events", state=failed.state, read_path=path)

    rows = table("Events", first.stdout, failed.stdout, third.stdout)
    assert {rows[one]["Event_Title"] for one in changed} == {"Moved"}


def test_a_row_of_a_subform_that_is_still_listed_is_no_deleted_one(demo: DemoOrganisation) -> None:
    module = "Site_Contacts"
    ids = [*truth(demo, module, ["id"])]

    with not_sent_by_id(ids[0]), mock.patch.object(BulkReader, "pages", ambiguous(ids[:2])):
        run = read_records(demo, module, read_path="bulk")

    assert ids[0] in run.error


def ambiguous(ids: Collection[str]) -> Any:
    """Let Bulk Read leave something of these records to be read by their ids."""
    real = BulkReader.pages

    def pages(reader: BulkReader, *window: Any) -> Iterator[Page]:
        for page in real(reader, *window):
            yield dataclasses.replace(page, ambiguous=frozenset(ids if page.records else ()))

    return pages


@contextlib.contextmanager
def exports_lack(*ids: str) -> Iterator[None]:
    """Let Bulk Read's exports lack these records."""
    real = BulkReader.pages

    def pages(reader: BulkReader, *window: Any) -> Iterator[Page]:
        for page in real(reader, *window):
            kept = Rows(record for record in page.records if record["id"] not in ids)
            yield dataclasses.replace(page, records=kept)
        kept_ids = [number for number in reader.unchanged if str(number) not in ids]
        reader.unchanged[:] = type(reader.unchanged)("Q", kept_ids)

    with mock.patch.object(BulkReader, "pages", pages):
        yield


def queries_refuse(field: str) -> Any:
    """Let no query have this field."""
    real = ZohoClient.call

    def call(client: ZohoClient, one: Call) -> Answer:
        if one.path == "/coql" and field in str(one.body):
            raise ApiError(
                f"{one}: no", Refusal(400, "INVALID_QUERY", "no", {"column_name": field})
            )
        return real(client, one)

    return calls_made_by(call)


@pytest.mark.parametrize("path", ["bulk", "auto"])
def test_a_field_that_queries_refuse_is_left_out_of_the_recheck_and_not_the_recheck(
    demo: DemoOrganisation, path: str
) -> None:
    store = demo.organisation.records
    store.resize("Contacts", 20)
    before = emitted(read_whole(demo, "Contacts", read_path="rest").stdout, "Contacts")
    lacking = [*before][3:5]

    with exports_lack(*lacking), queries_refuse("Department"):
        run = read_whole(demo, "Contacts", read_path=path)

    assert emitted(run.stdout, "Contacts") == before
    if path == "bulk":
        assert "Zoho refuses the field Department there" in run.stderr


@pytest.mark.parametrize("count", [12, 130])
@pytest.mark.parametrize("path", ["rest", "coql", "bulk"])
def test_a_first_read_has_records_whose_times_are_to_come(
    demo: DemoOrganisation, path: str, count: int
) -> None:
    store = demo.organisation.records
    store.resize("Events", count)
    ids = [row["id"] for row in store.read("Events", "Event_Title")]
    at = datetime.now(timezone.utc) + LATER
    for one in ids[:60]:
        store.update("Events", one, {"Event_Title": "To come"}, at=at)

    run = read_whole(demo, "Events", read_path=path)

    assert existing(run).keys() == {*ids}
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    marks = [state["bookmarks"]["Events"].get("replication_key_value") for _, state in cuts(run)]
    assert all(mark <= now for mark in marks if mark)
