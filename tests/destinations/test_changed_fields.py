"""Fields that come, go, and change between two runs: what each destination then has of them."""

from __future__ import annotations

import pytest

from destinations.edits import DROPPED, NEW_FIELD, NEW_NAME, OLD_NAME, RETYPED
from destinations.messages import DELETED_AT
from destinations.scenario import LATER, Loads
from destinations.stores import ASIDE

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]


def test_a_column_chosen_later_is_added(loads: Loads) -> None:
    stream, name = LATER
    column = loads.store.column(name)
    assert name not in loads.first.messages.schemas[stream]
    assert all(column not in row for row in loads.first.tables[stream])
    row = loads.second.row(stream, api_name="Products")
    assert row
    assert row[column] > 50


def test_a_new_field_is_a_new_column(loads: Loads) -> None:
    column = loads.store.column(NEW_FIELD)
    assert all(column not in row for row in loads.first.tables["Leads"])
    assert loads.store.columns("Leads")[column] == loads.store.type_of("string")


@pytest.mark.parametrize("name", [DROPPED, OLD_NAME])
def test_the_column_of_a_field_that_is_gone_keeps_its_values(loads: Loads, name: str) -> None:
    """Although all of its rows came again, without it, for the new field."""
    column = loads.store.column(name)
    before, after = (
        {row["id"]: row[column] for row in load.tables["Leads"] if row.get(DELETED_AT) is None}
        for load in (loads.first, loads.second)
    )
    assert sum(value is not None for value in before.values()) > 200
    assert after.pop(loads.edited.added) is None
    assert after == {key: before[key] for key in after}
    assert before.keys() - after.keys() == {loads.edited.deleted["Leads"]}


def test_a_renamed_field_is_a_column_with_the_values_of_all_records(loads: Loads) -> None:
    truth = loads.second.organisation.records["Leads"]
    column = loads.store.column(NEW_NAME)
    found = {row["id"]: row[column] for row in loads.second.tables["Leads"] if row["id"] in truth}
    assert found == {
        key: loads.store.text(row[NEW_NAME] or "") or None for key, row in truth.items()
    }
    assert sum(value is not None for value in found.values()) > 200


def test_a_field_of_another_type_is_filled_anew_or_widened(loads: Loads) -> None:
    column = loads.store.column(RETYPED)
    row = loads.second.row("Leads", id=loads.edited.retyped)
    assert row
    assert float(row[column]) == 12.5
    types = loads.store.columns("Leads")
    assert types[column] == loads.store.type_of("number")
    aside = loads.store.column(RETYPED + ASIDE)
    assert types.get(aside) == (None if loads.store.widening else loads.store.type_of("integer"))
