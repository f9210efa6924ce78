"""Rows of JSON become the same records by columns as row by row, whatever they hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_zohocrm_modules.zoho.records import field_types
from tap_zohocrm_modules.zoho.records.field_traits import SE_MODULE
from tap_zohocrm_modules.zoho.records.field_types import DATE_TIME, NUMERAL, FieldType
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


def both(rows: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    found = []
    for by_columns in (True, False):
        projection = Projection("Things", FIELDS, set())
        if by_columns:
            records = projection.from_rows(rows)
        else:
            records = [projection.from_json(row) for row in rows]
        # With their types and their order: 1, True and Decimal(1) are equal.
        found.append([repr(records), sorted(projection.mismatches)])
    return found[0], found[1]


@settings(max_examples=300)
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


@pytest.mark.parametrize("record_id", [None, "", "x", "12345678901234567890", [1]])
def test_a_row_without_an_id_is_refused_by_columns_too(record_id: Any) -> None:
    projection = Projection("Things", FIELDS, set())
    with pytest.raises(UnreadableAnswerError) as by_columns:
        projection.from_rows([{ID: record_id}])
    with pytest.raises(UnreadableAnswerError) as by_row:
        projection.from_json({ID: record_id})
    assert str(by_columns.value) == str(by_row.value)
