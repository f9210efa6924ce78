"""Faults of servers and networks: survived with all rows, or one clear line in bounded calls."""

from __future__ import annotations

import re

import pytest
from support.demo import MODULES, TOKEN, calls_of, module_ids, read, small_demo
from support.run import FAST

from zohocrm_demo import DemoOrganisation, Fault

JSON = "application/json;charset=utf-8"
BUSY = Fault.error(429, "TOO_MANY_REQUESTS", "You have made too many requests.")
TRUNCATED = Fault(status=200, body='{"modules":[{"id":"59371', content_type=JSON)
REMEDY = re.compile(r"(check|run again|set|raise|lower|report|correct) ", re.IGNORECASE)

# What goes wrong, and the words by which its line names the cause when it stays.
TRANSIENT = {
    "500": (Fault.error(500, "INTERNAL_ERROR", "Internal Server Error"), "HTTP 500 INTERNAL_ERROR"),
    "502 page": (Fault.html(502, "Bad Gateway"), "HTTP 502"),
    "503": (Fault.error(503, "SERVICE_UNAVAILABLE"), "HTTP 503 SERVICE_UNAVAILABLE"),
    "500 without a body": (Fault.empty(500), "HTTP 500"),
    "429": (BUSY, "HTTP 429 TOO_MANY_REQUESTS"),
    "500 in an old form": (Fault(status=500, body='{"error":"x"}', content_type=JSON), "HTTP 500"),
    "200 page": (Fault.html(200, "Login"), "not JSON"),
    "200 without a body": (Fault.empty(200), "not JSON"),
    "truncated JSON": (TRUNCATED, "not JSON"),
    "body cut at once": (Fault.cut(0), "connection to 127.0.0.1 failed"),
    "body cut in the middle": (Fault.cut(40), "connection to 127.0.0.1 failed"),
    "reset": (Fault.reset(), "connection to 127.0.0.1 failed"),
}

AT_THE_TOKEN_ENDPOINT = ("500", "429", "truncated JSON", "body cut in the middle")


@pytest.mark.parametrize("name", TRANSIENT)
def test_a_fault_that_passes_costs_one_more_call_and_no_row(
    demo: DemoOrganisation, name: str
) -> None:
    demo.inject(MODULES, TRANSIENT[name][0])
    run = read(demo)
    assert run.code == 0
    assert [row["id"] for row in run.rows] == module_ids(demo)
    assert run.types == ["SCHEMA", "RECORD", "STATE"]
    assert calls_of(demo, MODULES) == 2
    assert calls_of(demo, TOKEN) == 1
    assert "retries: 1" in run.log[-1].text
    assert run.logged("ERROR") == []


@pytest.mark.parametrize("name", TRANSIENT)
def test_a_fault_that_stays_ends_the_run_with_one_line(demo: DemoOrganisation, name: str) -> None:
    fault, cause = TRANSIENT[name]
    demo.inject(MODULES, fault, times=None)
    run = read(demo)
    assert cause in run.error
    assert "GET /crm/v8/settings/modules" in run.error
    assert f"{FAST.max_tries} tries" in run.error
    assert REMEDY.search(run.error), run.error
    assert calls_of(demo, MODULES) == FAST.max_tries
    assert calls_of(demo, TOKEN) == 1
    assert run.rows == []


@pytest.mark.parametrize("name", AT_THE_TOKEN_ENDPOINT)
def test_the_token_endpoint_may_fail_once_too(demo: DemoOrganisation, name: str) -> None:
    demo.inject(TOKEN, TRANSIENT[name][0])
    run = read(demo)
    assert run.code == 0
    assert [row["id"] for row in run.rows] == module_ids(demo)
    assert calls_of(demo, TOKEN) == 2
    assert calls_of(demo, MODULES) == 1


@pytest.mark.parametrize("name", AT_THE_TOKEN_ENDPOINT)
def test_a_token_endpoint_that_stays_broken_ends_the_run_with_one_line(
    demo: DemoOrganisation, name: str
) -> None:
    fault, _ = TRANSIENT[name]
    demo.inject(TOKEN, fault, times=None)
    run = read(demo)
    assert "/oauth/v2/token" in run.error
    assert f"{FAST.max_tries} tries" in run.error
    assert REMEDY.search(run.error), run.error
    assert calls_of(demo, TOKEN) == FAST.max_tries
    assert calls_of(demo, MODULES) == 0


def test_several_faults_in_a_row_are_survived_within_the_tries(demo: DemoOrganisation) -> None:
    for nth, fault in enumerate((Fault.reset(), BUSY, Fault.html(502)), 1):
        demo.inject(MODULES, fault, nth=nth)
    run = read(demo)
    assert run.code == 0
    assert len(run.rows) == len(module_ids(demo))
    assert "retries: 3" in run.log[-1].text


def test_a_server_that_does_not_answer_in_time_is_asked_again(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.stall())
    run = read(demo, request_timeout=1)
    assert run.code == 0
    assert len(run.rows) == len(module_ids(demo))
    assert "request_timeout" in run.logged("WARNING")[0]


def test_a_server_that_never_answers_ends_the_run(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.stall(), times=None)
    policy = type(FAST)(max_tries=2, max_time=5, first_wait=0.001, longest_wait=0.002)
    run = read(demo, policy=policy, request_timeout=1)
    assert "did not answer within request_timeout" in run.error
    assert REMEDY.search(run.error), run.error
    assert calls_of(demo, MODULES) == 2


def test_a_host_that_nobody_listens_on_is_named_with_its_settings() -> None:
    with small_demo() as demo:
        closed = demo.accounts_url
    with small_demo() as demo:
        run = read(demo, accounts_url=closed)
    assert "the connection to 127.0.0.1 failed" in run.error
    assert "accounts_url" in run.error


def test_a_wait_is_said_with_its_reason(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, BUSY)
    (warning,) = [text for text in read(demo).logged("WARNING") if "429" in text]
    assert "TOO_MANY_REQUESTS" in warning
    assert "Trying again in" in warning
