"""The demo's time: the real one, a shifted one, or one that moves only when somebody moves it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone


def utc_now() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(timezone.utc)


class Clock:
    """A clock that tokens, credits, records, jobs and `Date` headers follow.

    It stands still at `start` (aware) until it is set or advanced; without one it runs.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._offset = timedelta(0)
        self._frozen = None if start is None else _aware(start)

    def __call__(self) -> datetime:
        """The present, in UTC."""
        with self._lock:
            return utc_now() + self._offset if self._frozen is None else self._frozen

    @property
    def is_virtual(self) -> bool:
        """Whether time passes only by `set`, `advance` and the waits of the demo."""
        return self._frozen is not None

    def set(self, to: datetime) -> None:
        """Make `to` (aware) the present; ValueError: `to` has no time zone."""
        now = _aware(to)
        with self._lock:
            if self._frozen is None:
                self._offset = now - utc_now()
            else:
                self._frozen = now

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        step = timedelta(seconds=seconds)
        with self._lock:
            if self._frozen is None:
                self._offset += step
            else:
                self._frozen += step


def waiting_by(
    clock: Callable[[], datetime], sleep: Callable[[float], object]
) -> Callable[[float], object]:
    """How the demo waits: a virtual clock jumps, any other clock takes a real `sleep`."""
    if isinstance(clock, Clock) and clock.is_virtual:
        return clock.advance
    return sleep


def _aware(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} has no time zone")
    return time.astimezone(timezone.utc)
