"""The catalogue in destinations that run for real, after two runs and edits between them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from destinations.edits import (
    NEW_FIELD,
    NEW_MODULE,
    NEWS,
    RELABELLED,
    REMOVED_MODULE,
)
from destinations.messages import DELETED_AT, comparable, kind
from destinations.scenario import LATER, Load, Loads
from destinations.stores import PostgresStore

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

Row = dict[str, Any]


def held(loads: Loads, load: Load, stream: str) -> dict[tuple[str, ...], Row]:
    """The destination's rows by key."""
    keys = [loads.store.column(key) for key in load.messages.keys[stream]]
    rows = {tuple(row[key] for key in keys): row for row in load.tables[stream]}
    assert len(rows) == len(load.tables[stream]), f"{stream}: a key occurs twice"
    return rows


def differences(loads: Loads, stream: str, row: Row, expected: Row) -> list[str]:
    """The columns whose value is not the tap's."""
    return [
        name
        for name, spec in loads.second.messages.schemas[stream].items()
        if as_loaded(loads, row[loads.store.column(name)], spec)
        != as_loaded(loads, landing(loads, expected.get(name), spec), spec)
    ]


def landing(loads: Loads, value: Any, spec: Row) -> Any:
    return loads.store.text(value) if kind(spec) == "string" and value is not None else value


def as_loaded(loads: Loads, value: Any, spec: Row) -> Any:
    found = comparable(value, spec)
    exact = loads.store.types["number"] == "numeric"
    return found if exact or kind(spec) != "number" or found is None else float(found)


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
        assert all(name.startswith("_sdc_") for name in columns.keys() - expected.keys())


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


def as_zoho_has_it(held: Any, value: Any) -> bool:
    """Whether the destination's value is the organisation's, with its local times."""
    if isinstance(held, list) and isinstance(value, dict):
        return held == [value]
    if isinstance(value, str) and value[4:5] == "-" and value[10:11] == "T":
        there = datetime.fromisoformat(value).astimezone(timezone.utc)
        spec = {"type": "string", "format": "date-time"}
        return bool(comparable(held, spec) == there)
    return bool(held == value)


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


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


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


def test_a_column_chosen_later_is_added(loads: Loads) -> None:
    stream, name = LATER
    column = loads.store.column(name)
    assert name not in loads.first.messages.schemas[stream]
    assert all(column not in row for row in loads.first.tables[stream])
    row = loads.second.row(stream, api_name="Products")
    assert row
    assert row[column] > 50


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
