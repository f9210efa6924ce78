"""What an hourly increment costs where a module has many records, of which few have changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from children.organisation import Warehouse, parents, small_demo
from tap_zohocrm_modules.sync.children.known import KnownChildren
from zohocrm_demo import DemoOrganisation

LISTS = ("Contacts.Emails", "Contacts.Timeline")
RECORDS, CHANGED, MOST_CREDITS = 100_000, 50, 70

pytestmark = pytest.mark.heavy


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with small_demo() as demo:
        demo.organisation.records.resize("Contacts", RECORDS)
        yield demo


@pytest.mark.timeout(600)
def test_an_increment_reads_what_changed_and_no_more(demo: DemoOrganisation) -> None:
    contacts = parents(demo, "Contacts")
    changed = contacts[:: RECORDS // CHANGED]
    hour_ago = demo.organisation.records.clock() - timedelta(hours=1)
    warehouse = Warehouse(demo, LISTS)
    warehouse.state = {"bookmarks": {}}
    for entry, stream in zip(LISTS, warehouse.streams, strict=True):
        # As a first load leaves it: what of these contacts the destination has is known.
        known = KnownChildren(stream, None)
        known.begin()
        for contact in changed:
            of = demo.organisation.children.of_record("Contacts", contact, entry.partition(".")[2])
            known.learn(contact, [child.key for child in of])
        warehouse.state["bookmarks"][stream] = {
            "version": 1,
            "replication_key": "Modified_Time",
            "replication_key_value": hour_ago.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "child_list": entry,
            "known": known.packed(),
        }
    for contact in changed:
        demo.organisation.children.add("Contacts", contact, "Emails", {"subject": "New"})
        demo.organisation.records.update("Contacts", contact, {"Description": "called"})
    run = warehouse.load()
    assert run.code == 0, run.stderr
    assert {row["parent_id"] for row in run.rows} == {*changed}
    subjects = [row["subject"] for row in run.rows_of("Contacts_Emails")]
    assert subjects.count("New") == CHANGED
    print(f"{run.credits} credits")  # noqa: T201
    assert run.credits <= MOST_CREDITS
