"""The threads of one read, which end with it, whatever they wait for."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, InvalidStateError
from typing import Any

from tap_zohocrm_modules.zoho.transport.daemon_pool import DaemonPool
from tap_zohocrm_modules.zoho.transport.errors import ClosedError
from tap_zohocrm_modules.zoho.transport.machine import Machine

_PATIENCE = 5.0
"""Seconds that closing waits for threads, of which each ends by itself."""


class OwnThreads:
    """Makes the pools and threads of a read; once closed, whoever waits gets a ClosedError."""

    def __init__(self) -> None:
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._pools: list[DaemonPool] = []
        self._aside: dict[Future[Any], threading.Thread] = {}

    def on(self, machine: Machine) -> Machine:
        """Return a machine whose threads are these; one without real threads as it is."""
        if machine.pool is not DaemonPool:
            return machine
        return dataclasses.replace(
            machine, sleep=self._sleep, pool=self._pool, aside=self._run_aside
        )

    def stop(self) -> None:
        """Let whoever waits for an answer, or for time to pass, go on with a ClosedError."""
        self._closed.set()
        with self._lock:
            for future in self._aside:
                _fail(future, _closed())

    def join(self) -> None:
        """Wait for the threads to end."""
        until = time.monotonic() + _PATIENCE
        threads = [thread for pool in self._pools for thread in pool.threads]
        for thread in (*threads, *self._aside.values()):
            if thread is not threading.current_thread():
                thread.join(max(0.0, until - time.monotonic()))

    def _sleep(self, seconds: float) -> None:
        if self._closed.wait(seconds):
            raise _closed()

    def _pool(self, most: int, name: str) -> Executor:
        pool = DaemonPool(most, name)
        self._pools.append(pool)
        return pool

    def _run_aside(self, work: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()

        def run() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - raised again where the result is read
                _fail(future, error)
            else:
                with contextlib.suppress(InvalidStateError):
                    future.set_result(result)

        thread = threading.Thread(target=run, name="exchange", daemon=True)
        with self._lock:
            if self._closed.is_set():
                raise _closed()
            self._aside = {one: of for one, of in self._aside.items() if of.is_alive()}
            self._aside[future] = thread
            thread.start()
        return future


def _fail(future: Future[Any], error: BaseException) -> None:
    """End a future, unless it has been ended: by its work, or because nobody waits any more."""
    with contextlib.suppress(InvalidStateError):
        future.set_exception(error)


def _closed() -> ClosedError:
    return ClosedError("The reader was closed before the answer came.")
