"""Threads that nobody has to wait for: they end with the program, whatever holds them up."""

from __future__ import annotations

import contextlib
import dataclasses
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, Generic, ParamSpec, TypeVar

from typing_extensions import override

T = TypeVar("T")
P = ParamSpec("P")


@dataclasses.dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """Work whose result a future takes."""

    future: Future[T]
    work: Callable[[], T]

    def run(self) -> None:
        """Do the work, unless it has been cancelled."""
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.work()
        except BaseException as error:  # noqa: BLE001 - raised again where the result is read
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class DaemonPool(Executor):
    """Like ThreadPoolExecutor, whose threads Python would wait for when the program ends.

    A call may wait for minutes, and then be tried again: nobody wants its answer any more.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._jobs: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._is_shut = False

    @property
    def threads(self) -> tuple[threading.Thread, ...]:
        """The threads so far."""
        return tuple(self._threads)

    @override
    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        with self._lock:
            if self._is_shut:
                raise RuntimeError("no job can be taken on after shutdown")
            self._jobs.put(Job(future, lambda: fn(*args, **kwargs)))
            if not self._idle.acquire(blocking=False) and len(self._threads) < self._most:
                name = f"{self._name} {len(self._threads)}"
                thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._lock:
            self._is_shut = True
            with contextlib.suppress(queue.Empty):
                while cancel_futures:
                    if job := self._jobs.get_nowait():
                        job.future.cancel()
            for _ in self._threads:
                self._jobs.put(None)
        for thread in self._threads if wait else ():
            thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run()
            # The result may hold much, and the next job may be long in coming.
            del job
            self._idle.release()


def in_thread(work: Callable[[], T]) -> Future[T]:
    """Run what may hang in a thread of its own."""
    job: Job[T] = Job(Future(), work)
    threading.Thread(target=job.run, name="exchange", daemon=True).start()
    return job.future
