"""Rows of JSON become the same records by columns as row by row, whatever they hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_zohocrm_modules.zoho.records import field_types
from tap_zohocrm_modules.zoho.records.arrow.row_tables import RowTables
from tap_zohocrm_modules.zoho.records.conversions import AmbiguousValueError, TypeMismatchError
from tap_zohocrm_modules.zoho.records.field_traits import SE_MODULE
from tap_zohocrm_modules.zoho.records.field_type import FieldType
from tap_zohocrm_modules.zoho.records.field_types import DATE_TIME, NUMERAL
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField
from tap_zohocrm_modules.zoho.records.projection import Projection
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

TYPES = [value for value in vars(field_types).values() if isinstance(value, FieldType)]
FIELDS = (
    RecordField(ID, ID, NUMERAL),
    RecordField(MODIFIED_TIME, MODIFIED_TIME, DATE_TIME),
    *(RecordField(f"F_{one.name}", f"f_{one.name}", one) for one in TYPES),
)
HOSTILE: list[Any] = [
    *(None, "", "x", "7", "2.50", "true", True, False, 0, -5, 2**63 - 1, 2**63, 10**30, 2**2000),
    *(Decimal("2.5"), Decimal("2.50"), Decimal("-0"), Decimal("1E+3"), Decimal("1E+999")),
    *("2025-04-24", "2025-02-30", "2025-04-24T17:32:20-07:00", "2025-04-24T17:32:20.5+05:30"),
    *("2025-04-24T17:32:20", {"id": "9"}, {"id": 9}, {"id": None}, {"id": ""}, {"name": "y"}, {}),
    *({"id": "9", "module": {"api_name": "Leads"}}, {"api_name": "Leads"}, {"value": "a"}),
    *({"RRULE": "FREQ=DAILY"}, [], ["a", "b"], [{"id": "9"}], [{"name": "a"}, None], [[1]]),
]
hostile = st.sampled_from(HOSTILE)
plain = st.fixed_dictionaries(
    {ID: st.integers(1, 10**18).map(str)},
    optional={field.request_name: hostile for field in FIELDS[1:]}
    | {SE_MODULE: hostile, "$approved": hostile, "Other": hostile},
)


def one_by_one(row: dict[str, Any], mismatches: set[str]) -> tuple[dict[str, Any], bool]:
    """The record of a row, value by value, and whether all of them are clear."""
    record: dict[str, Any] = {}
    aside: dict[str, Any] = {}
    is_clear = True
    for field in FIELDS:
        name = field.request_name
        if name not in row and field.api_name not in {ID, MODIFIED_TIME} and name[0] != "$":
            # What Zoho did not send is not a null, and another path may have it.
            is_clear = False
            continue
        found, value = None, row.get(name)
        try:
            found = None if value is None else field.type.from_json(value)
        except TypeMismatchError:
            aside[field.column] = value
        except AmbiguousValueError:
            beside = row.get(SE_MODULE)
            found = beside if isinstance(beside, str) and beside else None
            is_clear = is_clear and found is not None
        if found and field.api_name == MODIFIED_TIME:
            found = f"{found[:19]}Z"
        record[field.column] = found
    known = {field.request_name for field in FIELDS}
    others = {name: one for name, one in row.items() if name not in known and one is not None}
    aside |= {name: one for name, one in others.items() if not name.startswith("$")}
    mismatches.update(aside, others)
    return {**record, "additional_properties": aside or None}, is_clear


def both(rows: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    by_columns, by_rows = set[str](), set[str]()
    records, unclear = Projection("Things", FIELDS, by_columns).from_rows(rows)
    each = [one_by_one(row, by_rows) for row in rows]
    others = {record["id"] for record, is_clear in each if not is_clear}
    # With their types and their order: 1, True and Decimal(1) are equal.
    return (
        [repr(records), sorted(unclear), sorted(by_columns)],
        [repr([record for record, _ in each]), sorted(others), sorted(by_rows)],
    )


@settings(max_examples=100)
@given(rows=st.lists(plain, max_size=5))
def test_rows_are_the_same_records_by_columns(rows: list[dict[str, Any]]) -> None:
    by_columns, by_rows = both(rows)
    assert by_columns == by_rows


@pytest.mark.parametrize("field", FIELDS[1:], ids=lambda field: field.column)
def test_each_hostile_value_is_the_same_by_columns(field: RecordField) -> None:
    for value in HOSTILE:
        whole = {each.request_name: None for each in FIELDS} | {ID: "7"}
        by_columns, by_rows = both([{**whole, field.request_name: value}, whole])
        assert by_columns == by_rows, value


def in_table(rows: list[dict[str, Any]]) -> tuple[list[Any], list[Any]] | None:
    projections = [Projection("Things", FIELDS, set()) for _ in range(2)]
    found = RowTables(FIELDS, projections[0]).table(rows)
    if found is None:
        return None
    records = projections[1].from_rows(rows)
    sides = zip(((list(found[0]), found[1]), records), projections, strict=True)
    by_table, by_records = (
        # JSON text has no zero below zero.
        [
            repr(several).replace("Decimal('-0')", "0"),
            *(sorted(unclear), sorted(projection.mismatches)),
        ]
        for (several, unclear), projection in sides
    )
    return by_table, by_records


@pytest.mark.parametrize("field", FIELDS[1:], ids=lambda field: field.column)
def test_each_hostile_value_is_the_same_in_a_table_or_in_none(field: RecordField) -> None:
    whole = {each.request_name: None for each in FIELDS} | {ID: "7", SE_MODULE: "Leads"}
    found = [in_table([{**whole, field.request_name: value}, whole]) for value in HOSTILE]
    tables = [one for one in found if one is not None]
    assert [one[0] for one in tables] == [one[1] for one in tables]
    # Only numbers that Arrow cannot hold need records.
    assert len(tables) >= len(HOSTILE) - 3


def test_what_is_beside_the_fields_is_in_a_table() -> None:
    whole = {each.request_name: None for each in FIELDS} | {ID: "7"}
    found = in_table([{**whole, "Other": {"a": Decimal("2.50")}, "$approved": True}, whole])
    assert found is not None
    assert found[0] == found[1]


def test_a_row_that_lacks_a_key_is_in_no_table() -> None:
    assert in_table([{each.request_name: None for each in FIELDS[:-1]} | {ID: "7"}]) is None


@pytest.mark.parametrize("record_id", [None, "", "x", "12345678901234567890", [1]])
def test_a_row_without_an_id_is_refused(record_id: Any) -> None:
    projection = Projection("Things", FIELDS, set())
    with pytest.raises(UnreadableAnswerError, match=r"^Things: Zoho sent a record with"):
        projection.from_rows([{ID: record_id}])
