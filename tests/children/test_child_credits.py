"""What children of records cost: joined calls, a budget, a sweep, and what the plan says of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.demo import read

from children.organisation import EVERY, MEMBERS, ROLES, SHARES, TIMELINE, Warehouse, parents
from zohocrm_demo import DemoOrganisation, Fault


@pytest.mark.thorough
def test_joined_and_single_calls_give_the_same(demo: DemoOrganisation) -> None:
    joined, single = Warehouse(demo, EVERY), Warehouse(demo, EVERY)
    cheap = joined.load()
    demo.inject("/crm/v8/__composite_requests", Fault.error(403, "NO_PERMISSION"), times=None)
    dear = single.load()
    assert joined.tables == single.tables
    assert joined.state is not None
    # Row by row in the same bytes, and where every part is one page for a quarter of the price.
    assert [*map(json.dumps, cheap.rows)] == [*map(json.dumps, dear.rows)]
    assert credits_of(cheap, "Deals_Shares") <= 0.25 * credits_of(dear, "Deals_Shares")


def credits_of(run: Any, stream: str) -> int:
    (line,) = [one for one in run.stderr.splitlines() if f"{stream}: children of" in one]
    return int(line.rpartition(" for ")[2].split()[0].replace(",", ""))


@pytest.mark.thorough
def test_a_budget_spreads_a_first_load_over_runs_that_read_no_parent_twice(
    demo: DemoOrganisation,
) -> None:
    warehouse = Warehouse(demo, (TIMELINE,))
    whole = Warehouse(demo, (TIMELINE,)).load()
    runs, emitted = 0, 0
    while True:
        run = warehouse.load(credit_budget=9)
        runs, emitted = runs + 1, emitted + len(run.rows)
        if run.code == 0:
            break
        assert "credit_budget" in run.error
        assert runs < 20
    assert runs > 1
    assert emitted == len(whole.rows)
    warehouse.assert_true()


@pytest.mark.thorough
def test_a_sweep_that_the_budget_interrupts_is_no_failure(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (SHARES,))
    warehouse.load()
    deal = parents(demo, "Deals")[-1]
    demo.organisation.children.add("Deals", deal, "Shares", {"shared_with": {"id": user(demo)}})
    demo.settable_clock.advance(86_400)
    for _ in range(12):
        run = warehouse.load(child_sweep_days=1, credit_budget=16)
        assert run.code == 0, run.stderr
        if warehouse.keys(SHARES) == warehouse.truth(SHARES):
            break
    warehouse.assert_true()


def user(demo: DemoOrganisation) -> str:
    return str(demo.organisation.users[1]["id"])


@pytest.mark.parametrize("entry", [ROLES, SHARES])
def test_the_plan_is_near_what_the_run_spends(demo: DemoOrganisation, entry: str) -> None:
    warehouse = Warehouse(demo, (entry,))
    catalog = warehouse.catalog(warehouse.settings())
    before = len(demo.calls)
    found = read(demo, "--plan=json", catalog=catalog, **warehouse.settings())
    planned = json.loads(found.stdout)
    assert "Contact_Roles" not in "".join(call.path for call in demo.calls[before:])
    spent = warehouse.load().credits
    assert abs(planned["credits"] - spent) <= max(3, spent / 10), (planned, spent)


def plan_of(warehouse: Warehouse, form: str = "json", **more: Any) -> str:
    settings = warehouse.settings(**more)
    catalog = warehouse.catalog(settings)
    return read(
        warehouse.demo, f"--plan={form}", catalog=catalog, state=warehouse.state, **settings
    ).stdout.decode()


@pytest.mark.thorough
def test_the_plan_prices_texts_of_mails_as_soon_as_state_knows_how_many(
    demo: DemoOrganisation,
) -> None:
    demo.organisation.records.resize("Contacts", 100)
    warehouse = Warehouse(demo, ("Contacts.Emails.content",))
    # Before a first load nobody knows: the plan says so, and asks for no list of mails.
    table = plan_of(warehouse, "table")
    assert "at least" in table
    assert "each row, which takes a call of its own" in table
    assert not [call for call in demo.calls if call.path.endswith("/Emails")]
    assert warehouse.load(credit_budget=60).code == 1
    planned = json.loads(plan_of(warehouse))
    (stream,) = planned["streams"]
    assert (stream["unpriced"], stream["is_estimate"]) == ("", True)
    assert "that STATE knows" in stream["why"]
    spent = warehouse.load().credits
    assert 0.5 * spent <= planned["credits"] <= 1.5 * spent, (planned, spent)
    (stream,) = json.loads(plan_of(warehouse))["streams"]
    assert "one new row of each" in stream["why"]


@pytest.mark.thorough
def test_the_plan_prices_further_pages_as_soon_as_state_knows_them(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (MEMBERS,))
    assert (
        "each further page of 200 rows" in json.loads(plan_of(warehouse))["streams"][0]["unpriced"]
    )
    warehouse.load()
    demo.settable_clock.advance(86_400)
    planned = json.loads(plan_of(warehouse, child_sweep_days=1))
    assert not planned["streams"][0]["unpriced"]
