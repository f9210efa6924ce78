"""The tap without threads and without real time, so that a seed always makes the same run.

The tap's threads only fetch ahead. Here the same work is done in the caller's thread, as far ahead
as the threads would be, or by some seeds in a drawn order; waits move the virtual clock.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from random import Random
from types import MappingProxyType
from typing import ParamSpec, TypeVar

from typing_extensions import override

from simulation.drawn_pool import DrawnPool
from simulation.transport import DemoSession
from tap_zohocrm_modules.sync.run import ORG
from tap_zohocrm_modules.sync.run_options import RunOptions
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, MODULES
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.transport.machine import Machine
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from zohocrm_demo.clock import Clock

T = TypeVar("T")
P = ParamSpec("P")

POLICY = RetryPolicy(max_tries=4, max_time=600, first_wait=10, longest_wait=60)
_NONE: Mapping[str, int] = MappingProxyType({})


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


def inline(
    session: DemoSession,
    clock: MachineClock,
    limits: Limits,
    lists: Mapping[str, int] = _NONE,
    calls: Random | None = None,
) -> RunOptions:
    """Return what runs the tap in this thread, by a virtual clock, against a session.

    Args:
        session: The session.
        clock: The clock.
        limits: The sizes in which records are read.
        lists: Endpoints besides those that records need, with the rows of a page.
        calls: What the order of calls under way is drawn from; None to make each at once.
    """

    def pool(threads: int, _: str) -> Executor:
        # What one thread does is done in its order.
        return InlinePool() if calls is None or threads == 1 else DrawnPool(calls)

    machine = Machine(
        now=clock.now,
        monotonic=clock.monotonic,
        sleep=clock.sleep,
        # Jitter keeps processes apart, of which there is one here.
        uniform=max,
        pool=pool,
        aside=done,
        session=lambda **_: session,
    )
    endpoints = {
        # The other endpoints have nothing to do with records, and their streams take long to make.
        **{name: ENDPOINTS[name] for name in (MODULES.name, ORG)},
        **{n: dataclasses.replace(ENDPOINTS[n], per_page=size) for n, size in lists.items()},
    }
    return RunOptions(policy=POLICY, limits=limits, machine=machine, endpoints=endpoints)
