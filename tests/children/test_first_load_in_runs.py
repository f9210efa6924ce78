"""A first load of 20,000 deals that budgets spread over runs, and that is killed ten times."""

from __future__ import annotations

import collections
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support.demo import config_for, read
from support.process import tap_command

from children.organisation import Key, Warehouse, parents, small_demo
from zohocrm_demo import DemoOrganisation

pytestmark = pytest.mark.heavy

ROLES = "Deals.Contact_Roles"
DEALS, BUDGET, KILLS = 20_000, 500, 10
# From none to more than the 2,000 after which only a token leads on.
MANY = (0, 1, 5, 200, 201, 2_000, 2_001)
_ONE = re.compile(r"/crm/v8/Deals/(\d+)/Contact_Roles")


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with small_demo() as demo:
        demo.organisation.records.resize("Deals", DEALS)
        demo.organisation.records.resize("Contacts", 2_500)
        contacts = parents(demo, "Contacts")
        deals = parents(demo, "Deals")[100 :: DEALS // len(MANY)]
        for deal, count in zip(deals, MANY, strict=False):
            give(demo, deal, contacts[:count])
        yield demo


def give(demo: DemoOrganisation, deal: str, contacts: list[str]) -> None:
    """Let a deal have these contacts and no others."""
    children = demo.organisation.children
    for one in children.of_record("Deals", deal, "Contact_Roles"):
        children.remove("Deals", deal, "Contact_Roles", one.key)
    for contact in contacts:
        children.add("Deals", deal, "Contact_Roles", {"id": contact})


def asked(demo: DemoOrganisation, since: int) -> collections.Counter[str]:
    """How often the first page of each deal was asked for, alone or beside others."""
    found: collections.Counter[str] = collections.Counter()
    for call in demo.calls[since:]:
        if call.path.endswith("__composite_requests"):
            parts = json.loads(call.body)["__composite_requests"]
            found.update(_ONE.fullmatch(part["uri"])[1] for part in parts)  # type: ignore[index]
        elif (one := _ONE.fullmatch(call.path)) and "page_token" not in call.params:
            found[one[1]] += 1
    return found


@pytest.mark.timeout(7_200)
def test_twenty_thousand_deals_in_runs_of_500_credits(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    warehouse, random = Warehouse(demo, (ROLES,)), Random(20)
    settings = warehouse.settings(credit_budget=BUDGET)
    catalog = warehouse.catalog(settings)
    plan = json.loads(read(demo, "--plan=json", catalog=catalog, **settings).stdout)
    since, before = len(demo.calls), spent(demo)
    ends: collections.Counter[str] = collections.Counter()
    state: dict[str, Any] | None = None
    while not ends["complete"]:
        assert sum(ends.values()) < 60, ends
        kill_after = random.randrange(1, 3_000) if ends["killed"] < KILLS else None
        files = {"config": config_for(demo, **settings), "catalog": catalog}
        if state is not None:
            files["state"] = state
        words = tap_command(tmp_path, **files)
        code, messages = run_until(words, kill_after, tmp_path / "log")
        for message in messages:
            warehouse.merge(message)
            if message["type"] == "STATE":
                state = message["value"]
        ends["killed" if code < 0 else "complete" if code == 0 else "budget"] += 1
        if code > 0:
            assert "credit_budget" in (tmp_path / "log").read_text()
    warehouse.assert_true()
    assert max(count for _, count in sizes(warehouse).items()) == 2_001
    assert ends["killed"] == KILLS
    most = max(asked(demo, since).values())
    assert most <= 1 + KILLS
    assert len(asked(demo, since)) == DEALS
    used = spent(demo) - before
    print(f"planned {plan['credits']}, spent {used}, {dict(ends)}, a deal asked {most} times")  # noqa: T201
    assert abs(used - plan["credits"]) <= plan["credits"] / 10


def sizes(warehouse: Warehouse) -> collections.Counter[str]:
    keys: set[Key] = warehouse.keys(ROLES)
    return collections.Counter(parent for parent, _ in keys)


def spent(demo: DemoOrganisation) -> int:
    return sum(cost for _, cost in demo._api.limits._spent)


def run_until(
    words: list[str], kill_after: int | None, log: Path
) -> tuple[int, list[dict[str, Any]]]:
    """Run the tap, and kill it after so many messages, of which the destination has all."""
    messages: list[dict[str, Any]] = []
    with (
        log.open("wb") as errors,
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            messages.append(json.loads(line))
            if kill_after is not None and len(messages) >= kill_after:
                process.kill()
                break
        process.stdout.close()
        process.wait()
    return process.returncode, messages
