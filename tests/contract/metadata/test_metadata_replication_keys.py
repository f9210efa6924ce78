"""How an increment is chosen, and what is said of one that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.demo import metadata_catalog, read, small_organisation

from zohocrm_demo import DemoOrganisation

Row = dict[str, Any]

KEPT = {"Leads", "Accounts", "Deals", "Sites", "Sensors"}
BY_TIME = {"replication-method": "INCREMENTAL", "replication-key": "modified_time"}


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(small_organisation(*KEPT, profiles=4)) as running:
        yield running


def ids(rows: list[Row]) -> list[str]:
    return sorted(row["id"] for row in rows)


@pytest.mark.parametrize("metadata", [{}, {"forced-replication-method": "FULL_TABLE"}])
def test_the_full_table_is_the_default(demo: DemoOrganisation, metadata: Row) -> None:
    chosen = metadata_catalog(modules=metadata, roles=metadata)
    first = read(demo, catalog=chosen, start_date="2025-11-01")
    second = read(demo, catalog=chosen, state=first.state, start_date="2025-11-01")
    assert first.rows == second.rows
    assert first.ids_in("modules") == ids(demo.organisation.modules)
    assert second.state["bookmarks"] == {"modules": {}, "roles": {}}


@pytest.mark.thorough
def test_without_a_catalog_all_tables_are_full(demo: DemoOrganisation) -> None:
    run = read(demo, catalog=None, record_modules=[])
    assert run.code == 0, run.stderr
    assert not any(run.state["bookmarks"].values())


@pytest.mark.parametrize(
    "metadata",
    [
        BY_TIME,
        {"forced-replication-method": "INCREMENTAL", "replication-key": "modified_time"},
        {"replication-key": "modified_time"},
    ],
)
def test_an_increment_is_chosen_in_any_of_singers_ways(
    demo: DemoOrganisation, metadata: Row
) -> None:
    chosen = metadata_catalog(modules=metadata)
    first = read(demo, catalog=chosen)
    assert first.bookmark("modules")
    assert len(read(demo, catalog=chosen, state=first.state).rows) < len(first.rows)


def test_the_full_table_can_be_chosen_although_there_is_a_key(demo: DemoOrganisation) -> None:
    metadata = {"replication-method": "FULL_TABLE", "replication-key": "modified_time"}
    chosen = metadata_catalog(modules=metadata)
    first = read(demo, catalog=chosen)
    assert read(demo, catalog=chosen, state=first.state).rows == first.rows


@pytest.mark.parametrize("key", ["nowhere", "plural_label", None])
def test_a_key_that_cannot_be_is_said_clearly_and_the_other_streams_are_read(
    demo: DemoOrganisation, key: str | None
) -> None:
    metadata = {"forced-replication-method": "INCREMENTAL", "replication-key": key}
    run = read(demo, catalog=metadata_catalog(modules=metadata, roles={}))
    assert "modules" in run.error
    assert "replication" in run.error
    assert "defect" not in run.error
    assert run.ids_in("roles") == ids(demo.organisation.roles)


def test_the_key_is_read_although_its_column_is_not_chosen(demo: DemoOrganisation) -> None:
    chosen = metadata_catalog(modules=BY_TIME)
    chosen["streams"][0]["metadata"].append(
        {"breadcrumb": ["properties", "modified_time"], "metadata": {"selected": False}}
    )
    first = read(demo, catalog=chosen)
    assert first.code == 0, first.logged("ERROR")
    assert first.bookmark("modules")


def test_rows_without_a_time_are_not_warned_of_one_by_one(demo: DemoOrganisation) -> None:
    run = read(demo, catalog=metadata_catalog(fields=BY_TIME))
    nulls = [row for row in run.rows if row["modified_time"] is None]
    assert len(nulls) > 10
    assert len(run.logged("WARNING")) < 10
