"""Columns hold the values of records, whatever a CSV file has in its cells."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any
from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from singer_sdk.singerlib import RecordMessage

from tap_zohocrm_modules.streams.record_lines import RecordLines
from tap_zohocrm_modules.zoho.records import field_types
from tap_zohocrm_modules.zoho.records.arrow.csv_table import cell_parts
from tap_zohocrm_modules.zoho.records.arrow.json_table import JsonTable
from tap_zohocrm_modules.zoho.records.arrow.record_table import RecordTable
from tap_zohocrm_modules.zoho.records.arrow.values import arrow_type, decode, encode
from tap_zohocrm_modules.zoho.records.bulk.jobs import Result
from tap_zohocrm_modules.zoho.records.bulk.result_file import odd_pages, pages
from tap_zohocrm_modules.zoho.records.csv_files.cells import OddCsvError
from tap_zohocrm_modules.zoho.records.field_type import FieldType
from tap_zohocrm_modules.zoho.records.field_types import DATE_TIME, NUMERAL
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.projection import Projection, Record
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.records.records import Records, Shape
from tap_zohocrm_modules.zoho.records.value_table import ValueTable
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.json_text import json_bytes

pytestmark = pytest.mark.thorough

TYPES = {value.name: value for value in vars(field_types).values() if isinstance(value, FieldType)}
CHOICES = frozenset({"Oxygen", "pH", "a;b", "x, y"})
FIELDS = (
    RecordField(ID, ID, NUMERAL),
    RecordField(MODIFIED_TIME, MODIFIED_TIME, DATE_TIME),
    *(
        RecordField(f"F_{name}", f"F_{name}", type_, choices=CHOICES)
        for name, type_ in TYPES.items()
    ),
)
MODULE = RecordModule("Things", "Things", "custom", FIELDS)

HOSTILE = [
    *("", " ", "0", "-0", "007", "+5", "1_000", "12.0", "2.50", "-0.5", "1e3", "1E+30", "NaN"),
    *("Infinity", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "٣"),
    *("0.033333333333333333", "1e-25", "123456789012345678901.5", "1,5", "true", "TRUE", "False"),
    *("yes", "1", "2025-04-24", "2025-02-30", "0001-01-01", "0000-01-01", "9999-12-31"),
    *("2025-4-4", "2025-04-24T17:32:20Z", "2025-04-24 17:32:20+05:30", "2025-04-24T17:32:20"),
    *("2025-04-24T17:32:20.5-07:00", "2025-04-24T17:32:20.123456789Z", "2025-04-24T17:32Z"),
    *("2025-04-24T17:32:20-0700", "2025-04-24T17:32:20-07", "2025-04-24T24:00:00Z"),
    *("2025-04-24T23:59:60Z", "2025-04-24T17:32:20+24:00", "0001-01-01T00:00:00+01:00"),
    *("2025-04-24T17:32:20-07:60", "2025-04-24T17:32:20+99:00", "2025-13-24T17:32:20Z", "0xFF"),
    *("9999-12-31T23:59:59-01:00", "1969-12-31T23:59:59-07:00", "Oxygen;pH", "Oxygen,pH"),
    *("a;b", "a;b;pH", "x, y;pH", "pH;pH", "?;pH", 'q"q', "line\nbreak", "\r", "ü🙂\u2028", "null"),
    *("FREQ=DAILY", "{}", "[]", "x" * 500),
]
hostile = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
rows = st.lists(st.lists(hostile, min_size=len(FIELDS) - 1, max_size=len(FIELDS) - 1), max_size=6)

structure = st.text(st.sampled_from('a",\n\rü'), max_size=8)

TABLES: Mapping[str, type[Records]] = {
    "arrow": RecordTable,
    "values": ValueTable,
    "lines": JsonTable,
}
LEAST_ROWS = {"rows": 10_000, "arrow": 10_000, "values": 10_000, "lines": 0}


def zipped(header: Sequence[str], rows: Sequence[Sequence[str]]) -> io.BytesIO:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Things.csv", text.getvalue())
    return packed


def read(file: io.BytesIO, count: int, way: str) -> tuple[list[Record], set[str], set[str]]:
    """The records, the ids of the unclear ones, and the columns of mismatches."""
    columnar = way == "arrow"
    limits = Limits(arrow_rows=LEAST_ROWS[way])
    source = Source(mock.Mock(), MODULE, FIELDS, "Things", limits, columnar=columnar)
    projection = Projection("Things", FIELDS, set(), lambda: CHOICES)
    result = Result("1", count, more=False, path="/", token=None)
    if way == "rows":
        parts = list(odd_pages(file, result, source, projection))
        unclear = {record_id for _, ids in parts for record_id in ids}
        return [record for part, _ in parts for record in part], unclear, projection.mismatches
    found = list(pages(file, result, source, projection))
    assert all(isinstance(part, TABLES[way]) for part, _ in found)
    whole = [record for part, _ in found for record in part]
    assert [*itertools.chain(*(part.numbers() for part, _ in found))] == [int(r[ID]) for r in whole]
    for record in whole:
        # Where one number of a column fits no decimal, each is a text of its digits.
        number = record["F_number"]
        record["F_number"] = field_types.NUMBER.from_csv(number) if number else number
    return whole, {one for _, unclear in found for one in unclear}, projection.mismatches


@settings(max_examples=200)
@given(rows=rows)
def test_records_of_a_csv_file_are_the_same_by_columns(rows: list[list[str]]) -> None:
    whole = [[str(10**18 + at), *cells] for at, cells in enumerate(rows)]
    file = zipped(["Id", *(field.api_name for field in FIELDS[1:])], whole)
    by_rows = read(file, len(whole), "rows")
    assert read(file, len(whole), "arrow") == by_rows
    assert read(file, len(whole), "values") == by_rows
    assert read(file, len(whole), "lines") == by_rows


@pytest.mark.parametrize("way", ["arrow", "values", "lines"])
@pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES)
def test_each_hostile_cell_is_the_same_by_columns(type_: FieldType, way: str) -> None:
    place = [*TYPES].index(type_.name) + 1
    for cell in HOSTILE:
        row = ["7", *("" for _ in FIELDS[1:])]
        row[place + 1] = cell
        file = zipped(["Id", *(field.api_name for field in FIELDS[1:])], [row])
        assert read(file, 1, way) == read(file, 1, "rows"), cell


@pytest.mark.parametrize("way", ["values", "lines"])
@given(
    rows=rows,
    version=st.none() | st.integers(0, 2**40),
    columns=st.permutations([*(field.column for field in FIELDS), "_sdc_deleted_at"]),
    more=st.text(max_size=3),
)
def test_lines_of_a_table_are_the_messages_of_its_records(
    way: str, rows: list[list[str]], version: int | None, columns: list[str], more: str
) -> None:
    whole = [[str(10**18 + at), *cells] for at, cells in enumerate(rows)]
    file = zipped(["Id", *(field.api_name for field in FIELDS[1:])], whole)
    source = Source(mock.Mock(), MODULE, FIELDS, "Things", Limits(arrow_rows=LEAST_ROWS[way]))
    projection = Projection("Things", FIELDS, set(), lambda: CHOICES)
    result = Result("1", len(whole), more=False, path="/", token=None)
    for table, _ in pages(file, result, source, projection):
        changed = [{**record, "F_text": more} for record in table][:1]
        now = {record[ID]: record for record in changed}
        assert isinstance(table, TABLES[way])
        shape = Shape(dict.fromkeys(columns), len(columns))
        lines = b"".join(RecordLines("Things", shape).from_records(table.replacing(now), version))
        expected = []
        for record in [*changed, *table[1:]]:
            row = {name: record.get(name) for name in columns}
            message = RecordMessage("Things", row, version, datetime.now(timezone.utc))
            expected.append(_without_time(json_bytes(message.to_dict())))
        assert [_without_time(line) for line in lines.splitlines()] == expected


@settings(max_examples=300)
@given(
    rows=st.lists(st.tuples(structure, structure), min_size=1, max_size=20),
    part=st.integers(20, 300),
    style=st.sampled_from(
        [(csv.QUOTE_MINIMAL, "\r\n"), (csv.QUOTE_ALL, "\r\n"), (csv.QUOTE_ALL, "\n")]
    ),
    places=st.sampled_from([[0, 1, 2], [2, 0], [0, 1]]),
)
def test_cells_are_the_same_wherever_parts_of_the_file_end(
    rows: list[tuple[str, str]], part: int, style: tuple[Any, str], places: list[int]
) -> None:
    whole = [["1", *row] for row in rows]
    lines = [_line(row, *style) for row in (["Id", "A", "B"], *whole)]
    found: list[list[str]] = []
    is_refused = False
    try:
        for cells in cell_parts(io.BytesIO(b"".join(lines)), lambda _: places, part):
            columns = [column.fill_null("").to_pylist() for column in cells.columns]
            found += map(list, zip(*columns, strict=True))
    except OddCsvError:
        is_refused = True
    expected = [[row[place] for place in places] for row in whole]
    assert found == expected[: len(found)]
    # A row that a part does not hold is read otherwise.
    assert is_refused is (len(found) < len(expected))
    assert not is_refused or len(lines[0]) + max(map(len, lines)) > part


@pytest.mark.parametrize("part", [12, 24, 36, 1_000])
def test_a_cell_of_a_byte_order_mark_is_one_wherever_a_part_begins(part: int) -> None:
    mark = "\ufeff"
    lines = [_line(row, csv.QUOTE_MINIMAL, "\n") for row in (["A", "Id"], *[[mark, "1"]] * 5)]
    found: list[Any] = []
    with contextlib.suppress(OddCsvError):
        for cells in cell_parts(io.BytesIO(b"".join(lines)), lambda _: [0], part):
            found += cells.column(0).to_pylist()
    assert found == [mark] * len(found)


def _line(row: list[str], quoting: Any, end: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting, lineterminator=end).writerow(row)
    return text.getvalue().encode()


def _without_time(line: bytes) -> bytes:
    return line.rpartition(b'"time_extracted":')[0]


@pytest.mark.parametrize("way", ["arrow", "values", "lines"])
@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"Id,Modified_Time\n1,\n", "lacks"),
        (b"", "lacks"),
    ],
)
def test_a_file_without_all_fields_is_refused_by_columns_too(
    text: bytes, error: str, way: str
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Things.csv", text)
    with pytest.raises(UnreadableAnswerError, match=error):
        read(packed, 1, way)


@pytest.mark.parametrize("bad", [["1"], ["1"] * 99, ["", *("" for _ in FIELDS[1:])]])
def test_a_damaged_row_is_named_after_the_rows_before_it(bad: list[str]) -> None:
    header = ["Id", *(field.api_name for field in FIELDS[1:])]
    good = [["7", *("" for _ in FIELDS[1:])] for _ in range(3)]
    file = zipped(header, [*good, bad])
    errors = []
    for way in ("arrow", "values", "lines", "rows"):
        with pytest.raises(UnreadableAnswerError) as raised:
            read(file, 4, way)
        errors.append(str(raised.value))
    assert len({*errors}) == 1


decimals = st.integers(-(10**25), 10**25) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30
).map(lambda number: field_types.NUMBER.from_csv(format(number, "f")))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": decimals,
    "integer": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "text": st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    "choices": st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), max_size=3),
}


@pytest.mark.parametrize("name", VALUES)
@given(data=st.data())
def test_no_value_loses_anything_in_a_column(name: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | VALUES[name], max_size=5))
    column = encode(values, arrow_type(TYPES[name].schema))
    found = decode(column)
    if column.type == pa.string() and name == "number":
        # Not all of them fit a decimal, so that each has its digits.
        found = [None if text is None else field_types.NUMBER.from_csv(text) for text in found]
    assert found == values


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("number", Decimal("1E+30"), "1E+30"),
        ("integer", 2**64, "18446744073709551616"),
        ("date-time", "2025-04-24T17:32:20.123456789Z", "2025-04-24T17:32:20.123456789Z"),
        ("choices", "no list", "no list"),
        ("boolean", {"a": 1}, '{"a":1}'),
    ],
)
def test_what_fits_no_type_is_text(kind: str, value: Any, text: str) -> None:
    column = encode([value, None], arrow_type(TYPES[kind].schema))
    assert column.type == pa.string()
    assert column.to_pylist() == [text, None]
