"""A sweep of several lists, in which Zoho's counts tell which records need not be asked."""

from __future__ import annotations

import json
import re

import pytest
from support.run import Run

from children.organisation import Warehouse, parents
from zohocrm_demo import DemoOrganisation, Fault

CAMPAIGNS, EMAILS = "Contacts.Campaigns", "Contacts.Emails"
LISTS = (CAMPAIGNS, EMAILS)

pytestmark = pytest.mark.thorough


@pytest.fixture(autouse=True)
def few_have_anything(demo: DemoOrganisation) -> None:
    demo.organisation.records.resize("Contacts", 300)
    for entry in LISTS:
        for contact in parents(demo, "Contacts")[15:]:
            clear(demo, contact, entry)


def clear(demo: DemoOrganisation, contact: str, entry: str) -> None:
    name = entry.partition(".")[2]
    for child in demo.organisation.children.of_record("Contacts", contact, name):
        demo.organisation.children.remove("Contacts", contact, name, child.key)


def loaded(demo: DemoOrganisation) -> Warehouse:
    warehouse = Warehouse(demo, LISTS)
    assert warehouse.load(child_sweep_days=1).code == 0
    warehouse.assert_true()
    return warehouse


def live(demo: DemoOrganisation) -> None:
    """Let rows come and go without moving their records, and a day pass."""
    contacts = parents(demo, "Contacts")
    clear(demo, contacts[0], EMAILS)
    for contact in (contacts[3], contacts[200]):
        demo.organisation.children.add("Contacts", contact, "Emails", {"subject": "New"})
    demo.settable_clock.advance(86_400)


def says_why(run: Run) -> bool:
    return any("Zoho counts which records have nothing" in line for line in run.logged("INFO"))


def count(demo: DemoOrganisation, count: object, status: int = 200) -> None:
    """Let all joined calls be answered so; those for rows are then made one by one."""
    rows = [{"count": count, "related_list": {"api_name": one}} for one in ("Campaigns", "Emails")]
    response = {"status_code": status, "body": {"get_related_records_count": [rows]}}
    body = json.dumps({"__composite_requests": [{"details": {"response": response}}] * 5})
    fault = Fault(status=200, body=body, content_type="application/json")
    demo.inject("/crm/v8/__composite_requests", fault, times=None)


def test_records_that_are_counted_empty_are_not_asked(demo: DemoOrganisation) -> None:
    counted = loaded(demo)
    apart = [Warehouse(demo, (entry,)) for entry in LISTS]
    for one in apart:
        one.load(child_sweep_days=1)
    live(demo)
    run = counted.load(child_sweep_days=1)
    assert run.code == 0, run.stderr
    assert says_why(run)
    counted.assert_true()
    dear = sum(one.load(child_sweep_days=1).credits for one in apart)
    assert run.credits < 0.75 * dear, (run.credits, dear)


def test_one_in_twenty_records_is_read_whatever_its_count(demo: DemoOrganisation) -> None:
    warehouse = loaded(demo)
    live(demo)
    before = len(demo.calls)
    warehouse.load(child_sweep_days=1)
    sent = " ".join(f"{call.path} {call.body.decode()}" for call in demo.calls[before:])
    asked = {*re.findall(r"Contacts/(\d+)/Campaigns", sent)}
    empty = {*parents(demo, "Contacts")[15:]}
    assert len(asked & empty) == len(empty) // 20


def test_counts_that_are_refused_are_not_asked_for_again(demo: DemoOrganisation) -> None:
    warehouse = loaded(demo)
    live(demo)
    count(demo, 0, status=403)
    run = warehouse.load(child_sweep_days=1)
    assert run.code == 0, run.stderr
    assert [one for one in run.logged("INFO") if "not counted any more" in one]
    warehouse.assert_true()


def test_one_list_and_first_loads_are_read_without_counts(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (EMAILS,))
    warehouse.load(child_sweep_days=1)
    live(demo)
    assert not says_why(warehouse.load(child_sweep_days=1))
    warehouse.assert_true()
    assert not [call for call in demo.calls if "count" in call.path and "related" in call.path]


def test_counts_of_lists_that_are_full_are_not_asked_for(demo: DemoOrganisation) -> None:
    for contact in parents(demo, "Contacts")[100:]:
        demo.organisation.children.add("Contacts", contact, "Emails", {"subject": "Old"})
    warehouse = loaded(demo)
    live(demo)
    assert not says_why(warehouse.load(child_sweep_days=1))
    warehouse.assert_true()


def test_counts_that_are_false_lose_no_row(demo: DemoOrganisation) -> None:
    warehouse = loaded(demo)
    live(demo)
    count(demo, 0)
    before = {entry: warehouse.keys(entry) & warehouse.truth(entry) for entry in LISTS}
    run = warehouse.load(child_sweep_days=1)
    assert any("counts no rows" in line for line in run.logged("WARNING"))
    for entry in LISTS:
        assert before[entry] <= warehouse.keys(entry)
    # It does not wait for the next sweep.
    run = warehouse.load(child_sweep_days=7)
    assert run.code == 0, run.stderr
    assert not says_why(run)
    warehouse.assert_true()


@pytest.mark.parametrize("said", [None, "0", False, -1])
def test_what_is_not_a_count_says_nothing(demo: DemoOrganisation, said: object) -> None:
    warehouse = loaded(demo)
    live(demo)
    count(demo, said)
    assert warehouse.load(child_sweep_days=1).code == 0
    warehouse.assert_true()
