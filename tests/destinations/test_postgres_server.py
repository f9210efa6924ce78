"""The tests' own PostgreSQL server ends with the process that started it, however that ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from destinations.postgres_server import running_server

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(600)]

TESTS = Path(__file__).parents[1]
OWNER = """
import sys, time
from destinations.postgres_server import running_server
with running_server() as server:
    print(server.port, server.folder, flush=True)
    time.sleep(500)
"""


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def in_time(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not true() and time.monotonic() < until:
        time.sleep(0.1)
    return true()


def test_it_answers_and_then_leaves_nothing() -> None:
    with running_server() as server:
        assert server.query("postgres", "SELECT 6 * 7") == "42\n"
        assert server.folder.exists()
    assert not server.folder.exists()
    assert not listening(server.port)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGKILL"])
def test_it_ends_with_a_killed_owner(number: str) -> None:
    command = [sys.executable, "-c", OWNER]
    owner = subprocess.Popen(command, cwd=TESTS, stdout=subprocess.PIPE, encoding="utf-8")
    try:
        assert owner.stdout
        port, folder = owner.stdout.readline().split()
        assert listening(int(port))
        owner.send_signal(signal.Signals[number])
        assert owner.wait(20) == -signal.Signals[number]
        assert in_time(lambda: not listening(int(port)))
        assert in_time(lambda: not Path(folder).exists())
    finally:
        owner.kill()
        owner.communicate()
