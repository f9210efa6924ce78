"""One value, one shape: what Get Records, COQL and Bulk Read give of it is the same after."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tap_zohocrm_modules.zoho.records.kinds import Kind, kind_of
from tap_zohocrm_modules.zoho.records.model import RecordField, describe
from tap_zohocrm_modules.zoho.records.projection import Projection
from tap_zohocrm_modules.zoho.records.values import (
    AmbiguousValueError,
    TypeMismatchError,
    from_csv,
    from_json,
)
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("kind", "json_values", "cell", "value"),
    [
        (Kind.TEXT, ["a, b\n"], "a, b\n", "a, b\n"),
        (Kind.NUMERAL, ["900719925474099312", 900719925474099312], "900719925474099312", None),
        (Kind.INTEGER, [12, "12", Decimal("12.0")], "12", 12),
        (Kind.NUMBER, [Decimal("2.50"), Decimal("2.5"), "2.5"], "2.50", Decimal("2.5")),
        (Kind.NUMBER, [3, Decimal("3.00"), Decimal("3E0")], "3.00", 3),
        (Kind.NUMBER, [Decimal("0.1234567890123456789")], "0.1234567890123456789", None),
        (Kind.BOOLEAN, [True, "true"], "TRUE", True),
        (Kind.DATE, ["2024-02-29"], "2024-02-29", "2024-02-29"),
        (
            Kind.DATE_TIME,
            ["2025-11-02T01:30:00-07:00", "2025-11-02T00:30:00-08:00"],
            "2025-11-02T08:30:00Z",
            "2025-11-02T08:30:00Z",
        ),
        (Kind.REFERENCE, [{"id": "1", "name": "x"}, {"id": "1"}, "1", 1], "1", "1"),
        (Kind.CHOICES, [["a", "b"]], "a;b", ["a", "b"]),
        (Kind.TAGS, [[{"name": "x", "id": "1"}, {"name": "y"}]], "x,y", ["x", "y"]),
        (Kind.RULE, [{"RRULE": "FREQ=DAILY"}, "FREQ=DAILY"], "FREQ=DAILY", "FREQ=DAILY"),
    ],
)
def test_all_shapes_of_a_value_become_one(
    kind: Kind, json_values: list[Any], cell: str, value: Any
) -> None:
    results = [from_json(kind)(given) for given in json_values]
    results.append(from_csv(kind, frozenset({"a", "b"}))(cell))
    assert all(result == results[0] for result in results)
    assert {type(result) for result in results} == {type(results[0])}
    if value is not None:
        assert results[0] == value


def test_a_number_keeps_every_digit() -> None:
    assert str(from_json(Kind.NUMBER)(Decimal("12345678901234567.89"))) == "12345678901234567.89"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.INTEGER, "many"),
        (Kind.INTEGER, True),
        (Kind.INTEGER, 2**63),
        (Kind.NUMBER, "NaN"),
        (Kind.BOOLEAN, "yes"),
        (Kind.DATE, "2023-02-29"),
        (Kind.DATE_TIME, "2024-01-01T00:00:00"),
        (Kind.REFERENCE, {"name": "nobody"}),
        (Kind.TEXT, {"a": 1}),
    ],
)
def test_what_does_not_fit_is_kept_aside(kind: Kind, value: Any) -> None:
    with pytest.raises(TypeMismatchError):
        from_json(kind)(value)
    fields = (RecordField("id", "id", Kind.NUMERAL), RecordField("F", "F", kind))
    projection = Projection("Leads", fields)
    record = projection.from_json({"id": "1", "F": value, "$editable": True, "New": 5})
    assert record == {"id": "1", "F": None, "additional_properties": {"F": value, "New": 5}}
    # Told of, but kept nowhere.
    assert projection.mismatches == {"F", "New", "$editable"}


@pytest.mark.parametrize(
    ("cell", "choices", "value"),
    [
        ("a", {"a", "b"}, ["a"]),
        ("a;b", {"a", "b"}, ["a", "b"]),
        ("a,b", {"a", "b"}, ["a", "b"]),
        ("a,b", {"a,b", "c"}, ["a,b"]),
        ("c,a,b", {"a,b", "c"}, ["c", "a,b"]),
        ("unlisted", {"a"}, ["unlisted"]),
    ],
)
def test_choices_in_one_cell_are_told_apart_by_the_picklist(
    cell: str, choices: set[str], value: list[str]
) -> None:
    assert from_csv(Kind.CHOICES, frozenset(choices))(cell) == value


@pytest.mark.parametrize(
    ("cell", "choices"), [("a,b", {"a", "b", "a,b"}), ("a,x", {"a"}), ("x;y", NONE)]
)
def test_choices_that_cannot_be_told_apart_are_read_otherwise(cell: str, choices: set[str]) -> None:
    with pytest.raises(AmbiguousValueError):
        from_csv(Kind.CHOICES, frozenset(choices))(cell)


def test_modified_time_is_a_whole_second_whatever_comes() -> None:
    changed = RecordField("Modified_Time", "Modified_Time", Kind.DATE_TIME)
    fields = (RecordField("id", "id", Kind.NUMERAL), changed, RecordField("T", "T", Kind.DATE_TIME))
    projection = Projection("Leads", fields)
    time = "2025-01-01T00:30:00.250+01:00"
    listed = projection.from_json({"id": "1", "Modified_Time": time, "T": time})
    exported, _ = projection.from_csv(["Id", "Modified_Time", "T"])(["1", time, time])
    assert listed == exported
    assert listed["Modified_Time"] == "2024-12-31T23:30:00Z"
    assert listed["T"] == "2024-12-31T23:30:00.250Z"


def test_a_record_without_an_id_is_no_answer() -> None:
    projection = Projection("Leads", (RecordField("id", "id", Kind.NUMERAL),))
    with pytest.raises(UnreadableAnswerError):
        projection.from_json({"Last_Name": "Nobody"})


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ({"data_type": "text", "json_type": "jsonarray", "api_name": "Tag"}, Kind.TAGS),
        ({"data_type": "bigint", "json_type": "jsonarray", "api_name": "Participants"}, Kind.JSON),
        ({"data_type": "picklist"}, Kind.TEXT),
        ({"data_type": "integer", "json_type": None}, Kind.INTEGER),
        ({"data_type": "integer", "json_type": "double"}, Kind.NUMBER),
        ({"data_type": "hologram", "json_type": "jsonobject"}, Kind.JSON),
        ({"data_type": "hologram", "json_type": "boolean"}, Kind.BOOLEAN),
        ({"data_type": "hologram"}, Kind.UNKNOWN),
        ({}, Kind.UNKNOWN),
        ({"data_type": "formula", "formula": {"return_type": "date"}}, Kind.DATE),
        ({"data_type": "formula", "json_type": "string", "formula": None}, Kind.TEXT),
        ({"data_type": "rollup_summary", "rollup_summary": {"return_type": "bigint"}}, Kind.NUMBER),
    ],
)
def test_any_metadata_has_a_kind(field: dict[str, Any], kind: Kind) -> None:
    assert kind_of(field) is kind


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
