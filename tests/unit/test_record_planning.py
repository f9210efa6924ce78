"""The way that is chosen costs no more than a tenth above the cheapest, by Zoho's own prices."""

from __future__ import annotations

import math

import pytest

from tap_zohocrm_modules.zoho.records.field_types import DATE_TIME, NUMERAL, TEXT
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField
from tap_zohocrm_modules.zoho.records.path_names import BULK, COQL, REST
from tap_zohocrm_modules.zoho.records.planner import ReadPlan, cheapest, ways

PATHS = (REST, COQL, BULK)
WIDTHS = (3, 21, 50, 51, 60, 130, 200, 260, 500, 501, 620)
COUNTS = (
    *(0, 1, 100, 150, 200, 201, 400, 900, 1_000, 1_001, 1_999, 2_000, 2_001, 2_200, 5_000),
    *(10_000, 20_000, 30_000, 33_000, 34_000, 36_000, 38_000, 40_000, 66_000, 100_000),
    *(200_000, 200_001, 250_000, 400_000, 1_000_000, 1_000_001, 5_000_000),
)


def fields(width: int, *, rest_only: int = 0) -> tuple[RecordField, ...]:
    others = [
        RecordField(
            f"F{number}",
            f"F{number}",
            TEXT,
            missing_on=frozenset({COQL, BULK}) if number < rest_only else frozenset(),
        )
        for number in range(width - 2)
    ]
    keys = (
        RecordField(ID, ID, NUMERAL),
        RecordField(MODIFIED_TIME, MODIFIED_TIME, DATE_TIME),
    )
    return (*keys, *others)


def slices(width: int) -> int:
    """Lists of 50 fields, of which id and Modified_Time are in each."""
    return 1 if width <= 50 else math.ceil((width - 2) / 48)


def price(way: ReadPlan, count: int) -> int:
    """https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html."""
    if way.path == REST:
        return max(1, math.ceil(count / 200)) * slices(len(way.fields))
    # By ids, 100 a call.
    added = math.ceil(count / 100) * slices(len(way.lacking) + 2) if way.lacking else 0
    if way.path == BULK:
        # Made, asked after, fetched.
        return max(1, math.ceil(count / 200_000)) * (50 + 1 + 1) + added
    full, rest = divmod(count, 2_000)
    last = 3 if rest > 1_000 else 2 if rest > 200 else 1 if rest else 0
    return max(1, 3 * full + last) + added


@pytest.mark.parametrize("rest_only", [0, 1])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_chosen_way_is_within_a_tenth_of_the_cheapest(width: int, rest_only: int) -> None:
    options = ways(fields(width, rest_only=rest_only), PATHS, {})
    for count in COUNTS:
        least = min(price(option, count) for option in options)
        paid = price(cheapest(options, count), count)
        # So few credits that what is asked beside them would be more than a tenth.
        assert paid <= max(1.1 * least, least + 10), (count, paid, least)


@pytest.mark.parametrize("width", WIDTHS)
def test_estimates_are_close_to_the_prices(width: int) -> None:
    for option in ways(fields(width), PATHS, {}):
        for count in COUNTS[1:]:
            paid = price(option, count)
            assert paid <= option.credits(count) <= max(1.1 * paid, paid + 10)


def test_a_million_records_are_read_in_bulk_for_275_credits() -> None:
    way = cheapest(ways(fields(15), PATHS, {}), 1_000_000)
    assert way.path == BULK
    assert way.credits(1_000_000) <= 275


def test_100_changes_of_130_fields_are_one_query() -> None:
    way = cheapest(ways(fields(130), PATHS, {}), 100)
    assert way.path == COQL
    assert way.credits(100) == 1
    assert way.lacking == ()


@pytest.mark.parametrize(("path", "most"), [(COQL, 500), (BULK, 200)])
def test_what_is_too_wide_for_a_way_is_added_by_lists(path: str, most: int) -> None:
    wanted = fields(most + 1)
    (way,) = ways(wanted, {path}, {})
    assert len(way.fields) == most
    assert {field.api_name for field in way.fields[:2]} == {ID, MODIFIED_TIME}
    assert [field.api_name for field in way.lacking] == [wanted[-1].api_name]
    (narrow,) = ways(wanted[:-1], {path}, {})
    assert narrow.lacking == ()


def test_fields_that_were_refused_are_added_by_lists() -> None:
    (way,) = ways(fields(5), {COQL}, {COQL: {"F1"}})
    assert [field.api_name for field in way.lacking] == ["F1"]
    assert "F1" not in {field.api_name for field in way.fields}
