"""Fields that are added, chosen later, dropped, renamed or retyped between two runs."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.cases import sample
from support.demo import sample_demo
from support.pages import small_pages
from support.records import (
    applied,
    cuts,
    discovered_now,
    emitted,
    read_records,
    records_catalog,
    truth,
)
from support.run import Run

from zohocrm_demo import DemoOrganisation

COUNT = 30


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with sample_demo() as organisation:
        organisation.organisation.records.resize("Tasks", COUNT)
        organisation.organisation.records.resize("Deals", COUNT)
        yield organisation


def without(column: str, module: str = "Tasks") -> dict[str, Any]:
    """A catalog in which a column is not selected."""
    return records_catalog(module, without=[column])


def retagged(catalog: dict[str, Any], **columns: Any) -> dict[str, Any]:
    """A catalog with further columns."""
    entry = copy.deepcopy(catalog["streams"][0])
    for name, schema in columns.items():
        entry["schema"]["properties"][name] = schema
    return {"streams": [entry]}


def values(run: Run, module: str, column: str) -> dict[str, Any]:
    return {key: row.get(column) for key, row in emitted(run.stdout, module).items()}


@pytest.mark.parametrize("path", ["rest", "coql", "bulk", "auto"])
def test_a_column_chosen_later_is_filled_for_all_records(demo: DemoOrganisation, path: str) -> None:
    first = read_records(demo, catalog=without("Subject"), read_path=path)
    assert first.code == 0, first.stderr
    second = read_records(demo, "Tasks", state=first.state, read_path=path)
    assert second.code == 0, second.stderr
    expected = {key: row["Subject"] for key, row in truth(demo, "Tasks", ["Subject"]).items()}
    assert values(second, "Tasks", "Subject") == expected
    assert any("fill the new columns Subject" in text for text in second.logged("INFO"))
    assert any(f"{COUNT} records read again for" in text for text in second.logged("INFO"))
    third = read_records(demo, "Tasks", state=second.state, read_path=path)
    assert third.rows == []


def test_a_column_chosen_later_is_named_in_every_run_without_backfill(
    demo: DemoOrganisation,
) -> None:
    run = read_records(demo, catalog=without("Subject"))
    for _ in range(2):
        run = read_records(demo, "Tasks", state=run.state, backfill_new_columns=False)
        assert run.rows == []
        assert any("Subject" in text for text in run.logged("WARNING"))


def test_a_field_that_is_added_is_filled_after_a_new_discovery(demo: DemoOrganisation) -> None:
    old = records_catalog("Tasks")
    first = read_records(demo, catalog=old)
    demo.organisation.schema.add_field("Tasks", "Depth|Depth (m)|double:8|custom")
    victim = first.rows[0]["id"]
    demo.organisation.records.update("Tasks", victim, {"Depth": 5.5})
    stale = read_records(demo, catalog=old, state=first.state)
    assert any("Depth" in t and "--refresh-catalog" in t for t in stale.logged("WARNING"))
    number = {"type": ["number", "null"]}
    second = read_records(demo, catalog=retagged(old, Depth=number), state=stale.state)
    assert second.code == 0, second.stderr
    assert values(second, "Tasks", "Depth")[victim] == 5.5
    assert len(emitted(second.stdout, "Tasks")) == COUNT


def test_a_dropped_field_is_left_out_and_never_nulled(demo: DemoOrganisation) -> None:
    catalog = records_catalog("Tasks")
    first = read_records(demo, catalog=catalog)
    demo.organisation.schema.drop_field("Tasks", "Description")
    victim = first.rows[0]["id"]
    # After the first run's cutoff, and before the second's.
    then = datetime.now(timezone.utc) - timedelta(seconds=4)
    demo.organisation.records.update("Tasks", victim, {"Subject": "changed"}, at=then)
    second = read_records(demo, catalog=catalog, state=first.state, cutoff_lag=0)
    assert second.code == 0, second.stderr
    (row,) = second.rows
    assert row["Subject"] == "changed"
    assert "Description" not in row
    warnings = [text for text in second.logged("WARNING") if "Description" in text]
    assert any("--refresh-catalog" in text for text in warnings)


def test_a_renamed_field_is_named_as_such_and_filled(demo: DemoOrganisation) -> None:
    catalog = records_catalog("Tasks")
    first = read_records(demo, catalog=catalog)
    demo.organisation.schema.rename_field("Tasks", "Subject", "Topic")
    renamed = retagged(catalog, Topic={"type": ["string", "null"]})
    second = read_records(demo, catalog=renamed, state=first.state)
    assert second.code == 0, second.stderr
    assert any("Subject is called Topic now" in text for text in second.logged("WARNING"))
    assert values(second, "Tasks", "Topic") == values(first, "Tasks", "Subject")


def test_a_retyped_field_fails_its_stream_by_name_and_no_other(demo: DemoOrganisation) -> None:
    catalog = records_catalog("Deals", "Tasks")
    first = read_records(demo, catalog=catalog)
    demo.organisation.schema.retype_field("Tasks", "Subject", "double:8")
    second = read_records(demo, catalog=catalog, state=first.state)
    assert second.error.startswith("Tasks: ")
    assert "Subject (string, now number)" in second.error
    assert "--refresh-catalog" in second.error
    assert "Deals: 0 records by" in second.stderr
    assert second.state["bookmarks"]["Tasks"] == first.state["bookmarks"]["Tasks"]


def test_formulas_are_named_once_and_refreshed_when_asked_for(demo: DemoOrganisation) -> None:
    first = read_records(demo, "Deals")
    assert any("refresh_days" in t and "Expected_Revenue" in t for t in first.logged("INFO"))
    quiet = read_records(demo, "Deals", state=first.state)
    assert quiet.rows == []
    assert not any("Expected_Revenue" in text for text in quiet.logged("INFO"))
    state = copy.deepcopy(quiet.state)
    state["bookmarks"]["Deals"]["read_whole"] = "2026-01-01T00:00:00Z"
    fresh = read_records(demo, "Deals", state=state, refresh_days=7)
    assert len(fresh.rows) == COUNT
    again = read_records(demo, "Deals", state=fresh.state, refresh_days=7)
    assert again.rows == []


def test_a_backfill_goes_on_where_a_budget_ended_it(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Tasks", 900)
    run = read_records(demo, catalog=without("Subject"), read_path="rest")
    table = emitted(run.stdout, "Tasks")
    for _ in range(12):
        run = read_records(demo, "Tasks", state=run.state, read_path="rest", credit_budget=12)
        applied(table, run.stdout, "Tasks")
        if run.code == 0:
            break
    assert run.code == 0, run.stderr
    expected = truth(demo, "Tasks", ["Subject"])
    assert {key: row.get("Subject") for key, row in table.items()} == {
        key: row["Subject"] for key, row in expected.items()
    }
    assert "reload" not in run.state["bookmarks"]["Tasks"]


@pytest.mark.parametrize("path", ["rest", "coql", "bulk"])
def test_a_retyped_field_is_filled_after_the_documented_steps(
    demo: DemoOrganisation, path: str
) -> None:
    demo.organisation.schema.add_field("Tasks", "Depth|Depth|integer:9|custom")
    for number, key in enumerate(truth(demo, "Tasks", ["id"])):
        demo.organisation.records.update("Tasks", key, {"Depth": number})
    demo.settable_clock.advance(60)
    first = read_records(demo, catalog=discovered_now(demo, "Tasks"), read_path=path)
    demo.organisation.schema.retype_field("Tasks", "Depth", "text:40")
    # docs/how-to/changed-types.md: the old column is renamed, and discovery run again.
    second = read_records(
        demo, catalog=discovered_now(demo, "Tasks"), state=first.state, read_path=path
    )
    assert second.code == 0, second.stderr
    expected = {key: row["Depth"] for key, row in truth(demo, "Tasks", ["Depth"]).items()}
    assert values(second, "Tasks", "Depth") == expected
    assert any("to fill the new columns Depth" in text for text in second.logged("INFO"))


@pytest.mark.thorough
@pytest.mark.parametrize("path", sample(["rest", "coql", "bulk"], "rest"))
def test_a_field_replaced_under_its_name_while_a_first_read_is_stopped_is_read_for_all(
    demo: DemoOrganisation, path: str
) -> None:
    keys = list(truth(demo, "Tasks", ["id"]))
    demo.organisation.schema.add_field("Tasks", "Depth|Depth|text:80|custom")
    for key in keys:
        demo.organisation.records.update("Tasks", key, {"Depth": f"old {key}"})
    demo.settable_clock.advance(60)
    catalog = discovered_now(demo, "Tasks")
    with small_pages(5):
        whole = read_records(demo, catalog=catalog, read_path=path)
        demo.organisation.schema.drop_field("Tasks", "Depth")
        demo.organisation.schema.add_field("Tasks", "Depth|Depth|text:80|custom")
        # The new field's values, without a change of the records.
        for output, state in cuts(whole, "position")[1:4]:
            rest = read_records(demo, catalog=catalog, state=state, read_path=path)
            table = applied(emitted(output, "Tasks"), rest.stdout, "Tasks")
            expected = truth(demo, "Tasks", ["Depth"])
            assert {key: row["Depth"] for key, row in table.items()} == {
                key: row["Depth"] for key, row in expected.items()
            }
