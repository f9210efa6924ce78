"""A field that the cheap path lacks and nobody fills is not worth a call for each 100 records."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timezone
from unittest import mock

import pytest

from tap_zohocrm_modules.zoho.records.field_types import DATE_TIME, NUMERAL, TEXT
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.pacer import DownloadPacer
from tap_zohocrm_modules.zoho.records.path_names import BULK, COQL
from tap_zohocrm_modules.zoho.records.planner import Planner
from tap_zohocrm_modules.zoho.records.read_paths import read_paths
from tap_zohocrm_modules.zoho.records.reading import PathRefusedError, Source, Window
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.records.refusals import Refusals
from tap_zohocrm_modules.zoho.transport.errors import (
    ApiError,
    NotByApiError,
    PermissionRefusedError,
    Refusal,
)
from tap_zohocrm_modules.zoho.transport.machine import Machine

RECORDS = 400_000
WINDOW = Window(None, datetime(2026, 12, 1, tzinfo=timezone.utc), unstamped=True)
KEYS = (RecordField(ID, ID, NUMERAL), RecordField(MODIFIED_TIME, MODIFIED_TIME, DATE_TIME))
NAME = RecordField("Name", "Name", TEXT)
WHOLE = RecordField("Whole", "Whole", TEXT, missing_on=frozenset({BULK}), is_closed=True)
EMPTY = Rows({"id": str(at), "Name": "a", "Whole": None} for at in range(200))


def planner(
    *fields: RecordField, counts: Mapping[str, int] | None = None, columnar: bool = False
) -> Planner:
    """A planner whose queries count these values, and refuse a field without a count."""
    wanted = (*KEYS, *fields)
    module = RecordModule("Things", "Things", "custom", wanted)
    client = mock.Mock()
    client.credits.left = None
    source = Source(client, module, wanted, "Things", Limits(), columnar=columnar)
    made = Planner(source, read_paths(Limits(), DownloadPacer(Machine())))

    def count_filled(_: Window, name: str) -> int:
        if name in (counts or {}):
            return (counts or {})[name]
        raise PathRefusedError(COQL, ApiError("no", Refusal(400, "INVALID_QUERY")), frozenset())

    queries = mock.Mock(count_filled=count_filled)
    vars(made.paths[COQL])["queries"] = lambda _: queries
    return made


def bulk_price(made: Planner) -> int:
    return made.all_plans()[BULK].credits(RECORDS)


def test_what_queries_say_is_empty_costs_no_more_than_the_module_without_it() -> None:
    without = bulk_price(planner(NAME))
    made = planner(NAME, WHOLE, counts={"Whole": 0})
    assert bulk_price(made) > 30 * without
    assert made.find_empty(WINDOW, RECORDS, EMPTY) == []
    assert bulk_price(made) == without
    assert made.cheapest(made.plans(), RECORDS).path.name == BULK


@pytest.mark.parametrize("count", [1, 5_000])
def test_what_somebody_has_filled_is_completed(count: int) -> None:
    made = planner(NAME, WHOLE, counts={"Whole": count})
    assert made.find_empty(WINDOW, RECORDS, EMPTY) == []
    assert made.all_plans()[BULK].lacking == (WHOLE,)


def test_a_value_in_the_sample_is_enough_to_ask_nobody() -> None:
    made = planner(NAME, WHOLE, counts={"Whole": 0})
    assert made.find_empty(WINDOW, RECORDS, Rows([*EMPTY, {"id": "7", "Whole": "x"}])) == []
    assert made.all_plans()[BULK].lacking == (WHOLE,)


def test_where_queries_refuse_the_field_the_sample_says_it_of_what_nobody_can_write() -> None:
    made = planner(NAME, WHOLE)
    (vacancy,) = made.find_empty(WINDOW, RECORDS, EMPTY)
    assert vacancy.field is WHOLE
    assert vacancy.sample == 200
    assert vacancy.price == 4_000
    assert made.all_plans()[BULK].lacking == ()


@pytest.mark.parametrize("is_open", [True, False])
def test_a_sample_is_no_proof_for_what_people_write_nor_for_files(*, is_open: bool) -> None:
    field = dataclasses.replace(WHOLE, is_closed=not is_open)
    made = planner(NAME, field, columnar=not is_open)
    assert made.find_empty(WINDOW, RECORDS, EMPTY) == []
    assert made.all_plans()[BULK].lacking == (field,)


def test_for_few_records_nobody_is_asked() -> None:
    made = planner(NAME, WHOLE)
    assert made.find_empty(WINDOW, 500, EMPTY) == []
    assert not made.empty


@pytest.mark.parametrize(
    ("error", "fields", "kept"),
    [
        (ApiError("no", Refusal(400, "FIELD_NOT_SUPPORTED")), {"F"}, ["F"]),
        (NotByApiError("no", Refusal(400, "INVALID_MODULE")), set(), ["*"]),
        (ApiError("no", Refusal(400, "SYNTAX_ERROR")), set(), None),
        (ApiError("no", Refusal(200, "FAILURE")), set(), None),
        (PermissionRefusedError("no", Refusal(401, "OAUTH_SCOPE_MISMATCH")), set(), None),
    ],
)
def test_only_lasting_refusals_are_remembered(
    error: ApiError, fields: set[str], kept: list[str] | None
) -> None:
    refusals = Refusals()
    refusals.note(BULK, fields, error)
    assert refusals.lasting() == (kept and {BULK: kept})
    assert refusals.refuses(BULK) == (not fields)
    again = Refusals(refusals.lasting())
    assert again.of(BULK) == fields
    assert again.refuses(BULK) == (kept == ["*"])
