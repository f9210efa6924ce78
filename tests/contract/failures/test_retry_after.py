"""Retry-After is honoured: as seconds, as a date, and not at all when it asks for too long."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from support.demo import MODULES, TOKEN, calls_of, module_ids, read
from support.run import Run, with_options

from tap_zohocrm_modules.zoho.transport.machine import Machine
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from zohocrm_demo import DemoOrganisation, Fault


@pytest.fixture
def waits() -> Iterator[list[float]]:
    """What the tap would have slept, in seconds."""
    slept: list[float] = []
    with with_options(machine=Machine(sleep=slept.append)):
        yield slept


def busy(retry_after: str, status: int = 429) -> Fault:
    return Fault(
        status=status,
        code="TOO_MANY_REQUESTS",
        message="You have made too many requests.",
        headers={"Retry-After": retry_after},
    )


def read_as_users_do(demo: DemoOrganisation) -> Run:
    return read(demo, policy=RetryPolicy())


@pytest.mark.parametrize("status", [429, 503])
def test_seconds_are_waited_for(demo: DemoOrganisation, waits: list[float], status: int) -> None:
    demo.inject(MODULES, busy("37", status))
    run = read_as_users_do(demo)
    assert run.code == 0
    assert len(run.rows) == len(module_ids(demo))
    assert waits == [37]


def test_a_date_is_waited_for(demo: DemoOrganisation, waits: list[float]) -> None:
    until = datetime.now(timezone.utc) + timedelta(seconds=90)
    demo.inject(MODULES, busy(format_datetime(until, usegmt=True)))
    assert read_as_users_do(demo).code == 0
    assert len(waits) == 1
    assert 60 < waits[0] <= 90


def test_a_date_gone_by_means_the_ordinary_wait(demo: DemoOrganisation, waits: list[float]) -> None:
    demo.inject(MODULES, busy("Wed, 21 Oct 2015 07:28:00 GMT"))
    assert read_as_users_do(demo).code == 0
    assert len(waits) == 1
    assert 0 < waits[0] <= 1


def test_nonsense_means_the_ordinary_wait(demo: DemoOrganisation, waits: list[float]) -> None:
    demo.inject(MODULES, busy("soon"))
    assert read_as_users_do(demo).code == 0
    assert len(waits) == 1
    assert 0 < waits[0] <= 1


def test_a_wait_beyond_all_patience_ends_the_run_at_once(
    demo: DemoOrganisation, waits: list[float]
) -> None:
    demo.inject(MODULES, busy("86400"), times=None)
    run = read_as_users_do(demo)
    assert "86400 s" in run.error
    assert "HTTP 429" in run.error
    assert waits == []
    assert calls_of(demo, MODULES) == 1


def test_without_retry_after_waits_grow_up_to_a_bound_and_then_end(
    demo: DemoOrganisation, waits: list[float]
) -> None:
    demo.inject(MODULES, Fault.error(429, "TOO_MANY_REQUESTS"), times=None)
    policy = RetryPolicy()
    run = read_as_users_do(demo)
    assert run.code == 1
    assert calls_of(demo, MODULES) == policy.max_tries
    assert len(waits) == policy.max_tries - 1
    assert 0 < waits[0] <= policy.first_wait
    assert all(second > first / 2 for first, second in itertools.pairwise(waits))
    assert max(waits) <= policy.longest_wait
    assert sum(waits) <= policy.max_time


def test_waits_are_spread_so_that_clients_do_not_return_all_at_once(
    demo: DemoOrganisation, waits: list[float]
) -> None:
    demo.inject(MODULES, Fault.error(503, "SERVICE_UNAVAILABLE"), times=12)
    read_as_users_do(demo)
    read_as_users_do(demo)
    assert len(waits) == len(set(waits)) > 7


def test_the_token_endpoint_is_waited_for_as_well(
    demo: DemoOrganisation, waits: list[float]
) -> None:
    demo.inject(TOKEN, busy("37", 503))
    run = read_as_users_do(demo)
    assert run.code == 0
    assert waits == [37]
