"""Locks, scores, and the texts of e-mails, each of which is asked for once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from children.organisation import Warehouse, parents, small_demo
from zohocrm_demo import DemoOrganisation, Fault

LOCKS, SCORES, TEXTS = "Deals.Locks", "Leads.Scores", "Contacts.Emails.content"
TABLE = "Contacts_Emails_content"

pytestmark = pytest.mark.thorough


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with small_demo() as demo:
        for module, count in {"Contacts": 25, "Leads": 25}.items():
            demo.organisation.records.resize(module, count)
        yield demo


def locked(demo: DemoOrganisation) -> set[tuple[str, str]]:
    of = demo.organisation.children.of_record
    return {
        (deal, one.key)
        for deal in parents(demo, "Deals")
        for one in of("Deals", deal, "Locking_Information__s")
    }


def test_locks_come_and_go(demo: DemoOrganisation) -> None:
    deal, other, *_ = parents(demo, "Deals")
    children = demo.organisation.children
    kind = "Locking_Information__s"
    children.add("Deals", deal, kind, {"Locked_Reason__s": "Audit"}, touch=True)
    warehouse = Warehouse(demo, (LOCKS,))
    run = warehouse.load()
    assert run.code == 0, run.stderr
    assert warehouse.keys(LOCKS) == locked(demo) != set()
    (row,) = [one for one in run.rows if one["parent_id"] == deal]
    assert (row["Locked_Reason__s"], row["Locked_For__s"]["id"]) == ("Audit", deal)
    (lock,) = children.of_record("Deals", deal, kind)
    children.remove("Deals", deal, kind, lock.key, touch=True)
    children.add("Deals", other, kind, touch=True)
    warehouse.load()
    assert warehouse.keys(LOCKS) == locked(demo)


def test_scores_change_with_their_record(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (SCORES,))
    run = warehouse.load()
    assert run.code == 0, run.stderr
    leads = parents(demo, "Leads")
    assert {row["parent_id"] for row in run.rows} == {*leads}
    rules = {rule["id"] for rule in demo.organisation.scoring_rules}
    assert {row["Scoring_Rule"]["id"] for row in run.rows} <= rules
    before = dict(warehouse.tables["Leads_Scores"])
    records = demo.organisation.records
    lead = records.find("Leads", leads[0])
    assert lead is not None
    # The sample's scores repeat after forty seconds.
    now = records.clock()
    rest = (int(now.timestamp()) - (lead.modified or 0)) % 40
    records.update(
        "Leads", leads[0], {"Description": "called"}, at=now - timedelta(seconds=rest - 1)
    )
    (row,) = warehouse.load().rows
    assert row["parent_id"] == leads[0]
    assert row["Score"] != before[leads[0], row["id"]]["Score"]


def texts_asked_for(demo: DemoOrganisation, since: int = 0) -> list[str]:
    found = [call.path.rpartition("/Emails/")[2] for call in demo.calls[since:]]
    return [key for key in found if key and not key.startswith("/")]


def test_the_text_of_each_mail_is_asked_for_once(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (TEXTS,))
    run = warehouse.load()
    assert run.code == 0, run.stderr
    wanted = warehouse_truth(demo)
    assert {*warehouse.tables[TABLE]} == wanted != set()
    assert all("<div>" in row["content"] for row in run.rows)
    assert all(row["additional_properties"] is None for row in run.rows)
    contact = next(iter(sorted(wanted)))[0]
    demo.organisation.children.add("Contacts", contact, "Emails", {"content": "Hello"}, touch=True)
    before = len(demo.calls)
    run = warehouse.load()
    assert [row["content"] for row in run.rows] == ["Hello"]
    assert len(texts_asked_for(demo, before)) == 1
    assert {*warehouse.tables[TABLE]} == warehouse_truth(demo)


def warehouse_truth(demo: DemoOrganisation) -> set[tuple[str, str]]:
    of = demo.organisation.children.of_record
    return {
        (contact, one.key)
        for contact in parents(demo, "Contacts")
        for one in of("Contacts", contact, "Emails")
    }


def test_a_text_that_nobody_else_may_read_is_named_by_its_code(demo: DemoOrganisation) -> None:
    contact, key = min(warehouse_truth(demo))
    refused = Fault.error(400, "NO_PERMISSION", "permission denied")
    demo.inject(f"/crm/v8/Contacts/{contact}/Emails/{key}", refused, times=None)
    warehouse = Warehouse(demo, (TEXTS,))
    run = warehouse.load()
    assert run.code == 0, run.stderr
    (row,) = [one for one in run.rows if one["refused"]]
    assert (row["message_id"], row["refused"], row["content"]) == (key, "NO_PERMISSION", None)


def test_budgets_and_lost_ends_of_runs_leave_no_text_out(demo: DemoOrganisation) -> None:
    contact = parents(demo, "Contacts")[3]
    for number in range(60):
        demo.organisation.children.add("Contacts", contact, "Emails", {"subject": str(number)})
    warehouse = Warehouse(demo, (TEXTS,))
    parts = [0.6, 1, 0.9, 1, 0.3, 0.97, *[1.0] * 20]
    while warehouse.load(credit_budget=60, arrives=parts[0]).code or parts[0] < 1:
        parts.pop(0)
        # A refresh token makes few access tokens at a time.
        demo.settable_clock.advance(240)
    assert {*warehouse.tables[TABLE]} == warehouse_truth(demo)


def test_a_pattern_does_not_stand_for_texts(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, ("Contacts.*",))
    run = warehouse.load()
    assert TABLE not in {message.get("stream") for message in run.messages}
    assert not texts_asked_for(demo)
