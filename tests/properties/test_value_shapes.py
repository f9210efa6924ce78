"""A value is the same whichever way it is read, whatever it is; or another way is asked."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tap_zohocrm_modules.zoho.records.bulk.jobs import Result
from tap_zohocrm_modules.zoho.records.bulk.result_file import odd_pages
from tap_zohocrm_modules.zoho.records.conversions import AmbiguousValueError
from tap_zohocrm_modules.zoho.records.field_type import FieldType
from tap_zohocrm_modules.zoho.records.field_types import (
    BOOLEAN,
    CHOICES,
    DATE,
    DATE_TIME,
    INTEGER,
    NUMBER,
    NUMERAL,
    REFERENCE,
    TAGS,
    TEXT,
)
from tap_zohocrm_modules.zoho.records.model import ID, RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.projection import Projection
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339, utc, zoho_literal
from zohocrm_demo.organisation.records.times import LOS_ANGELES

# Everything that CSV could trip over, more often than chance would have it.
anything = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(st.sampled_from([*"aä納🙂\u2028\u00a0 ,;\"'\n\r\t\\|"]) | anything, max_size=12)
choice_names = st.text(st.sampled_from(list("abc ,;")), min_size=1, max_size=5).filter(
    lambda name: name == name.strip()
)
zones = st.integers(-56, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
instants = st.datetimes(
    datetime.fromisoformat("1971-01-01"),
    datetime.fromisoformat("2099-01-01"),
    timezones=zones | st.just(LOS_ANGELES),
).map(lambda instant: instant.replace(microsecond=0))
decimals = st.decimals(
    min_value=-(10**15), max_value=10**15, allow_nan=False, allow_infinity=False, places=4
)
ids = st.integers(1, 2**63 - 1)

TAG_NAMES = ["new", "hot lead", "ü"]

# Of each type: its values as JSON has them, and the cell that Bulk Read makes of one.
TYPES: dict[str, tuple[FieldType, st.SearchStrategy[Any], Callable[[Any], str]]] = {
    "Text": (TEXT, texts, str),
    "Long": (NUMERAL, ids, str),
    "Integer": (INTEGER, st.integers(-(2**63), 2**63 - 1), str),
    "Number": (NUMBER, decimals | st.integers(-99, 99), lambda value: format(value, "f")),
    "Boolean": (BOOLEAN, st.booleans(), lambda value: str(value).lower()),
    "Date": (DATE, st.dates(date(1, 1, 1)).map(date.isoformat), str),
    "Time": (DATE_TIME, instants.map(datetime.isoformat), str),
    "Reference": (
        REFERENCE,
        st.fixed_dictionaries({"id": ids.map(str), "name": texts}),
        lambda value: value["id"],
    ),
    "Tags": (
        TAGS,
        st.lists(
            st.fixed_dictionaries({"name": st.sampled_from(TAG_NAMES)}),
            max_size=3,
            unique_by=lambda tag: tag["name"],
        ),
        lambda value: ",".join(tag["name"] for tag in value),
    ),
}
FIELDS = (
    RecordField(ID, ID, NUMERAL),
    *(RecordField(name, name, type_) for name, (type_, _, _) in TYPES.items()),
)
rows = st.lists(
    st.fixed_dictionaries(
        {"id": ids.map(str), **{name: st.none() | values for name, (_, values, _) in TYPES.items()}}
    ),
    max_size=8,
)


@settings(max_examples=150)
@given(rows=rows, order=st.permutations([ID, *TYPES]), mark=st.booleans())
def test_a_bulk_result_holds_the_records_that_lists_give(
    rows: list[dict[str, Any]], order: list[str], *, mark: bool
) -> None:
    file = bulk_file(rows, order, mark=mark)
    mismatches: set[str] = set()
    projection = Projection("Things", FIELDS, mismatches, lambda: frozenset(TAG_NAMES))
    result = Result(job="1", count=len(rows), more=False, path="/", token=None)
    source = Source(
        mock.Mock(), RecordModule("Things", "Things", "custom", FIELDS), FIELDS, "Things"
    )
    found = list(odd_pages(file, result, source, projection))
    assert [one for part, _ in found for one in part] == projection.from_rows(rows)[0]
    assert [ids for _, ids in found] == [frozenset()] * len(found)
    assert mismatches == set()


def bulk_file(rows: list[dict[str, Any]], order: list[str], *, mark: bool) -> io.BytesIO:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["Id" if name == ID else name for name in order])
    for row in rows:
        writer.writerow(
            "" if row[name] is None else row[name] if name == ID else TYPES[name][2](row[name])
            for name in order
        )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("1.csv", text.getvalue().encode("utf-8-sig" if mark else "utf-8"))
    file.seek(0)
    return file


@settings(max_examples=150)
@given(
    known=st.frozensets(choice_names, min_size=1, max_size=6),
    unlisted=st.lists(choice_names, max_size=1),
    sign=st.sampled_from(";,"),
    data=st.data(),
)
def test_choices_from_a_cell_are_those_that_were_chosen_or_are_asked_for_elsewhere(
    known: frozenset[str], unlisted: list[str], sign: str, data: st.DataObject
) -> None:
    chosen = data.draw(
        st.lists(st.sampled_from(sorted({*known, *unlisted})), min_size=1, unique=True)
    )
    # A value that is listed nowhere, with a sign in it, could be taken for several that are listed.
    assume(all(value in known or not set(value) & set(";,") for value in chosen))
    try:
        found = CHOICES.cell_converter(lambda: known)(sign.join(chosen))
    except AmbiguousValueError:
        return
    assert found == chosen


@given(instant=instants)
def test_instants_are_the_same_in_every_zone(instant: datetime) -> None:
    text = instant.isoformat()
    expected = instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert utc(text) == expected
    assert rfc3339(instant) == rfc3339(parse(text)) == expected
    # In an hour that comes twice, datetimes of different zones are never equal to Python.
    assert parse(zoho_literal(parse(text))) == instant.astimezone(timezone.utc)
    assert utc(text.replace("T", " ")) == expected


@given(first=instants, second=instants)
def test_texts_of_instants_are_in_the_order_of_the_instants(
    first: datetime, second: datetime
) -> None:
    assert (utc(first.isoformat()) < utc(second.isoformat())) == (first < second)


@pytest.mark.parametrize("fold", [0, 1])
def test_the_hour_that_comes_twice_is_two_hours(fold: int) -> None:
    local = datetime(2025, 11, 2, 1, 30, tzinfo=LOS_ANGELES, fold=fold)
    assert utc(local.isoformat()) == f"2025-11-02T0{8 + fold}:30:00Z"


@given(number=decimals, zeros=st.integers(0, 5))
def test_numbers_keep_their_digits_whatever_their_form(number: Decimal, zeros: int) -> None:
    plain = format(number, "f")
    forms = [number, plain, plain + "0" * zeros, f"{number:E}"]
    values = {NUMBER.from_csv(str(form)) for form in forms}
    assert values == {number}
