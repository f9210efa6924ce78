"""Destinations that run for real, after two runs and edits between them: every stream and value."""

from __future__ import annotations

import pytest

from destinations.edits import (
    DROPPED,
    LAST_NAME,
    NEW_FIELD,
    NEW_MODULE,
    NEWS,
    OLD_NAME,
    RELABELLED,
    REMOVED_MODULE,
    RETYPED,
)
from destinations.loaded import (
    KEPT_WHEN_MARKED,
    as_zoho_has_it,
    differences,
    held,
    landed,
    utc,
)
from destinations.messages import DELETED_AT, as_kept, comparable, kind
from destinations.scenario import RECORDS, WHOLE, Load, Loads
from destinations.stores import ASIDE, PostgresStore

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]


@pytest.mark.parametrize("run", ["first", "second"])
def test_each_stream_is_a_table_with_the_taps_rows_once(loads: Loads, run: str) -> None:
    load: Load = getattr(loads, run)
    before = [loads.first.messages] if run == "second" else []
    for stream in loads.streams:
        expected, _ = loads.after([*before, load.messages], stream)
        assert held(loads, load, stream).keys() == expected.keys(), stream
    assert len(loads.streams) >= 60


def test_each_value_is_the_taps(loads: Loads) -> None:
    runs = [loads.first.messages, loads.second.messages]
    compared = 0
    for stream in loads.streams:
        rows = held(loads, loads.second, stream)
        expected, tombs = loads.after(runs, stream)
        for key in expected.keys() - tombs.keys():
            wrong = differences(loads, stream, rows[key], expected[key])
            assert wrong == [], (stream, key)
            compared += 1
    assert compared > 4_000


def test_each_column_has_the_type_that_the_docs_say(loads: Loads) -> None:
    for stream in loads.streams:
        expected = {
            loads.store.column(name): loads.store.type_of(kind(spec))
            for name, spec in loads.second.messages.schemas[stream].items()
        }
        columns = loads.store.columns(stream)
        # The loader's own column, whatever the tap says of it.
        expected.pop(DELETED_AT, None)
        found = {name: columns[name] for name in expected}
        assert found == expected, stream
        others = {name for name in columns.keys() - expected.keys() if name[:5] != "_sdc_"}
        left = {DROPPED, OLD_NAME, *(() if loads.store.widening else (RETYPED + ASIDE,))}
        expected_left = left if stream == "Leads" else ()
        assert others == {loads.store.column(name) for name in expected_left}


def test_keys_are_primary_keys_where_the_loader_makes_them(loads: Loads) -> None:
    if isinstance(loads.store, PostgresStore):
        for stream in loads.streams:
            keys = sorted(loads.store.column(key) for key in loads.first.messages.keys[stream])
            assert loads.store.primary_key(stream) == keys
    else:
        assert loads.store.columns("modules")["id"] == "VARCHAR"


def test_modules_are_the_organisations_own(loads: Loads) -> None:
    organisation = loads.second.organisation
    for module in organisation.modules:
        row = loads.second.row("modules", api_name=module["api_name"])
        assert row
        for name, value in module.items():
            if name in loads.second.messages.schemas["modules"]:
                assert as_zoho_has_it(row[loads.store.column(name)], value), name


def test_there_are_as_many_rows_as_the_organisation_has(loads: Loads) -> None:
    for load in (loads.first, loads.second) if loads.store.removing else (loads.first,):
        organisation = load.organisation
        fields = sum(
            len(organisation.fields.get(module["api_name"], ()))
            for module in organisation.modules
            if module["api_supported"]
        )
        counts = {stream: len(rows) for stream, rows in load.tables.items()}
        assert counts["modules"] == len(organisation.modules)
        assert counts["fields"] == fields
        assert counts["users"] == len(organisation.users)
        assert counts["roles"] == len(organisation.roles)
        assert counts["profiles"] == len(organisation.profiles)


def test_an_edit_replaces_the_row(loads: Loads) -> None:
    column = loads.store.column
    before = loads.first.row("modules", api_name="Leads")
    after = loads.second.row("modules", api_name="Leads")
    assert before
    assert after
    spec = {"type": "string", "format": "date-time"}
    assert before["plural_label"] == "Leads"
    assert comparable(before["modified_time"], spec) == utc("2025-04-24T17:32:20")
    assert after["plural_label"] == RELABELLED
    assert comparable(after["modified_time"], spec) == utc("2026-03-01T07:59:59")
    assert [len(row["profiles"]) for row in (before, after)] == [3, 1]
    assert after["additional_properties"] == {"quite_new": NEWS}
    assert after[column("isBlueprintSupported")] is True
    assert loads.first.row("modules", id=after["id"]) == before


def test_a_value_that_became_null_is_null(loads: Loads) -> None:
    before = loads.first.row("modules", api_name="Weather_Map")
    after = loads.second.row("modules", api_name="Weather_Map")
    assert before
    assert before["web_link"].startswith("http")
    assert after
    assert after["web_link"] is None
    user = loads.second.row("users", last_name="Quintero-Müller 🚰")
    assert user
    assert user["phone"] is None


def test_what_was_added_is_there(loads: Loads) -> None:
    assert loads.first.row("modules", api_name=NEW_MODULE) is None
    assert loads.second.row("modules", api_name=NEW_MODULE)
    assert loads.first.row("fields", api_name=NEW_FIELD) is None
    field = loads.second.row("fields", api_name=NEW_FIELD)
    assert field
    assert field["module_api_name"] == "Leads"
    assert field["field_label"] == "硬度 °dH"


def test_what_zoho_removed_goes_where_the_loader_knows_activate_version(loads: Loads) -> None:
    assert loads.first.row("modules", api_name=REMOVED_MODULE)
    still_there = loads.second.row("modules", api_name=REMOVED_MODULE)
    assert (still_there is None) == loads.store.removing


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


@pytest.mark.parametrize("stream", ["Leads", "Water_Samples"])
def test_a_deleted_record_is_removed_or_marked(loads: Loads, stream: str) -> None:
    deleted = loads.edited.deleted[stream]
    assert loads.first.row(stream, id=deleted)
    row = loads.second.row(stream, id=deleted)
    assert (row is None) == loads.store.burying
    if row is not None:
        assert row[DELETED_AT] is not None
        # docs/destinations.md: a marked row has lost its values, but those of fields that are gone.
        gone = {DROPPED, OLD_NAME, RETYPED + ASIDE} if stream == "Leads" else set()
        kept = {name for name, value in row.items() if value is not None}
        assert kept <= KEPT_WHEN_MARKED | {loads.store.column(name) for name in gone}
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
        # A first run also tells what is in the recycle bin.
        emitted = loads.first.messages.rows(stream).values()
        living = [row for row in emitted if row.get(DELETED_AT) is None]
        assert len(living) == len(loads.first.organisation.records[stream])
        again = {record_id for (record_id,) in loads.second.messages.rows(stream)}
        touched = loads.edited.touched.get(stream, set())
        if stream == "Leads":
            # A column is new, and so every record that is still there comes again.
            there = set(loads.second.organisation.records[stream])
            assert again == touched | there
        else:
            assert again == touched, stream


def test_ids_are_text(loads: Loads) -> None:
    widest = max(loads.second.tables["fields"], key=lambda row: len(row["id"]))
    assert len(widest["id"]) >= 19
    assert isinstance(widest["id"], str)


def test_the_loader_confirms_the_taps_last_state(loads: Loads) -> None:
    assert loads.first.state == loads.first.messages.last_state
    assert loads.second.state == loads.second.messages.last_state
    assert loads.second.state["bookmarks"].keys() == set(loads.streams)


def test_documented_nulls_of_target_postgres(loads: Loads) -> None:
    # docs/destinations.md: a null object is JSON's null there, not SQL's.
    store = loads.store
    if isinstance(store, PostgresStore):
        sql = "SELECT count(*) AS n FROM zoho.modules WHERE additional_properties IS NULL"
        (found,) = store.rows_of(sql)
        expected = 0 if store.removing else len(loads.second.tables["modules"]) - 1
        assert found["n"] == expected
        either = "nullif(additional_properties, 'null'::jsonb) IS NULL"
        (found,) = store.rows_of(f"SELECT count(*) AS n FROM zoho.modules WHERE {either}")
        assert found["n"] == len(loads.second.tables["modules"]) - 1
    else:
        empty = [r for r in loads.second.tables["modules"] if r["additional_properties"] is None]
        assert len(empty) == len(loads.second.tables["modules"]) - 1
