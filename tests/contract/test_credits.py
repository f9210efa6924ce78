"""The ledger: what a run may cost, what it has cost, and what is left."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest
from support.client import LIST_MODULES, client_for
from support.demo import MODULES, TOKEN, calls_of, read, small_demo

from tap_zohocrm_modules.demo import DemoOrganisation, Fault
from tap_zohocrm_modules.zoho.errors import AccessError, OutOfCreditsError

SUMMARY = re.compile(
    r"API calls: (\d+), credits: (\d+), retries: (\d+),"
    r" credits left today \(X-API-CREDITS-REMAINING\): (.+)"
)


def summary(lines: list[str]) -> tuple[str, ...]:
    (found,) = [match.groups() for line in lines if (match := SUMMARY.fullmatch(line))]
    return found


def test_the_summary_counts_calls_credits_and_retries(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.error(503, "SERVICE_UNAVAILABLE"), times=2)
    run = read(demo)
    assert summary(run.logged("INFO")) == ("3", "3", "2", "not told by Zoho")
    assert calls_of(demo, MODULES) == 3


def test_a_failed_run_is_accounted_for_as_well(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.error(400, "INVALID_DATA"), times=None)
    run = read(demo)
    assert run.code == 1
    assert summary(run.logged("INFO")) == ("1", "1", "0", "not told by Zoho")


def test_what_zoho_says_is_left_is_in_the_summary() -> None:
    with small_demo(daily_credits=2) as demo:
        assert summary(read(demo).logged("INFO")) == ("1", "1", "0", "1")


def test_the_budget_stops_the_run_before_the_call_that_passes_it(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.error(503, "SERVICE_UNAVAILABLE"), times=None)
    run = read(demo, credit_budget=2)
    assert "credit_budget is 2" in run.error
    assert "Raise credit_budget" in run.error
    assert run.types == ["SCHEMA", "STATE"]
    assert calls_of(demo, MODULES) == 2
    assert summary(run.logged("INFO"))[:2] == ("2", "2")


def test_a_budget_that_suffices_is_not_spoken_of(demo: DemoOrganisation) -> None:
    run = read(demo, credit_budget=1)
    assert run.code == 0
    assert "credit_budget" not in run.stderr


def test_credits_that_are_used_up_end_the_run_at_once() -> None:
    with small_demo(daily_credits=0) as demo:
        run = read(demo)
        assert "used up" in run.error
        assert "TOO_MANY_REQUESTS" in run.error
        assert "Run again later" in run.error
        assert calls_of(demo, MODULES) == 1
        assert run.types == ["SCHEMA", "STATE"]


def test_too_many_requests_with_credits_left_are_tried_again() -> None:
    with small_demo(daily_credits=2) as demo:
        headers = {"X-API-CREDITS-REMAINING": "1"}
        demo.inject(MODULES, Fault(status=429, code="TOO_MANY_REQUESTS", headers=headers))
        run = read(demo)
        assert run.code == 0
        assert calls_of(demo, MODULES) == 2


@pytest.mark.parametrize("odd", ["", "many", "-1", "1.5"])
def test_an_odd_number_of_credits_left_is_passed_over(demo: DemoOrganisation, odd: str) -> None:
    fault = Fault(status=None, headers={"X-API-CREDITS-REMAINING": odd})
    demo.inject(MODULES, fault)
    run = read(demo)
    assert run.code == 0
    assert summary(run.logged("INFO"))[3] == "not told by Zoho"


def test_a_call_may_cost_more_than_one_credit(demo: DemoOrganisation) -> None:
    costly = type(LIST_MODULES)(path=LIST_MODULES.path, scope=LIST_MODULES.scope, credits=3)
    with client_for(demo, credit_budget=7) as client:
        client.call(costly)
        client.call(costly)
        with pytest.raises(OutOfCreditsError, match=r"6 credits are spent .* costs 3"):
            client.call(costly)
        assert (client.ledger.calls, client.ledger.credits) == (2, 6)
        client.call(LIST_MODULES)
        assert client.ledger.credits == 7


def test_without_a_token_no_call_is_made_and_none_counted(demo: DemoOrganisation) -> None:
    demo.revoke_refresh_token()
    with client_for(demo, api_url=demo.api_url) as client:
        with pytest.raises(AccessError):
            client.call(LIST_MODULES)
        assert calls_of(demo, MODULES) == 0
        assert (client.ledger.calls, client.ledger.credits) == (0, 0)


def test_a_token_that_ends_in_the_middle_costs_one_mint_and_one_call(
    demo: DemoOrganisation,
) -> None:
    with client_for(demo) as client:
        first = client.call(LIST_MODULES)
        demo.expire_tokens()
        assert client.call(LIST_MODULES) == first
        assert client.ledger.calls == 3
    assert calls_of(demo, TOKEN) == 2


def test_a_token_is_used_until_shortly_before_its_end() -> None:
    now = datetime.now(timezone.utc)
    with small_demo(clock=lambda: now) as demo, client_for(demo) as client:
        for _ in range(3):
            client.call(LIST_MODULES)
        assert calls_of(demo, TOKEN) == 1
