"""Shows that long work goes on: a live line on a terminal, elsewhere a line in the log."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from tap_zohocrm_modules.sync.terminal import LiveLine, live_line
from tap_zohocrm_modules.zoho.transport.credits import CreditLedger
from tap_zohocrm_modules.zoho.transport.texts import counted

T = TypeVar("T")

logger = logging.getLogger(__name__)

_BETWEEN_LOOKS = 0.5
_FIRST_LINE, _BETWEEN_LINES = 10.0, 60.0
_WINDOW = 30.0
"""Seconds that a speed is measured over."""
_PATIENCE = 5.0
"""Seconds without a record after which a line says what is waited for."""
_MANY_STREAMS, _QUICK, _WIDTH = 20, 5.0, 110
_FEW, _MINUTE, _HOUR = 9.95, 60, 3_600


@dataclasses.dataclass(eq=False)
class Progress:
    """How far the reading of one stream has come."""

    stream: str
    # Returns how many records there are, None while not known; None for metadata, never counted.
    expected_now: Callable[[], int | None] | None
    path_now: Callable[[], str | None]  # returns how they are read, None while that is not known
    now: Callable[[], float]  # a clock, in seconds
    records: int = 0  # how many have been emitted

    def __post_init__(self) -> None:
        self.began = self._last = self.now()
        self._awaits = False
        self._looks = collections.deque([(self.began, 0)])

    @property
    def expected(self) -> int | None:
        """How many records there are; None if that is not known."""
        return None if self.expected_now is None else self.expected_now()

    def add(self, records: int) -> None:
        """Note that so many more records have been emitted."""
        self.records += records
        self._last = self.now()

    def awaited(self, items: Iterable[T]) -> Iterator[T]:
        """Yield what is read: until each item is there, the stream waits for Zoho."""
        source = iter(items)
        while True:
            self._awaits, self._last = True, self.now()
            try:
                item = next(source)
            except StopIteration:
                return
            finally:
                self._awaits, self._last = False, self.now()
            yield item

    def line(self, credits_spent: int) -> str:
        """Return how things stand; to be called by one thread only."""
        now, records, expected = self.now(), self.records, self.expected
        self._looks.append((now, records))
        while now - self._looks[0][0] > _WINDOW:
            self._looks.popleft()
        then, before = self._looks[0]
        speed = (records - before) / max(now - then, 1e-3)
        of = f" of {expected:,}" if expected else ""
        done = f"{records:,}{of} record{'' if records == 1 and not of else 's'}"
        idle = now - self._last
        if idle >= _PATIENCE:
            so_far = f"{done}, " if records else ""
            bulk = "'s bulk job" if self.path_now() == "bulk" else ""
            whom = f"Zoho{bulk}" if self._awaits else "the target"
            return f"{self.stream}: {so_far}waiting for {whom}, {duration(idle)}"
        left = ""
        if expected and speed and expected > records:
            left = f", {duration((expected - records) / speed)} left"
        return (
            f"{self.stream}: {done}, {speed:,.0f} records/s,"
            f" {counted(credits_spent, 'credit')}{left}"
        )


class RunProgress:
    """Shows how far a run has come, by a clock in seconds and a thread of its own. To be closed."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._ledger = CreditLedger()
        self._stream: Progress | None = None
        self._streams = 0
        self._due = self._gap = _FIRST_LINE
        self._quick: list[str] = []
        self._live: LiveLine | None = None
        self._closed = threading.Event()

    def start(self, ledger: CreditLedger) -> None:
        """Begin to show, with what this ledger says was spent."""
        self._ledger = ledger
        self._live = live_line()
        self._rest()
        watched = weakref.ref(self), self._closed
        threading.Thread(target=_watch, args=watched, name="progress", daemon=True).start()

    def close(self) -> None:
        """Show no more."""
        self._closed.set()
        self.flush()
        if self._live is not None:
            self._live.close()

    def expect(self, streams: int) -> None:
        """Note how many streams are to be read: the quick ones of many share their lines."""
        self._streams = streams

    @contextlib.contextmanager
    def stream(
        self,
        name: str,
        expected: Callable[[], int | None] | None = None,
        path: Callable[[], str | None] = lambda: None,
    ) -> Iterator[Progress]:
        """Show the reading of a stream; at its end one line says what it came to.

        Whoever reports a failure says what became of a stream that fails. `Progress` says what
        `expected` and `path` return.
        """
        self._stream = progress = Progress(name, expected, path, self._now)
        self._rest()
        try:
            yield progress
        finally:
            self._stream = None
            self._rest()
        self._end(progress)

    def look(self) -> None:
        """Show how things stand, if it is time to."""
        stream, ledger = self._stream, self._ledger
        if stream is None:
            text = f"Looking at the organisation: {counted(ledger.calls, 'call')} so far"
        else:
            text = stream.line(ledger.charged_to(stream.stream)[1])
        if self._live is not None:
            done, expected = (0, None) if stream is None else (stream.records, stream.expected)
            self._live.show(text, done, expected)
        elif self._now() >= self._due:
            self._gap = min(2 * self._gap, _BETWEEN_LINES)
            self._due = self._now() + self._gap
            logger.info("%s", text)

    def flush(self) -> None:
        """Name the streams that were quick, if they are not named yet."""
        if self._quick:
            logger.info("Read %s.", ", ".join(self._quick))
            self._quick = []

    def _rest(self) -> None:
        self._gap = _FIRST_LINE
        self._due = self._now() + _FIRST_LINE

    def _end(self, progress: Progress) -> None:
        seconds = self._now() - progress.began
        if self._streams > _MANY_STREAMS and seconds < _QUICK and progress.expected_now is None:
            text = f"{progress.stream} ({progress.records:,})"
            if len(", ".join([*self._quick, text])) > _WIDTH:
                self.flush()
            self._quick.append(text)
            return
        self.flush()
        calls, spent = self._ledger.charged_to(progress.stream)
        speed = f" ({progress.records / seconds:,.0f} records/s)" if seconds >= 1 else ""
        logger.info(
            "%s: %s by %s for %s in %.1f s%s.",
            progress.stream,
            counted(progress.records, "record"),
            counted(calls, "call"),
            counted(spent, "credit"),
            seconds,
            speed,
        )


def _watch(watched: weakref.ref[RunProgress], closed: threading.Event) -> None:
    """Show how a run stands until it is closed, or dropped without having been closed."""
    while not closed.wait(_BETWEEN_LOOKS):
        progress = watched()
        if progress is None:
            return
        progress.look()
        del progress


def duration(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < _MINUTE:
        return f"{seconds:.{1 if seconds < _FEW else 0}f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"
