"""A field that the cheap path lacks and nobody fills is not worth a call for each 100 records."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any
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
from tap_zohocrm_modules.zoho.records.unfilled import UnfilledFields, Vacancy
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
# No type of theirs says that Bulk Read lacks it.
UNKNOWN = RecordField("Unknown", "Unknown", TEXT, data_type="textarea", is_closed=True)
EMPTY = Rows({"id": str(at), "Name": "a", "Whole": None} for at in range(200))


def planner(
    *fields: RecordField,
    counts: Mapping[str, int] | None = None,
    columnar: bool = False,
    newest: Mapping[str, Any] | None = None,
) -> Planner:
    """A planner whose queries count these values, and refuse a field without a count.

    Get Records lists one record as the one changed last: `newest`, with nulls beside.
    """
    wanted = (*KEYS, *fields)
    module = RecordModule("Things", "Things", "custom", wanted)
    row = {**{field.api_name: None for field in wanted}, "id": "9", **(newest or {})}
    client = mock.Mock()
    client.credits.left = None
    client.call.return_value = mock.Mock(
        status=200, body={"data": [row], "info": {"more_records": True}}
    )
    source = Source(client, module, wanted, "Things", Limits(), columnar=columnar)
    made = Planner(source, read_paths(Limits(), DownloadPacer(Machine())))
    asked: list[list[str]] = []
    vars(made)["asked"] = asked

    def count_filled(_: Window, names: Sequence[str]) -> int:
        asked.append([*names])
        for name in names:
            if name not in (counts or {}):
                error = ApiError("no", Refusal(400, "INVALID_QUERY"))
                raise PathRefusedError(COQL, error, frozenset({name}))
        return sum((counts or {})[name] for name in names)

    queries = mock.Mock(count_filled=count_filled)
    vars(made.paths[COQL])["queries"] = lambda _: queries
    return made


def find(made: Planner, records: int = RECORDS, sample: Rows = EMPTY) -> Sequence[Vacancy]:
    return UnfilledFields(made, WINDOW, sample).find(records)


def bulk_price(made: Planner) -> int:
    return made.all_plans()[BULK].credits(RECORDS)


def test_what_queries_say_is_empty_costs_no_more_than_the_module_without_it() -> None:
    without = bulk_price(planner(NAME))
    made = planner(NAME, WHOLE, counts={"Whole": 0})
    assert bulk_price(made) > 30 * without
    assert find(made) == []
    assert bulk_price(made) == without
    assert made.cheapest(made.plans(), RECORDS).path.name == BULK


@pytest.mark.parametrize("count", [1, 5_000])
def test_what_somebody_has_filled_is_completed(count: int) -> None:
    made = planner(NAME, WHOLE, counts={"Whole": count})
    assert find(made) == []
    assert made.all_plans()[BULK].lacking == (WHOLE,)


def test_a_value_in_the_sample_is_enough_to_ask_nobody() -> None:
    made = planner(NAME, WHOLE, counts={"Whole": 0})
    assert find(made, sample=Rows([*EMPTY, {"id": "7", "Whole": "x"}])) == []
    assert made.all_plans()[BULK].lacking == (WHOLE,)


def test_where_queries_refuse_the_field_the_sample_says_it_of_what_nobody_can_write() -> None:
    made = planner(NAME, WHOLE)
    (vacancy,) = find(made)
    assert vacancy.field is WHOLE
    assert "the 201 records looked at" in str(vacancy)
    assert "4,000 credits" in str(vacancy)
    assert made.all_plans()[BULK].lacking == ()


@pytest.mark.parametrize("is_open", [True, False])
def test_a_sample_is_no_proof_for_what_people_write_nor_for_files(*, is_open: bool) -> None:
    field = dataclasses.replace(WHOLE, is_closed=not is_open)
    made = planner(NAME, field, columnar=not is_open)
    assert find(made) == []
    assert made.all_plans()[BULK].lacking == (field,)


@pytest.mark.parametrize("field", [WHOLE, UNKNOWN])
def test_a_value_among_those_changed_last_is_enough_to_leave_nothing_out(
    field: RecordField,
) -> None:
    made = planner(NAME, field, newest={field.api_name: "x"})
    assert find(made) == []
    assert not made.empty


def test_for_few_records_nobody_is_asked() -> None:
    made = planner(NAME, WHOLE, UNKNOWN)
    assert find(made, records=500) == []
    assert not made.empty
    assert vars(made)["asked"] == []


def test_a_job_is_not_asked_for_what_queries_refuse_and_nobody_can_write() -> None:
    made = planner(NAME, UNKNOWN, counts={})
    (vacancy,) = find(made)
    assert vacancy.field is UNKNOWN
    assert "queries refuse it" in str(vacancy)
    assert "takes 50 credits even if it refuses it" in str(vacancy)
    plans = made.all_plans()
    assert UNKNOWN not in plans[BULK].fields
    assert plans[BULK].lacking == ()
    # The path that delivers everything has it, should it come to that.
    assert UNKNOWN in plans["rest"].fields
    # Later runs know, and ask no query for it again.
    assert made.refusals.lasting() == {COQL: ["Unknown"]}
    asked = len(vars(made)["asked"])
    find(made)
    assert len(vars(made)["asked"]) == asked


def test_one_query_asks_for_all_that_may_be_empty() -> None:
    more = dataclasses.replace(UNKNOWN, api_name="More", column="More")
    made = planner(NAME, UNKNOWN, more, counts={"Unknown": 0, "More": 0})
    assert find(made) == []
    assert made.empty == {"Unknown", "More"}
    assert vars(made)["asked"] == [["Unknown", "More"]]


def test_of_several_only_those_that_nobody_fills_are_not_asked_for() -> None:
    more = dataclasses.replace(UNKNOWN, api_name="More", column="More")
    other = dataclasses.replace(UNKNOWN, api_name="Other", column="Other")
    made = planner(NAME, UNKNOWN, more, other, counts={"Unknown": 0, "More": 3})
    (vacancy,) = find(made)
    assert vacancy.field is other
    assert made.empty == {"Unknown", "Other"}
    assert more in made.all_plans()[BULK].fields


@pytest.mark.parametrize(
    "change",
    [{"is_closed": False}, {"data_type": "formula"}, {"data_type": "rollup_summary"}],
)
def test_a_job_is_asked_for_what_people_write_and_for_what_zoho_computes(
    change: dict[str, Any],
) -> None:
    field = dataclasses.replace(UNKNOWN, **change)
    made = planner(NAME, field, counts={})
    assert find(made) == []
    assert field in made.all_plans()[BULK].fields
    assert vars(made)["asked"] == []


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
    assert again.fields_on(BULK) == fields
    assert again.refuses(BULK) == (kept == ["*"])
