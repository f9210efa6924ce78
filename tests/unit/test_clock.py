"""The server's clock: two answers have to agree, and no single header moves it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from tap_zohocrm_modules.zoho.transport.clock import ServerClock
from tap_zohocrm_modules.zoho.transport.errors import ClockError
from tap_zohocrm_modules.zoho.transport.machine import Machine

NOW = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)


class Clocks:
    """A machine whose time passes when the test says so."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.step = timedelta()
        local = Machine(lambda: NOW + self.step + self.elapsed, lambda: self.passed)
        self.server = ServerClock("api.example", local)

    @property
    def elapsed(self) -> timedelta:
        return timedelta(seconds=self.passed)

    def answer(self, ahead: timedelta) -> None:
        date = format_datetime(NOW + self.elapsed + ahead, usegmt=True)
        self.server.observe(date, self.passed)
        self.passed += 1


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


def ahead(clocks: Clocks) -> float:
    return (clocks.server.now() - (NOW + clocks.elapsed)).total_seconds()


def test_before_two_answers_agree_it_is_this_machines_time(clocks: Clocks) -> None:
    clocks.answer(timedelta(hours=1))
    assert not clocks.server.is_known
    assert ahead(clocks) == 0


@pytest.mark.parametrize("hours", [-20, -1, 0, 3])
def test_two_answers_that_agree_set_it(clocks: Clocks, hours: int) -> None:
    clocks.answer(timedelta(hours=hours))
    clocks.answer(timedelta(hours=hours))
    assert ahead(clocks) == hours * 3600


def test_a_single_header_does_not_move_it(clocks: Clocks) -> None:
    for odd in (timedelta(seconds=10), timedelta(seconds=10), timedelta(days=2_000)):
        clocks.answer(odd)
    assert ahead(clocks) == 10
    clocks.answer(timedelta(seconds=10))
    assert ahead(clocks) == 10


def test_a_step_of_this_machines_clock_does_not_move_it(clocks: Clocks) -> None:
    clocks.answer(timedelta())
    clocks.answer(timedelta())
    clocks.step = timedelta(hours=5)
    assert ahead(clocks) == 0


def test_more_than_a_day_apart_is_an_error_that_names_both_clocks(clocks: Clocks) -> None:
    clocks.answer(timedelta(days=1_400))
    clocks.answer(timedelta(days=1_400))
    with pytest.raises(ClockError, match=r"api\.example says 2030-04-01.* 2026-06-01"):
        clocks.server.now()


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "soon",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ],
)
def test_a_header_that_is_no_date_of_this_era_is_ignored(clocks: Clocks, date: str | None) -> None:
    for _ in range(3):
        clocks.server.observe(date, clocks.passed)
    assert not clocks.server.is_known
    assert ahead(clocks) == 0
