"""Calls that are under way together, and are answered in an order that the seed draws.

What threads do at the same time is done here by one, so that a seed always goes the same way: a
call that nobody waits for yet is made at once, or later, and others before it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from random import Random
from typing import Any, ParamSpec, TypeVar

from typing_extensions import override

T = TypeVar("T")
P = ParamSpec("P")

_AT_ONCE = 0.4


class DrawnPool(Executor):
    """Does jobs in a drawn order, at the latest when their results are wanted.

    Args:
        random: What the order is drawn from.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._jobs: list[_Job[Any]] = []

    @override
    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        job = _Job(lambda: fn(*args, **kwargs), self)
        self._jobs.append(job)
        while self._jobs and self._random.random() < _AT_ONCE:
            self._do_one()
        return job

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave undone what nobody has waited for."""
        self._jobs.clear()

    def do(self, job: _Job[Any]) -> None:
        """Do jobs until this one is done."""
        while job in self._jobs:
            self._do_one()

    def _do_one(self) -> None:
        self._jobs.pop(self._random.randrange(len(self._jobs))).do()


class _Job(Future[T]):
    """A job, and its result."""

    def __init__(self, work: Callable[[], T], pool: DrawnPool) -> None:
        super().__init__()
        self._work = work
        self._pool = pool

    def do(self) -> None:
        """Do it, unless it has been canceled."""
        if not self.set_running_or_notify_cancel():
            return
        try:
            self.set_result(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again where the result is read
            self.set_exception(error)

    @override
    def result(self, timeout: float | None = None) -> T:
        self._pool.do(self)
        return super().result(timeout)

    @override
    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._pool.do(self)
        return super().exception(timeout)
