"""Long work shows itself, on a terminal and elsewhere, and neither too often nor too seldom."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import pty
import select
import threading
from collections.abc import Callable, Iterator
from unittest import mock

import pytest

from tap_zohocrm_modules.sync.progress import RunProgress
from tap_zohocrm_modules.sync.terminal import LiveLine, TerminalHandler
from tap_zohocrm_modules.zoho.transport.credits import CreditLedger


class Clock:
    """A clock that goes on when it is made to."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shown(clock: Clock) -> RunProgress:
    """The progress of a run that has spent something, without a thread that looks at it."""
    ledger = CreditLedger()
    ledger.charge(50, "Leads")
    ledger.charge(1, "Leads")
    ledger.charge(7, "Deals")
    progress = RunProgress(clock)
    progress._ledger = ledger
    return progress


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_elsewhere_lines_come_ever_more_seldom_up_to_one_a_minute(
    clock: Clock, shown: RunProgress, lines: pytest.LogCaptureFixture
) -> None:
    with shown.stream("Leads", lambda: 20_000) as leads:
        said_at: list[int] = []
        for second in range(1, 301):
            clock.time += 1
            leads.add(40)
            shown.look()
            if len(lines.messages) > len(said_at):
                said_at.append(second)
    assert said_at == [10, 30, 70, 130, 190, 250]
    assert lines.messages[0] == "Leads: 400 of 20,000 records, 40 records/s, 51 credits, 8 min left"


@pytest.mark.parametrize(
    ("path", "waited_for"), [("bulk", "Zoho's bulk job"), ("coql", "Zoho"), (None, "Zoho")]
)
def test_while_nothing_comes_a_line_says_what_is_waited_for(
    clock: Clock,
    shown: RunProgress,
    lines: pytest.LogCaptureFixture,
    path: str | None,
    waited_for: str,
) -> None:
    def slow() -> Iterator[int]:
        for _ in range(40):
            clock.time += 1
            shown.look()
        yield 1

    with shown.stream("Leads", lambda: None, lambda: path) as leads:
        leads.add(1)
        assert list(leads.awaited(slow())) == [1]
    assert lines.messages[:2] == [
        f"Leads: 1 record, waiting for {waited_for}, 10 s",
        f"Leads: 1 record, waiting for {waited_for}, 30 s",
    ]


def test_who_waits_for_the_target_does_not_blame_zoho(
    clock: Clock, shown: RunProgress, lines: pytest.LogCaptureFixture
) -> None:
    with shown.stream("Leads", lambda: None, lambda: "bulk") as leads:
        for _ in leads.awaited([1]):
            clock.time += 12
            shown.look()
    assert lines.messages[0] == "Leads: waiting for the target, 12 s"


@pytest.mark.parametrize(
    ("expected", "left"),
    [
        (1_000 + 5 * 100, ", 5.0 s left"),
        (1_000 + 59 * 100, ", 59 s left"),
        (1_000 + 600 * 100, ", 10 min left"),
        (1_000 + 9_000 * 100, ", 2.5 h left"),
        (1_000, ""),
        (990, ""),
        (0, ""),
        (None, ""),
    ],
)
def test_the_time_left_is_said_while_more_is_expected(
    clock: Clock,
    shown: RunProgress,
    lines: pytest.LogCaptureFixture,
    expected: int | None,
    left: str,
) -> None:
    with shown.stream("Leads", lambda: expected) as leads:
        clock.time += 10
        leads.add(1_000)
        shown.look()
    line = lines.messages[0]
    assert line.endswith(f", 100 records/s, 51 credits{left}")
    assert (" of " in line) == bool(expected)


def test_the_estimate_follows_the_last_half_minute(
    clock: Clock, shown: RunProgress, lines: pytest.LogCaptureFixture
) -> None:
    with shown.stream("Leads", lambda: 14_000) as leads:
        # Four minutes for nearly nothing, as for a bulk job, and then a hundred a second.
        for second in range(1, 311):
            clock.time += 1
            leads.add(100 if second > 240 else 1)
            shown.look()
    assert lines.messages[-2] == (
        "Leads: 7,240 of 14,000 records, 100 records/s, 51 credits, 1 min left"
    )


def test_quick_streams_of_many_share_their_lines_and_others_have_one_each(
    clock: Clock, shown: RunProgress, lines: pytest.LogCaptureFixture
) -> None:
    shown.expect(40)
    for number in range(30):
        with shown.stream(f"metadata_{number}") as stream:
            stream.add(1_000 + number)
    with shown.stream("slow_metadata"):
        clock.time += 6
    with shown.stream("Leads", lambda: None) as leads:
        clock.time += 2
        leads.add(1_234)
    shown.close()
    *shared, slow, records = lines.messages
    assert shared[0].startswith("Read metadata_0 (1,000), metadata_1 (1,001), ")
    assert len(shared) <= 7
    assert all(f"metadata_{n} ({1_000 + n:,})" in " ".join(shared) for n in range(30))
    assert slow == "slow_metadata: 0 records by 0 calls for 0 credits in 6.0 s (0 records/s)."
    assert records == "Leads: 1,234 records by 2 calls for 51 credits in 2.0 s (617 records/s)."


def test_each_of_few_streams_has_a_line(
    shown: RunProgress, lines: pytest.LogCaptureFixture
) -> None:
    shown.expect(2)
    for name in ("Deals", "users"):
        with shown.stream(name) as stream:
            stream.add(1)
    assert lines.messages == [
        "Deals: 1 record by 1 call for 7 credits in 0.0 s.",
        "users: 1 record by 0 calls for 0 credits in 0.0 s.",
    ]


def test_a_stream_that_fails_has_no_line_of_success(
    shown: RunProgress, lines: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ValueError, match="broken"), shown.stream("Leads"):
        raise ValueError("broken")
    assert lines.messages == []


@contextlib.contextmanager
def terminal(**variables: str) -> Iterator[Callable[[], str]]:
    """Let standard error be a terminal of 60 columns; the function returns what is new on it."""
    near, far = pty.openpty()

    def new() -> str:
        # The kernel hands it over a moment later.
        text = b""
        while select.select([near], [], [], 0.3)[0]:
            text += os.read(near, 100_000)
        return text.decode().replace("\r\n", "\n")

    with (
        os.fdopen(far, "w", encoding="utf-8", buffering=1) as screen,
        contextlib.redirect_stderr(screen),
        mock.patch.dict(os.environ, {"COLUMNS": "60", **variables}),
    ):
        yield new
    os.close(near)


def test_on_a_terminal_one_line_is_written_over_and_log_lines_go_above_it() -> None:
    with terminal() as screen:
        live, handler = LiveLine(), TerminalHandler()
        for done in range(3):
            live.show(f"Leads: {done} of 3 records, {'far too long ' * 9}", done, 3)
        shown = screen()
        handler.handle(logging.makeLogRecord({"msg": "Something happened"}))
        logged = screen()
        live.close()
        last = screen()
    assert "\n" not in shown
    assert all(len(text) < 60 for text in shown.split("\r"))
    assert "Leads: 2 of 3 records" in shown.split("\r")[-1]
    cleared, written, drawn_again = logged.partition("Something happened")
    assert cleared.split("\r")[1].isspace()
    assert written
    assert drawn_again.split("\n")[1].strip("\r").startswith("Leads: 2 of 3 records")
    assert last.split("\r")[-2].isspace()


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colours_are_the_users_choice(no_color: str, *, coloured: bool) -> None:
    with terminal(NO_COLOR=no_color) as screen:
        record = logging.makeLogRecord({"msg": "It failed", "levelno": logging.ERROR})
        TerminalHandler().handle(record)
        assert ("\x1b[31m" in screen()) == coloured


def test_a_run_that_is_dropped_without_being_closed_leaves_no_thread_that_logs() -> None:
    before = {*threading.enumerate()}
    progress = RunProgress()
    progress.start(CreditLedger())
    [thread] = {*threading.enumerate()} - before
    del progress
    gc.collect()
    thread.join(30)
    assert not thread.is_alive()
