"""Threads that hold no program up."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import CancelledError

import pytest

from tap_zohocrm_modules.zoho.transport.daemon_pool import DaemonPool


def test_results_and_errors_come_where_they_are_asked_for() -> None:
    pool = DaemonPool(3, "test")
    futures = [pool.submit(divmod, 10, divisor) for divisor in (0, 1, 2, 3, 4, 5)]
    assert [future.result() for future in futures[1:]] == [divmod(10, n) for n in (1, 2, 3, 4, 5)]
    with pytest.raises(ZeroDivisionError):
        futures[0].result()
    pool.shutdown()


def test_there_are_never_more_threads_than_asked_for() -> None:
    pool = DaemonPool(3, "test")
    together = threading.Barrier(3)
    names = [future.result() for future in [pool.submit(_meet, together) for _ in range(9)]]
    assert set(names) == {"test 0", "test 1", "test 2"}
    pool.shutdown()


def _meet(barrier: threading.Barrier) -> str:
    barrier.wait(10)
    return threading.current_thread().name


def test_idle_threads_take_the_next_job() -> None:
    pool = DaemonPool(3, "test")
    for _ in range(5):
        pool.submit(int).result()
        while not pool._idle._value:
            pass
    assert len(pool._threads) == 1
    pool.shutdown()


def test_what_has_not_begun_is_dropped_by_shutdown() -> None:
    pool = DaemonPool(1, "test")
    begun, let_go = threading.Event(), threading.Event()

    def hold() -> bool:
        begun.set()
        return let_go.wait(10)

    first, second = pool.submit(hold), pool.submit(int)
    begun.wait(10)
    pool.shutdown(wait=False, cancel_futures=True)
    let_go.set()
    assert first.result() is True
    with pytest.raises(CancelledError):
        second.result()
    with pytest.raises(RuntimeError):
        pool.submit(int)
    pool.shutdown(wait=True)
    assert not any(thread.is_alive() for thread in pool._threads)


def test_a_program_ends_though_a_job_does_not() -> None:
    program = (
        "import threading\n"
        "from tap_zohocrm_modules.zoho.transport.daemon_pool import DaemonPool\n"
        "begun = threading.Event()\n"
        "DaemonPool(1, 'test').submit(lambda: (begun.set(), threading.Event().wait()))\n"
        "begun.wait()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
