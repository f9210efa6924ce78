"""The tap without threads and without real time, so that a seed always makes the same run.

The tap's threads only fetch ahead. Here the same work is done in the caller's thread, as far ahead
as the threads would be; waits move the virtual clock.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, ParamSpec, TypeVar
from unittest import mock

from typing_extensions import override

from simulation.transport import DemoSession
from tap_zohocrm_modules.config.settings import Settings
from tap_zohocrm_modules.sync import connection
from tap_zohocrm_modules.sync.run import ORG
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, MODULES
from tap_zohocrm_modules.zoho.records.pacer import DownloadPacer
from tap_zohocrm_modules.zoho.transport.clock import LocalClock
from tap_zohocrm_modules.zoho.transport.connection import Connection
from zohocrm_demo.clock import Clock

T = TypeVar("T")
P = ParamSpec("P")

_TAP = "tap_zohocrm_modules"


def done(work: Callable[[], T]) -> Future[T]:
    """Do the work at once, and return its result as a future."""
    future: Future[T] = Future()
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again where the result is read
        future.set_exception(error)
    return future


class InlinePool(Executor):
    """Does each job when it is submitted."""

    def __init__(self, *_: object) -> None:
        self._is_shut = False

    @override
    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return done(lambda: fn(*args, **kwargs))

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing is under way."""


@dataclasses.dataclass
class MachineClock:
    """The clock of the machine that runs the tap, which need not agree with Zoho's.

    Attributes:
        server: Zoho's clock, whose passing of time both share.
        skew: How far this machine's clock is ahead.
        stepped: How far Zoho's clock has been set ahead since the beginning.
    """

    server: Clock
    skew: timedelta = timedelta(0)
    stepped: timedelta = timedelta(0)

    def now(self) -> datetime:
        """Return this machine's time."""
        return self.server() + self.skew

    def monotonic(self) -> float:
        """Return seconds that pass evenly, however Zoho's clock is set."""
        return (self.server() - self.stepped).timestamp()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.server.advance(max(0.0, seconds))

    def step(self, seconds: float) -> None:
        """Set Zoho's clock, though no time passes."""
        self.server.advance(seconds)
        self.stepped += timedelta(seconds=seconds)


class _VirtualPacer(DownloadPacer):
    def __init__(self, clock: MachineClock) -> None:
        super().__init__(clock.monotonic)
        self._sleep = clock.sleep

    @override
    def wait(self, sleep: Callable[[float], object] | None = None) -> None:
        super().wait(sleep or self._sleep)


@contextlib.contextmanager
def inline(session: DemoSession, clock: MachineClock, lists: Mapping[str, int]) -> Iterator[None]:
    """Run the tap in this thread, by a virtual clock, against the organisation of a session.

    Args:
        session: The session.
        clock: The clock.
        lists: Endpoints besides those that records need, with the rows of a page.
    """
    time = SimpleNamespace(monotonic=clock.monotonic, sleep=clock.sleep)

    def connect(settings: Settings, *args: Any) -> Connection:
        local = LocalClock(clock.now, clock.monotonic)
        return dataclasses.replace(connection.connect(settings, *args), clock=local)

    replacements = {
        f"{_TAP}.sync.run.DaemonPool": InlinePool,
        f"{_TAP}.zoho.metadata.reader.DaemonPool": InlinePool,
        f"{_TAP}.zoho.records.describe.DaemonPool": InlinePool,
        f"{_TAP}.zoho.transport.prefetch.DaemonPool": InlinePool,
        f"{_TAP}.zoho.transport.http._in_thread": done,
        f"{_TAP}.zoho.transport.client.new_session": lambda **_: session,
        f"{_TAP}.zoho.records.bulk.jobs.time": time,
        f"{_TAP}.zoho.transport.retry.time": time,
        # Jitter keeps processes apart, of which there is one here.
        f"{_TAP}.zoho.transport.retry.random": SimpleNamespace(uniform=max),
        "backoff._sync.time": time,
        f"{_TAP}.sync.run.DownloadPacer": lambda: _VirtualPacer(clock),
        f"{_TAP}.sync.run.connect": connect,
        # The other endpoints have nothing to do with records, and their streams take long to make.
        f"{_TAP}.sync.run.ENDPOINTS": {
            **{name: ENDPOINTS[name] for name in (MODULES.name, ORG)},
            **{n: dataclasses.replace(ENDPOINTS[n], per_page=size) for n, size in lists.items()},
        },
    }
    with contextlib.ExitStack() as stack:
        for target, replacement in replacements.items():
            stack.enter_context(mock.patch(target, replacement))
        yield
