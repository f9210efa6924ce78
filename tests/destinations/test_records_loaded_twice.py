"""Modules' records in destinations that run for real, after two runs and edits between them."""

from __future__ import annotations

from typing import Any

import pytest
from support.records import Json

from destinations.edits import LAST_NAME, NEW_FIELD
from destinations.messages import DELETED_AT, as_kept
from destinations.scenario import RECORDS, WHOLE, Load, Loads

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

KEPT_WHEN_MARKED = {"id", DELETED_AT, "additional_properties"} | {
    f"_sdc_{name}"
    for name in (
        "extracted_at", "received_at", "batched_at", "sequence", "table_version", "sync_started_at"
    )
}  # fmt: skip


def landed(loads: Loads, value: Any, emitted: Any) -> Any:
    """What the destination has of an organisation's value."""
    # Lists are texts of JSON, spelt as the tap spells it.
    expected = emitted if isinstance(value, Json) and value == emitted else value
    return as_kept(loads.store.text(expected) if isinstance(expected, str) else expected)


@pytest.mark.parametrize("run", ["first", "second"])
def test_records_are_the_organisations_own(loads: Loads, run: str) -> None:
    load: Load = getattr(loads, run)
    compared = 0
    for stream in RECORDS:
        truth = load.organisation.records[stream]
        rows = {row["id"]: row for row in load.tables[stream] if row.get(DELETED_AT) is None}
        gone = rows.keys() - truth.keys()
        # What Zoho doesn't tell goes only where the loader knows ACTIVATE_VERSION.
        if stream in WHOLE and not loads.store.removing:
            assert gone <= {loads.edited.deleted[stream]}
        else:
            assert not gone, stream
        assert truth.keys() <= rows.keys(), stream
        said = loads.after([loads.first.messages, load.messages], stream)[0]
        for record_id, record in truth.items():
            row, emitted = rows[record_id], said[(record_id,)]
            # The sample fills a new field of old records; Zoho leaves it empty.
            names = record.keys() & load.messages.schemas[stream].keys() - {NEW_FIELD}
            for name in names:
                expected = landed(loads, record[name], emitted.get(name))
                found = as_kept(row[loads.store.column(name)])
                assert found == expected, f"{stream}.{name} of {record_id}"
            compared += len(names)
    assert compared > 15_000
    assert len(load.messages.schemas["Water_Samples"]) > 120


def test_a_changed_lead_is_replaced_and_a_new_one_added(loads: Loads) -> None:
    before = loads.first.row("Leads", id=loads.edited.changed)
    after_ = loads.second.row("Leads", id=loads.edited.changed)
    assert before
    assert after_
    name, city, new = (loads.store.column(each) for each in ("Last_Name", "City", NEW_FIELD))
    assert before[name] != LAST_NAME
    assert before[city] is not None
    assert (after_[name], after_[city], after_[new]) == (LAST_NAME, None, "14 °dH")
    added = loads.second.row("Leads", id=loads.edited.added)
    assert added
    assert added[name] == "Ångström"
    assert added[new] is None


def test_a_new_field_is_a_new_column(loads: Loads) -> None:
    column = loads.store.column(NEW_FIELD)
    assert all(column not in row for row in loads.first.tables["Leads"])
    assert loads.store.columns("Leads")[column] == loads.store.type_of("string")


@pytest.mark.parametrize("stream", ["Leads", "Water_Samples"])
def test_a_deleted_record_is_removed_or_marked(loads: Loads, stream: str) -> None:
    deleted = loads.edited.deleted[stream]
    assert loads.first.row(stream, id=deleted)
    row = loads.second.row(stream, id=deleted)
    assert (row is None) == loads.store.burying
    if row is not None:
        assert row[DELETED_AT] is not None
        # docs/destinations.md: a marked row has lost its values.
        assert {name for name, value in row.items() if value is not None} <= KEPT_WHEN_MARKED
    assert loads.second.row("deleted_records", id=deleted)


def test_a_deletion_that_zoho_does_not_tell_shows_in_a_whole_read(loads: Loads) -> None:
    (stream,) = WHOLE
    deleted = loads.edited.deleted[stream]
    assert loads.first.row(stream, id=deleted)
    assert (loads.second.row(stream, id=deleted) is None) == loads.store.removing
    assert loads.second.row("deleted_records", id=deleted) is None


def test_the_second_run_reads_only_what_changed(loads: Loads) -> None:
    states = loads.first.state["bookmarks"]
    by_time = [name for name in RECORDS if states[name].get("replication_key")]
    assert set(RECORDS) - set(by_time) == {*WHOLE, "Functions__s"}
    for stream in by_time:
        assert len(loads.first.messages.rows(stream)) == len(
            loads.first.organisation.records[stream]
        )
        again = {record_id for (record_id,) in loads.second.messages.rows(stream)}
        assert again == loads.edited.touched.get(stream, set()), stream
