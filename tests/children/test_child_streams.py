"""Children of records: what is loaded, what changes and what leaves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.batches import as_records
from support.demo import read
from support.run import Run

from children.organisation import (
    EMAILS,
    EVERY,
    MEMBERS,
    ROLES,
    SHARES,
    TIMELINE,
    Warehouse,
    parents,
)
from zohocrm_demo import DemoOrganisation


def test_a_first_load_has_every_child(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, EVERY)
    run = warehouse.load()
    assert run.code == 0, run.stderr
    warehouse.assert_true()
    roles = warehouse.tables["Deals_Contact_Roles"].values()
    known = {role["id"] for role in demo.organisation.contact_roles}
    assert {row["Contact_Role"] for row in roles} <= known
    assert all(row["Modified_Time"].endswith("Z") for row in roles)
    # A page of contact roles has 200 of them at the most, and one of e-mails ten.
    assert len([key for key in warehouse.keys(ROLES) if key[0] == parents(demo, "Deals")[2]]) == 320
    # The newest records first.
    find = demo.organisation.records.find
    order = [find("Deals", row["parent_id"]) for row in run.rows_of("Deals_Contact_Roles")]
    times = [record.modified or 0 for record in order if record is not None]
    assert times == sorted(times, reverse=True)
    assert len(times) > len({*times}) > 1


@pytest.mark.thorough
def test_an_idle_run_reads_no_parent_again(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, EVERY)
    warehouse.load()
    demo.settable_clock.advance(600)
    before = len(demo.calls)
    run = warehouse.load()
    assert run.code == 0, run.stderr
    assert run.rows == []
    assert not [call for call in demo.calls[before:] if "composite" in call.path]
    refused = warehouse.load(environment="sandbox", api_url=demo.api_url)
    assert all("of the environment 'production'" in line for line in refused.logged("ERROR"))
    assert (refused.code, refused.rows) == (1, [])


@pytest.mark.parametrize("entry", [ROLES, MEMBERS, SHARES])
def test_what_comes_and_leaves_with_its_parent_is_emitted(
    demo: DemoOrganisation, entry: str
) -> None:
    warehouse = Warehouse(demo, (entry,))
    warehouse.load()
    module, _, name = entry.partition(".")
    children = demo.organisation.children
    parent = next(one for one in parents(demo, module) if children.of_record(module, one, name))
    (gone, *_) = children.of_record(module, parent, name)
    children.remove(module, parent, name, gone.key, touch=True)
    run = warehouse.load()
    (tombstone,) = [row for row in run.rows if row.get("_sdc_deleted_at")]
    stream = warehouse.streams[0]
    assert tombstone.keys() == {"parent_id", "id", "_sdc_deleted_at"}
    assert (tombstone["parent_id"], tombstone["id"]) == (parent, gone.key)
    assert {row["parent_id"] for row in run.rows_of(stream)} == {parent}
    warehouse.assert_true()


@pytest.mark.thorough
def test_mail_that_moves_only_the_activity_is_found(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (EMAILS,))
    warehouse.load()
    contact = parents(demo, "Contacts")[5]
    demo.organisation.children.add("Contacts", contact, "Emails", {"subject": "New"})
    warehouse.load()
    # Nothing says so: only a sweep shows it.
    assert warehouse.keys(EMAILS) != warehouse.truth(EMAILS)
    demo.organisation.records.update("Contacts", contact, {"Description": "called"})
    run = warehouse.load()
    assert "New" in {row["subject"] for row in run.rows}
    warehouse.assert_true()


@pytest.mark.thorough
def test_a_sweep_finds_what_moves_no_parent(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (ROLES, SHARES))
    warehouse.load()
    children = demo.organisation.children
    deal = next(
        one for one in parents(demo, "Deals") if children.of_record("Deals", one, "Contact_Roles")
    )
    (gone, *_) = children.of_record("Deals", deal, "Contact_Roles")
    children.remove("Deals", deal, "Contact_Roles", gone.key)
    warehouse.load()
    assert (deal, gone.key) in warehouse.keys(ROLES)
    demo.settable_clock.advance(86_400)
    run = warehouse.load(child_sweep_days=1)
    assert run.code == 0, run.stderr
    warehouse.assert_true()
    # It is not due again at once.
    assert warehouse.load(child_sweep_days=1).rows == []


def test_a_deleted_parent_takes_its_children_along(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (ROLES, EMAILS))
    warehouse.load()
    records = demo.organisation.records
    for module, name in (("Deals", "Contact_Roles"), ("Contacts", "Emails")):
        of = demo.organisation.children.of_record
        parent = next(one for one in parents(demo, module) if of(module, one, name))
        records.delete(module, parent)
    run = warehouse.load()
    assert run.code == 0, run.stderr
    # A contact that is gone has left its deals, of which nothing tells before a sweep.
    warehouse.assert_true(EMAILS)
    deals = {*parents(demo, "Deals")}
    assert {key[0] for key in warehouse.keys(ROLES)} <= deals


@pytest.mark.thorough
def test_what_a_killed_run_emitted_is_known_to_the_next_one(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (SHARES,))
    run = warehouse.load(keep_state=False)
    place = run.messages.index(next(one for one in run.messages if one["type"] == "RECORD"))
    # No STATE that came after the rows was kept.
    warehouse.state = next(m for m in reversed(run.messages[:place]) if m["type"] == "STATE")[
        "value"
    ]
    row = run.rows[0]
    demo.organisation.children.remove("Deals", row["parent_id"], "Shares", row["id"])
    assert warehouse.load().code == 0
    warehouse.assert_true()


@pytest.mark.thorough
def test_a_deleted_record_takes_its_timeline_along_and_brings_it_back(
    demo: DemoOrganisation,
) -> None:
    warehouse = Warehouse(demo, (TIMELINE,))
    warehouse.load()
    deal = parents(demo, "Deals")[1]
    demo.organisation.records.delete("Deals", deal)
    warehouse.load()
    assert deal not in {key[0] for key in warehouse.keys(TIMELINE)}
    warehouse.assert_true()
    demo.organisation.records.restore("Deals", deal)
    warehouse.load()
    assert len([key for key in warehouse.keys(TIMELINE) if key[0] == deal]) >= 450
    warehouse.assert_true()


@pytest.mark.thorough
def test_without_tombstones_nothing_is_removed(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (ROLES,))
    warehouse.load(emit_tombstones=False)
    demo.organisation.records.delete("Deals", parents(demo, "Deals")[0])
    run = warehouse.load(emit_tombstones=False)
    assert run.rows == []
    schema = run.of_type("SCHEMA")[0]["schema"]["properties"]
    assert "_sdc_deleted_at" not in schema


@pytest.mark.thorough
def test_a_full_table_reads_everything_and_activates_it(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (SHARES,))
    for _ in range(2):
        run = warehouse.load(full_table=True, emit_activate_version_messages=True)
        assert run.code == 0, run.stderr
        assert {(row["parent_id"], row["id"]) for row in run.rows} == warehouse.truth(SHARES)
        assert len(run.of_type("ACTIVATE_VERSION")) == 1


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("Deels.Contact_Roles", "did you mean Deals"),
        ("Deals.Contact_Rolls", "did you mean Contact_Roles"),
        ("Campaigns.Emails", "Zoho does not serve Emails of Campaigns"),
        ("Accounts.Contacts", "read the module Contacts instead"),
        ("Deals", "no such list"),
    ],
)
def test_a_wrong_entry_is_named(demo: DemoOrganisation, entry: str, words: str) -> None:
    run = read(demo, "--discover", catalog=None, record_modules=[], child_lists=[entry])
    assert words in run.error
    assert run.stdout == b""


def test_an_asterisk_stands_for_modules_and_lists(demo: DemoOrganisation) -> None:
    lists = ["*.Emails", "Deals.*"]
    run = read(demo, "--discover", catalog=None, record_modules=[], child_lists=lists)
    names = {one["tap_stream_id"] for one in json.loads(run.stdout)["streams"]}
    assert {"Contacts_Emails", "Leads_Emails", "Deals_Emails", "Deals_Shares"} <= names
    assert "Deals_Contact_Roles" in names
    # The records of these name their deal themselves.
    assert not {"Deals_Notes", "Deals_Attachments", "Campaigns_Emails"} & names


@pytest.mark.thorough
def test_files_have_the_same_rows(demo: DemoOrganisation, tmp_path: Any) -> None:
    lines, files = Warehouse(demo, (ROLES, SHARES)), Warehouse(demo, (ROLES, SHARES))
    wanted = lines.load()
    batch = {"encoding": {"format": "arrow"}, "storage": {"root": f"file://{tmp_path}"}}
    run = files.load(batch_config=batch)
    assert run.code == 0, run.stderr
    found = Run(run.code, as_records(run.stdout), run.stderr)
    for stream in lines.streams:
        assert found.rows_of(stream) == wanted.rows_of(stream)
