"""Threads share one token, one gate and one ledger."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.client import LIST_MODULES, at_once, client_for, credentials_for
from support.demo import MODULES, TOKEN, calls_of, small_demo
from support.run import FAST

from tap_zohocrm_modules.zoho.transport.auth import ZohoAuthenticator
from tap_zohocrm_modules.zoho.transport.http import HttpClient
from tap_zohocrm_modules.zoho.transport.machine import new_session
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from zohocrm_demo import DemoOrganisation, Fault

CALLS = 12
ONE_TRY = RetryPolicy(max_tries=1)
PATIENT = RetryPolicy(max_tries=200, max_time=20, first_wait=0.002, longest_wait=0.01)


def test_eight_threads_at_first_use_mint_one_token(demo: DemoOrganisation) -> None:
    demo.inject(TOKEN, Fault.slow(0.05), times=None)
    session = new_session(pool=8, url=demo.accounts_url)
    with session:
        auth = ZohoAuthenticator(credentials_for(demo), HttpClient(session), policy=FAST)
        tokens = at_once(8, auth.token)
    assert len({token.value for token in tokens}) == 1
    assert calls_of(demo, TOKEN) == 1


def test_threads_whose_token_ended_mint_one_new_token() -> None:
    with small_demo(latency=0.02) as demo, client_for(demo, concurrency=8) as client:
        client.call(LIST_MODULES)
        demo.expire_tokens()
        answers = at_once(8, lambda: client.call(LIST_MODULES))
        assert len(answers) == 8
        assert all(answer == answers[0] for answer in answers)
        assert calls_of(demo, TOKEN) == 2


@pytest.mark.parametrize("limit", [1, 3])
def test_never_more_calls_are_in_flight_than_allowed(limit: int) -> None:
    with (
        small_demo(concurrency=limit, latency=0.02) as demo,
        client_for(demo, concurrency=limit) as client,
    ):
        answers = at_once(CALLS, lambda: client.call(LIST_MODULES))
        assert len(answers) == CALLS
        assert [call.status for call in demo.calls if call.path == MODULES] == [200] * CALLS
        assert client.credits.retries == 0


def test_the_gate_lets_through_as_many_calls_as_allowed(demo: DemoOrganisation) -> None:
    with client_for(demo, concurrency=4, policy=ONE_TRY) as client:
        # Successes widen the gate to what is allowed.
        for _ in range(2):
            client.call(LIST_MODULES)
        assert client._gate.width == 4
        # All four are taken and none is answered, so that a fifth would be seen as well.
        demo.inject(MODULES, Fault.stall(), times=None)
        pool = ThreadPoolExecutor(8)
        for _ in range(8):
            pool.submit(client.call, LIST_MODULES)
        deadline = time.monotonic() + 10
        while calls_of(demo, MODULES) < 6 and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(0.05)
        assert calls_of(demo, MODULES) == 6
        demo.stop()
        pool.shutdown()


def test_more_calls_than_zoho_allows_are_all_answered_in_the_end() -> None:
    with (
        small_demo(concurrency=2, latency=0.005) as demo,
        client_for(demo, concurrency=6, policy=PATIENT) as client,
    ):
        answers = at_once(6, lambda: client.call(LIST_MODULES))
        assert len(answers) == 6
        assert all(answer.body == answers[0].body for answer in answers)


def test_a_call_that_waits_for_its_next_try_does_not_hold_the_gate(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.error(429, "TOO_MANY_REQUESTS"))
    waiting, go_on = threading.Event(), threading.Event()
    with client_for(demo, concurrency=1, policy=PATIENT) as client:
        note_retry = client.credits.note_retry

        def wait(stream: str = "") -> None:
            note_retry(stream)
            waiting.set()
            assert go_on.wait(10)

        client.credits.note_retry = wait  # type: ignore[method-assign]
        late = threading.Thread(target=client.call, args=(LIST_MODULES,))
        late.start()
        assert waiting.wait(10)
        assert client.call(LIST_MODULES).status == 200
        go_on.set()
        late.join(10)
    assert calls_of(demo, MODULES) == 3


def test_the_ledger_counts_the_calls_of_all_threads(demo: DemoOrganisation) -> None:
    with client_for(demo, concurrency=8) as client:
        at_once(40, lambda: client.call(LIST_MODULES))
        assert (client.credits.calls, client.credits.spent) == (40, 40)
    assert calls_of(demo, MODULES) == 40


def test_the_budget_holds_for_all_threads_together(demo: DemoOrganisation) -> None:
    with client_for(demo, concurrency=8, credit_budget=5) as client:

        def one() -> bool:
            try:
                client.call(LIST_MODULES)
            except Exception as error:  # noqa: BLE001 - judged below
                return "credit_budget" not in str(error)
            return True

        assert sorted(at_once(8, one)) == [False] * 3 + [True] * 5
    assert calls_of(demo, MODULES) == 5
