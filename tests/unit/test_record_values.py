"""One value, one shape: what Get Records, COQL and Bulk Read give of it is the same after."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from tap_zohocrm_modules.zoho.records.conversions import TypeMismatchError
from tap_zohocrm_modules.zoho.records.csv_files.blocks import CsvBlocks
from tap_zohocrm_modules.zoho.records.describe import with_names
from tap_zohocrm_modules.zoho.records.field_type import FieldType
from tap_zohocrm_modules.zoho.records.field_types import (
    BOOLEAN,
    CHOICES,
    DATE,
    DATE_TIME,
    INTEGER,
    JSON,
    NUMBER,
    NUMERAL,
    OBJECT,
    REFERENCE,
    RULE,
    TAGS,
    TEXT,
    UNKNOWN,
    field_type_of,
)
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import RecordField, describe
from tap_zohocrm_modules.zoho.records.projection import Projection
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("field_type", "json_values", "cell", "value"),
    [
        (TEXT, ["a, b\n"], "a, b\n", "a, b\n"),
        (NUMERAL, ["900719925474099312", 900719925474099312], "900719925474099312", None),
        (INTEGER, [12, "12", Decimal("12.0")], "12", 12),
        (NUMBER, [Decimal("2.50"), Decimal("2.5"), "2.5"], "2.50", Decimal("2.5")),
        (NUMBER, [3, Decimal("3.00"), Decimal("3E0")], "3.00", 3),
        (NUMBER, [Decimal("0.1234567890123456789")], "0.1234567890123456789", None),
        (BOOLEAN, [True, "true"], "TRUE", True),
        (DATE, ["2024-02-29"], "2024-02-29", "2024-02-29"),
        (
            DATE_TIME,
            ["2025-11-02T01:30:00-07:00", "2025-11-02T00:30:00-08:00"],
            "2025-11-02T08:30:00Z",
            "2025-11-02T08:30:00Z",
        ),
        (REFERENCE, [{"id": "1", "name": "x"}, {"id": "1"}, "1", 1], "1", "1"),
        (CHOICES, [["a", "b"]], "a;b", ["a", "b"]),
        (TAGS, [[{"name": "a", "id": "1"}, {"name": "b"}]], "a,b", ["a", "b"]),
        (RULE, [{"RRULE": "FREQ=DAILY"}, "FREQ=DAILY"], "FREQ=DAILY", "FREQ=DAILY"),
    ],
)
def test_all_shapes_of_a_value_become_one(
    field_type: FieldType, json_values: list[Any], cell: str, value: Any
) -> None:
    results = [field_type.from_json(sent) for sent in json_values]
    results.append(field_type.cell_converter(lambda: frozenset({"a", "b"}))(cell))
    assert all(result == results[0] for result in results)
    assert {type(result) for result in results} == {type(results[0])}
    if value is not None:
        assert results[0] == value


@pytest.mark.parametrize("field_type", [OBJECT, UNKNOWN])
@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ({"id": "1", "name": "Lead score"}, "1"),
        ({"id": "1", "name": "x", "module": {"api_name": "Leads", "id": "2"}}, "1"),
        ({"id": "1", "score": 5}, '{"id":"1","score":5}'),
        ({"name": "x"}, '{"name":"x"}'),
        ({"id": None, "name": "x"}, '{"id":null,"name":"x"}'),
    ],
)
def test_an_object_that_is_only_a_reference_is_an_id(
    field_type: FieldType, sent: dict[str, Any], value: str
) -> None:
    assert field_type.from_json(sent) == value


def test_a_number_keeps_every_digit() -> None:
    assert str(NUMBER.from_json(Decimal("12345678901234567.89"))) == "12345678901234567.89"


@pytest.mark.parametrize(
    ("field_type", "value"),
    [
        (INTEGER, "many"),
        (INTEGER, True),
        (INTEGER, 2**63),
        (NUMBER, "NaN"),
        (BOOLEAN, "yes"),
        (DATE, "2023-02-29"),
        (DATE_TIME, "2024-01-01T00:00:00"),
        (REFERENCE, {"name": "nobody"}),
        (TEXT, {"a": 1}),
    ],
)
def test_what_does_not_fit_is_kept_aside(field_type: FieldType, value: Any) -> None:
    with pytest.raises(TypeMismatchError):
        field_type.from_json(value)
    fields = (RecordField("id", "id", NUMERAL), RecordField("F", "F", field_type))
    mismatches: set[str] = set()
    projection = Projection("Leads", fields, mismatches)
    [record], _ = projection.from_rows([{"id": "1", "F": value, "$editable": True, "New": 5}])
    assert record == {"id": "1", "F": None, "additional_properties": {"F": value, "New": 5}}
    # Named in the log, but kept nowhere.
    assert mismatches == {"F", "New", "$editable"}


def exported(
    fields: Sequence[RecordField], projection: Projection, text: str
) -> list[dict[str, Any]]:
    """The records of a CSV file, row by row."""
    blocks = CsvBlocks(fields, projection, Limits(), single=True)
    return [record for table, _ in blocks.tables(io.BytesIO(text.encode())) for record in table]


def test_modified_time_is_a_whole_second_whatever_comes() -> None:
    changed = RecordField("Modified_Time", "Modified_Time", DATE_TIME)
    fields = (RecordField("id", "id", NUMERAL), changed, RecordField("T", "T", DATE_TIME))
    projection = Projection("Leads", fields, set())
    time = "2025-01-01T00:30:00.250+01:00"
    [listed], _ = projection.from_rows([{"id": "1", "Modified_Time": time, "T": time}])
    assert [listed] == exported(fields, projection, f"Id,Modified_Time,T\n1,{time},{time}\n")
    assert listed["Modified_Time"] == "2024-12-31T23:30:00Z"
    assert listed["T"] == "2024-12-31T23:30:00.250Z"


@pytest.mark.parametrize("record_id", [None, "", "-5", "5 or 1=1", "9" * 20])
def test_a_record_without_a_proper_id_is_no_answer(record_id: str | None) -> None:
    fields = (RecordField("id", "id", NUMERAL), RecordField("T", "T", TEXT))
    projection = Projection("Leads", fields, set())
    with pytest.raises(UnreadableAnswerError, match=r"^Leads: "):
        projection.from_rows([{"id": record_id, "Last_Name": "Nobody"}])
    with pytest.raises(UnreadableAnswerError, match=r"^Leads: "):
        exported(fields, projection, f"Id,T\n{record_id or ''},text\n")


@pytest.mark.parametrize(
    ("field", "field_type"),
    [
        ({"data_type": "text", "json_type": "jsonarray", "api_name": "Tag"}, TAGS),
        ({"data_type": "bigint", "json_type": "jsonarray", "api_name": "Participants"}, JSON),
        ({"data_type": "picklist"}, TEXT),
        ({"data_type": "integer", "json_type": None}, INTEGER),
        ({"data_type": "integer", "json_type": "double"}, NUMBER),
        ({"data_type": "hologram", "json_type": "jsonobject"}, OBJECT),
        ({"data_type": "text", "json_type": "jsonobject"}, OBJECT),
        ({"data_type": "hologram", "json_type": "boolean"}, BOOLEAN),
        ({"data_type": "hologram"}, UNKNOWN),
        ({}, UNKNOWN),
        ({"data_type": "formula", "formula": {"return_type": "date"}}, DATE),
        ({"data_type": "formula", "json_type": "string", "formula": None}, TEXT),
        ({"data_type": "rollup_summary", "rollup_summary": {"return_type": "bigint"}}, NUMBER),
    ],
)
def test_any_metadata_has_a_type(field: dict[str, Any], field_type: FieldType) -> None:
    assert field_type_of(field) is field_type


def test_fields_survive_whatever_their_metadata_lack() -> None:
    module = describe(
        {"api_name": "Things"},
        [
            {"api_name": "Remind Participants", "id": "9"},
            {"api_name": "Name", "id": "3", "data_type": "text"},
            {"api_name": "NAME", "id": "10", "data_type": "text"},
            {"api_name": "Rows", "id": "4", "data_type": "subform", "subform": {"module": "Sub"}},
            {"api_name": None},
            {},
        ],
    )
    assert [field.column for field in module.fields] == [
        "id",
        "Name",
        "Remind Participants",
        "NAME_2",
    ]
    assert module.fields[-1].api_name == "NAME"
    assert "Zoho calls it NAME" in module.fields[-1].note
    assert module.left_out == {"Rows": "its rows are the records of the module Sub"}
    assert not module.has_modified_time


def test_the_columns_that_reading_goes_by_are_nobody_elses() -> None:
    names = ["ID", "MODIFIED_TIME", "Modified_Time", "additional_properties"]
    rows = [{"api_name": name, "data_type": "datetime"} for name in names]
    module = describe({"api_name": "Things"}, rows)
    assert {field.api_name: field.column for field in module.fields} == {
        "id": "id",
        "ID": "ID_2",
        "MODIFIED_TIME": "MODIFIED_TIME_2",
        "Modified_Time": "Modified_Time",
        "additional_properties": "additional_properties_2",
    }
    assert module.has_modified_time


@pytest.mark.parametrize("field_type", [TEXT, NUMERAL, INTEGER, NUMBER])
@pytest.mark.parametrize(
    "value",
    [Decimal("1e999999999"), Decimal("1e-999999999"), pytest.param(10**5_000, id="10**5000")],
)
def test_a_number_that_cannot_be_written_out_does_not_fit(
    field_type: FieldType, value: Any
) -> None:
    with pytest.raises(TypeMismatchError):
        field_type.from_json(value)


@pytest.mark.parametrize("field_type", [INTEGER, NUMBER])
@pytest.mark.parametrize("cell", ["1e999999999", "9" * 5_000, "Infinity"])
def test_a_cell_of_a_number_that_cannot_be_written_out_does_not_fit(
    field_type: FieldType, cell: str
) -> None:
    with pytest.raises(TypeMismatchError):
        field_type.from_csv(cell)


@pytest.mark.parametrize(
    "field", [{"data_type": "layout"}, {"data_type": "bigint", "json_type": "jsonobject"}, {}]
)
def test_layout_is_an_id_whichever_data_type_zoho_names(field: dict[str, Any]) -> None:
    assert field_type_of({**field, "api_name": "Layout"}) is REFERENCE


def test_a_field_whose_name_cannot_be_sent_is_left_out_by_name() -> None:
    rows = [{"api_name": "Half_\ufffd", "data_type": "text", "id": "1"}]
    module = describe({"api_name": "Things"}, rows)
    assert [field.column for field in module.fields] == ["id"]
    assert list(module.left_out) == ["'Half_\\ufffd'"]


@pytest.mark.parametrize("name", [None, "", 5, "Half_\ufffd"])
def test_a_module_without_a_name_is_warned_of(
    name: object, caplog: pytest.LogCaptureFixture
) -> None:
    rows: list[dict[str, object]] = [
        {"api_name": name, "module_name": "Half \ufffd"},
        {"api_name": "Leads"},
    ]
    assert with_names(rows) == [{"api_name": "Leads"}]
    assert "without a name to ask for its records by" in caplog.text
