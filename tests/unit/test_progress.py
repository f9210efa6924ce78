"""Long work shows itself, on a terminal and elsewhere, and neither too often nor too seldom."""

from __future__ import annotations

import io
import logging
from unittest import mock

import pytest
from typing_extensions import override

from tap_zohocrm_modules.sync.progress import Progress
from tap_zohocrm_modules.zoho.transport.credits import CreditLedger


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time


class Terminal(io.StringIO):
    """Standard error on a terminal."""

    @override
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger() -> CreditLedger:
    ledger = CreditLedger()
    ledger.charge(50, "Leads")
    ledger.charge(1, "Leads")
    ledger.charge(7, "Deals")
    return ledger


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_elsewhere_there_is_a_line_every_ten_seconds(
    clock: Clock, ledger: CreditLedger, lines: pytest.LogCaptureFixture
) -> None:
    progress = Progress("Leads", ledger, lambda: 4_000, clock)
    for _ in range(45):
        clock.time += 0.5
        progress.add(20)
    assert lines.messages == [
        "Leads: 400 of 4,000 records, 40 records/s, 51 credits, 2 min left",
        "Leads: 800 of 4,000 records, 40 records/s, 51 credits, 1 min left",
    ]


def test_while_nothing_comes_the_lines_go_on(
    clock: Clock, ledger: CreditLedger, lines: pytest.LogCaptureFixture
) -> None:
    progress = Progress("Leads", ledger, lambda: None, clock)
    for _ in range(5):
        clock.time += 10
        progress.tick()
        progress.tick()
    assert lines.messages == ["Leads: 0 records, 0 records/s, 51 credits"] * 5


@pytest.mark.parametrize(
    ("expected", "left"),
    [
        (100 + 59 * 10, ", 59 s left"),
        (100 + 600 * 10, ", 10 min left"),
        (100 + 9_000 * 10, ", 2.5 h left"),
        (100, ""),
        (90, ""),
        (0, ""),
        (None, ""),
    ],
)
def test_the_time_left_is_told_while_more_is_expected(
    clock: Clock,
    ledger: CreditLedger,
    lines: pytest.LogCaptureFixture,
    expected: int | None,
    left: str,
) -> None:
    progress = Progress("Leads", ledger, lambda: expected, clock)
    clock.time += 10
    progress.add(100)
    (line,) = lines.messages
    assert line.endswith(f", 51 credits{left}")
    assert (" of " in line) == bool(expected)


def test_on_a_terminal_one_line_is_written_over_and_over(
    clock: Clock, ledger: CreditLedger, lines: pytest.LogCaptureFixture
) -> None:
    with mock.patch("sys.stderr", Terminal()) as terminal:
        progress = Progress("Leads", ledger, lambda: None, clock)
        for _ in range(10):
            clock.time += 0.25
            progress.add(10)
        shown = terminal.getvalue()
        progress.end()
        ended = terminal.getvalue()
    lines_shown = [
        f"\x1b[KLeads: {20 * number} records, 40 records/s, 51 credits\r" for number in range(1, 6)
    ]
    assert shown == "".join(lines_shown)
    assert ended == f"{shown}\x1b[K"
    assert len(lines.messages) == 1


def test_in_the_end_calls_credits_and_records_are_told(
    clock: Clock, ledger: CreditLedger, lines: pytest.LogCaptureFixture
) -> None:
    progress = Progress("Leads", ledger, lambda: None, clock)
    clock.time += 2
    progress.add(1_234)
    progress.end()
    assert lines.messages == [
        "Leads: 1,234 records by 2 calls for 51 credits in 2.0 s (617 records/s)."
    ]
