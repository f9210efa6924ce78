"""Drafts of e-mails, page by page, and whose e-mails others may read."""

from __future__ import annotations

import collections

import pytest
from jsonschema import Draft7Validator

from children.organisation import Warehouse, parents, small_demo
from zohocrm_demo import DemoOrganisation

DRAFTS, SHARING = "Deals.Email_Drafts", "Deals.Email_Sharing"
SIZES = (0, 1, 0, 2, 0, 0, 13)  # of drafts, by the remainder of the record's id


def test_all_drafts_of_all_pages_come_once(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (DRAFTS,))
    run = warehouse.load()
    assert run.code == 0, run.stderr
    found = collections.Counter(parent for parent, _ in warehouse.keys(DRAFTS))
    wanted = {one: SIZES[int(one) % len(SIZES)] for one in parents(demo, "Deals")}
    assert found == {one: size for one, size in wanted.items() if size}
    assert 13 in wanted.values(), "more than one page holds"
    (schema,) = [message["schema"] for message in run.of_type("SCHEMA")]
    for row in run.rows_of("Deals_Email_Drafts"):
        Draft7Validator(schema).validate(row)
    rows = warehouse.tables["Deals_Email_Drafts"].values()
    empty = [name for name in schema["properties"] if all(row.get(name) is None for row in rows)]
    assert empty == ["_sdc_deleted_at"]
    # The dollar is not part of a column's name.
    assert {key for row in rows for key in row["additional_properties"]} == {"$sharing_permission"}


def test_each_record_says_who_shares_e_mails(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (SHARING,))
    run = warehouse.load()
    assert run.code == 0, run.stderr
    rows = warehouse.tables["Deals_Email_Sharing"]
    assert {parent for parent, _ in rows} == {*parents(demo, "Deals")}
    users = {user["id"] for user in demo.organisation.users}
    sharing = [user["id"] for row in rows.values() for user in row["shared_from_users"]]
    assert sharing
    assert {*sharing} <= users
    assert all(row["available_types"] for row in rows.values())


@pytest.mark.parametrize("entry", [DRAFTS, SHARING])
def test_an_idle_run_reads_none_again(demo: DemoOrganisation, entry: str) -> None:
    warehouse = Warehouse(demo, (entry,))
    warehouse.load()
    demo.settable_clock.advance(600)
    assert warehouse.load().rows == []


def test_a_missing_scope_is_named() -> None:
    with small_demo(scopes=["ZohoCRM.modules.deals.READ", "ZohoCRM.settings.ALL"]) as demo:
        warehouse = Warehouse(demo, (SHARING,))
        run = warehouse.load()
    assert run.code == 1
    assert "ZohoCRM.modules.emails.READ" in run.stderr
