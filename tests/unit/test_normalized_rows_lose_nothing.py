"""Whatever a module holds either fits its schema, with nothing of it lost, or is a clear error."""

from __future__ import annotations

import copy
import json
import re
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.json_values import (
    ANYTHING,
    ASIDE,
    MISSING,
    ODD_KEYS,
    kept,
    near,
    object_kept,
    same,
)

from tap_zohocrm_modules.definitions import load_schema
from tap_zohocrm_modules.sync.rows.normalize import RowNormalizer
from tap_zohocrm_modules.zoho.records.conversions import TypeMismatchError
from tap_zohocrm_modules.zoho.transport.json_text import json_bytes

SCHEMA = load_schema("modules")
PROPERTIES = {key: column for key, column in SCHEMA["properties"].items() if key != ASIDE}
COLUMNS = list(SCHEMA["properties"])
VALIDATORS = [
    kind(SCHEMA) for kind in (jsonschema.Draft7Validator, jsonschema.Draft202012Validator)
]
UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

IDS = st.text(min_size=1, max_size=20) | st.integers(0, 10**20)
FIELDS = {key: near(column) for key, column in PROPERTIES.items() if key != "id"}
ROWS = st.builds(
    lambda module_id, odd, fields: {**odd, **fields, "id": module_id},
    IDS,
    st.dictionaries(ODD_KEYS, ANYTHING, max_size=3),
    st.lists(st.sampled_from(sorted(FIELDS)), max_size=4, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: FIELDS[name] for name in names})
    ),
)


def normalize(row: dict[str, Any]) -> dict[str, Any]:
    return RowNormalizer(SCHEMA, ["id"])(row)


def check(row: dict[str, Any]) -> None:
    """Conform a row, and see that it is as the schema says and whole."""
    before = copy.deepcopy(row)
    record = normalize(row)
    assert same(row, before)
    assert list(record) == COLUMNS
    line = json_bytes({"record": record})
    assert b"\n" not in line
    read_back = json.loads(line.decode("utf-8"), parse_float=Decimal)["record"]
    assert same(read_back, record)
    for validator in VALIDATORS:
        validator.validate(read_back)
    assert record["modified_time"] is None or UTC.fullmatch(record["modified_time"])
    aside = MISSING if record[ASIDE] is None else record[ASIDE]
    assert aside != {}
    assert object_kept(row, PROPERTIES, record, aside)


@settings(max_examples=150)
@given(ROWS)
@example({"id": 1, ASIDE: {ASIDE: None}})
@example({"id": "1", "\ufffd": "\ufffd", "description": "\ufffd"})
@example({"id": "1", "business_card_fields": {"\ufffd": [Decimal("1.10"), 2**70]}})
@example({"id": "1", "visibility": 2**63, "sequence_number": str(2**63)})
@example({"id": "1", "profiles": {"id": 5, "name": None, "x": {}}})
@example({"id": "1", "profiles": [{"id": 5}, {"y": []}, {}]})
@example({"id": "1", "custom_view": {"criteria": {"group": []}, "fields": [{"_pin": "yes"}]}})
def test_any_row_fits_its_schema_and_is_whole(row: dict[str, Any]) -> None:
    check(row)


def shape(schema: Any) -> str:
    """What decides the handling of a column: its schema without the words for people."""
    if not isinstance(schema, dict):
        return json.dumps(schema)
    words = sorted(schema.keys() - {"description", "title"})
    return ", ".join(f"{key}: ({shape(schema[key])})" for key in words)


# The first column of each shape stands for the others.
SHAPES = {shape(PROPERTIES[column]): column for column in reversed(FIELDS)}


@pytest.mark.parametrize("column", SHAPES.values())
def test_any_value_of_any_kind_of_column_fits_and_is_whole(column: str) -> None:
    @settings(max_examples=25)
    @given(near(PROPERTIES[column]))
    def any_value(value: Any) -> None:
        check({"id": "1", column: value})

    any_value()


@given(ANYTHING.filter(lambda value: value is None or isinstance(value, (dict, list))))
def test_an_id_that_is_none_is_the_clear_error(module_id: Any) -> None:
    with pytest.raises(TypeMismatchError, match="a row without a valid id"):
        normalize({"id": module_id, "api_name": "Leads"})


def test_a_missing_id_is_the_clear_error() -> None:
    with pytest.raises(TypeMismatchError, match="a row without a valid id"):
        normalize({"api_name": "Leads"})


@given(ROWS)
def test_a_row_is_normalized_the_same_way_every_time(row: dict[str, Any]) -> None:
    shuffled = dict(reversed(row.items()))
    assert json_bytes(normalize(row)) == json_bytes(normalize(copy.deepcopy(row)))
    assert {**normalize(shuffled), ASIDE: None} == {**normalize(row), ASIDE: None}


@given(ROWS)
def test_extras_are_named(row: dict[str, Any]) -> None:
    normalizer = RowNormalizer(SCHEMA, ["id"])
    record = normalizer(row)
    named = {name.partition(".")[0].partition("[")[0] for name in normalizer.extras}
    names = {key for key in record[ASIDE] or {} if not {".", "["} & set(key)}
    assert bool(normalizer.extras) == (record[ASIDE] is not None)
    assert names <= named | {""}


@pytest.mark.parametrize(
    ("value", "column", "aside"),
    [
        ("Leads", "Lead", MISSING),
        ("Leads", None, MISSING),
        ("Leads", None, "Lead"),
        (None, "Leads", MISSING),
    ],
)
def test_the_account_of_what_is_kept_finds_what_is_lost(
    value: Any, column: Any, aside: Any
) -> None:
    assert not kept(value, PROPERTIES["api_name"], column, aside)
    assert not kept([{"id": value}], PROPERTIES["profiles"], [{"id": column}], aside)


def test_the_account_of_what_is_kept_finds_changed_instants_and_numbers() -> None:
    times, numbers = PROPERTIES["modified_time"], PROPERTIES["visibility"]
    assert not kept("2025-04-24T10:32:20-07:00", times, "2025-04-24T10:32:20Z", MISSING)
    assert kept("2025-04-24T10:32:20-07:00", times, "2025-04-24T17:32:20Z", MISSING)
    assert not kept(value=True, schema=numbers, column=1, aside=MISSING)
    assert kept("14316", numbers, 14316, MISSING)
