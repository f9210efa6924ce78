"""The path that is chosen costs no more than a tenth above the cheapest, by Zoho's own prices."""

from __future__ import annotations

import math
from unittest import mock

import pytest

from tap_zohocrm_modules.zoho.records.field_types import DATE_TIME, NUMERAL, TEXT
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.pacer import DownloadPacer
from tap_zohocrm_modules.zoho.records.path_names import BULK, COQL, REST
from tap_zohocrm_modules.zoho.records.planner import Planner
from tap_zohocrm_modules.zoho.records.read_path import PathPlan
from tap_zohocrm_modules.zoho.records.read_paths import read_paths
from tap_zohocrm_modules.zoho.records.reading import PathRefusedError, Source
from tap_zohocrm_modules.zoho.transport.errors import ApiError, Refusal
from tap_zohocrm_modules.zoho.transport.machine import Machine

LIMITS = Limits()
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


def planner(
    wanted: tuple[RecordField, ...], only: str | None = None, left: int | None = None
) -> Planner:
    module = RecordModule("Things", "Things", "custom", wanted)
    client = mock.Mock()
    client.credits.left = left
    source = Source(client, module, wanted, "Things", LIMITS)
    return Planner(source, read_paths(LIMITS, DownloadPacer(Machine())), only)


def cheapest(wanted: tuple[RecordField, ...], count: int, left: int | None = None) -> PathPlan:
    planning = planner(wanted, left=left)
    return planning.cheapest(planning.plans(), count)


def price(plan: PathPlan, count: int) -> int:
    """https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html."""
    if plan.path.name == REST:
        return max(1, math.ceil(count / 200)) * slices(len(plan.fields))
    # By ids, 100 a call.
    added = math.ceil(count / 100) * slices(len(plan.lacking) + 2) if plan.lacking else 0
    if plan.path.name == BULK:
        # Made, asked after, fetched.
        return max(1, math.ceil(count / 200_000)) * (50 + 1 + 1) + added
    full, rest = divmod(count, 2_000)
    last = 3 if rest > 1_000 else 2 if rest > 200 else 1 if rest else 0
    return max(1, 3 * full + last) + added


@pytest.mark.parametrize("rest_only", [0, 1])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_chosen_path_is_within_a_tenth_of_the_cheapest(width: int, rest_only: int) -> None:
    wanted = fields(width, rest_only=rest_only)
    for count in COUNTS:
        least = min(price(plan, count) for plan in planner(wanted).plans())
        paid = price(cheapest(wanted, count), count)
        # So few credits that what is asked beside them would be more than a tenth.
        assert paid <= max(1.1 * least, least + 10), (count, paid, least)


@pytest.mark.parametrize("width", WIDTHS)
def test_estimates_are_close_to_the_prices(width: int) -> None:
    for plan in planner(fields(width)).plans():
        for count in COUNTS[1:]:
            paid = price(plan, count)
            assert paid <= plan.credits(count) <= max(1.1 * paid, paid + 10)


def test_a_million_records_are_read_in_bulk_for_275_credits() -> None:
    plan = cheapest(fields(15), 1_000_000)
    assert plan.path.name == BULK
    assert plan.credits(1_000_000) <= 275


def test_100_changes_of_130_fields_are_one_query() -> None:
    plan = cheapest(fields(130), 100)
    assert plan.path.name == COQL
    assert plan.credits(100) == 1
    assert plan.lacking == ()


@pytest.mark.parametrize(
    ("left", "path"),
    [
        # As much as it takes, by the cheapest path.
        (None, BULK),
        (100, BULK),
        # A bulk job would use up what there is before anything can be resumed from.
        (20, COQL),
        # Nothing makes progress any more: the error is that of the cheapest path.
        (0, BULK),
    ],
)
def test_a_path_is_chosen_by_which_the_credits_left_make_progress(
    left: int | None, path: str
) -> None:
    assert cheapest(fields(15), 50_000, left).path.name == path


def test_few_records_need_no_checkpoint_within_the_credits_left() -> None:
    plain = tuple(field for field in fields(15) if field.api_name != MODIFIED_TIME)
    assert cheapest(plain, 150, left=1).path.name == COQL


@pytest.mark.parametrize(("path", "most"), [(COQL, 500), (BULK, 200)])
def test_what_is_too_wide_for_a_path_is_added_by_lists(path: str, most: int) -> None:
    wanted = fields(most + 1)
    plan = planner(wanted).all_plans()[path]
    assert len(plan.fields) == most
    assert {field.api_name for field in plan.fields[:2]} == {ID, MODIFIED_TIME}
    assert [field.api_name for field in plan.lacking] == [wanted[-1].api_name]
    assert planner(wanted[:-1]).all_plans()[path].lacking == ()


def test_fields_that_were_refused_are_added_by_lists() -> None:
    planning = planner(fields(5), COQL)
    refusal = ApiError("refused", Refusal(400, "INVALID_QUERY"))
    planning.refuse(PathRefusedError(COQL, refusal, frozenset({"F1"})))
    (plan,) = planning.plans()
    assert [field.api_name for field in plan.lacking] == ["F1"]
    assert "F1" not in {field.api_name for field in plan.fields}
