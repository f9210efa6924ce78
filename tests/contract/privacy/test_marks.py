"""Which fields are private: Zoho's marks, also those that come later or go, and the hashes' key."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from support.demo import config_for, metadata_catalog, read
from support.private_fields import (
    HASH,
    KEY,
    MARKER,
    NOW,
    OMIT,
    PRIVATE,
    assert_no_trace,
    discovered,
    hashed,
    mark,
    run_of,
)
from support.run import Run, run_tap

from tap_zohocrm_modules.zoho.records.model import describe
from tap_zohocrm_modules.zoho.records.private import Privacy, handled, protected
from zohocrm_demo import DemoOrganisation


def there(run: Run, stream: str) -> list[dict[str, Any]]:
    """The rows of a stream that are not tombstones."""
    return [row for row in run.rows_of(stream) if not row.get("_sdc_deleted_at")]


@pytest.mark.thorough
def test_fields_say_which_were_handled(demo: DemoOrganisation) -> None:
    for way in (HASH, OMIT, {}):
        run = read(demo, catalog=metadata_catalog(fields={}), **way)
        rows = {
            (row["module_api_name"], row["api_name"]): row["private_handling"]
            for row in run.rows_of("fields")
        }
        assert rows["Contacts", "Email"] == way.get("private_fields")
        assert rows["Contacts", "Department"] is None


def test_the_key_is_needed_and_shown_nowhere(demo: DemoOrganisation) -> None:
    run = run_tap("--discover", config=config_for(demo, private_fields="hash"))
    assert run.code == 1
    assert "private_fields is hash, which needs private_field_key" in run.stderr
    catalog = discovered(demo, "Leads", **HASH)
    run = run_of(demo, catalog=catalog, **HASH)
    assert KEY not in run.stdout.decode() + run.stderr


@pytest.mark.thorough
def test_a_field_that_is_marked_later_is_hashed_from_then_on_and_named(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    mark(demo, "Contacts", "Department", None)
    for row in store.read("Contacts", "id"):
        store.update("Contacts", row["id"], {"Department": MARKER}, at=NOW - timedelta(days=3))
    try:
        first = run_of(demo, catalog=discovered(demo, "Contacts", **HASH), **HASH)
        assert {row["Department"] for row in there(first, "Contacts")} == {MARKER}
        mark(demo, "Contacts", "Department")
        catalog = discovered(demo, "Contacts", **HASH)
        second = run_of(demo, catalog=catalog, state=first.state, **HASH)
        assert second.code == 0, second.logged("ERROR")
        assert any(
            "private, which earlier runs emitted: Department" in t for t in second.logged("WARNING")
        )
        # What was loaded before is overwritten.
        assert {row["Department"] for row in there(second, "Contacts")} == {hashed(MARKER)}
        assert len(there(second, "Contacts")) == 119
        assert_no_trace(second.stdout, second.stderr)
        # An older catalog, in which the column is a text, makes no difference.
        mark(demo, "Contacts", "Department", None)
        third = run_of(demo, catalog=catalog, state=second.state, **HASH)
        assert any("private no more: Department" in text for text in third.logged("WARNING"))
        store.update("Contacts", there(second, "Contacts")[0]["id"], {"Department": f"{MARKER}!"})
        fourth = run_of(demo, catalog=catalog, state=third.state, lookback=0, cutoff_lag=0, **HASH)
        assert_no_trace(third.stdout, fourth.stdout)
        # Until the user says so.
        state = fourth.state
        assert state["bookmarks"]["Contacts"]["private"].pop("Department")
        fifth = run_of(demo, catalog=catalog, state=state, **HASH)
        assert {row["Department"] for row in fifth.rows_of("Contacts")} >= {MARKER}
    finally:
        for row in store.read("Contacts", "id"):
            store.update("Contacts", row["id"], {"Department": "Sales"}, at=NOW)


@pytest.mark.thorough
def test_a_column_of_an_older_catalog_is_not_filled_with_hashes_of_another_type(
    demo: DemoOrganisation,
) -> None:
    older = discovered(demo, "Leads")
    run = run_of(demo, catalog=older, **HASH)
    assert run.code == 1
    assert "Annual_Revenue (number, now string)" in run.stderr
    assert_no_trace(run.stdout)
    run = run_of(demo, catalog=older, **OMIT)
    assert run.code == 0
    assert "left out, since Zoho marks their fields as private" in run.stderr
    assert_no_trace(run.stdout)


FIELD = {"id": "1", "api_name": "Notes__c", "data_type": "text", "json_type": "string"}


@pytest.mark.parametrize(
    ("mark", "is_private"),
    [
        ({"private": PRIVATE}, True),
        ({"hipaa_compliance": {"restricted": False, "restricted_in_export": False}}, True),
        ({"crypt": {"mode": "decryption", "status": 1}}, True),
        ({"private": None, "hipaa_compliance": None, "crypt": None}, False),
        ({"private": {}, "hipaa_compliance_enabled": True}, False),
    ],
)
def test_the_marks_are_zohos(mark: dict[str, Any], is_private: bool) -> None:
    module = describe({"api_name": "Cases"}, [{**FIELD, **mark}])
    assert [*handled(module)] == (["Notes__c"] if is_private else [])


@pytest.mark.parametrize("key", ["k", "k" * 64, "k" * 65, "ключ" * 40])
def test_hashes_are_hmac_of_any_key(key: str) -> None:
    made = Privacy.hashing(key)
    for value in ("", "a@example.com", "日本" * 99):
        assert (
            made.in_place_of(value) == hmac.new(key.encode(), value.encode(), "sha256").hexdigest()
        )


def test_a_value_of_another_type_is_hashed_too() -> None:
    module = describe(
        {"api_name": "Cases"}, [{**FIELD, "private": PRIVATE, "data_type": "integer"}]
    )
    privacy = Privacy.hashing(KEY)
    [_, made] = protected(module, privacy, handled(module)).fields
    convert: Callable[[Any], Any] = made.type.json_converter
    assert convert("no number") == hashed("no number")
    assert (
        convert({"odd": ["é"]})
        == hmac.new(KEY.encode(), '{"odd":["é"]}'.encode(), "sha256").hexdigest()
    )
    assert made.type.cell_converter(frozenset)("12") == hashed(12)
