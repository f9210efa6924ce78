"""How many calls wait for one another: what makes a run slow where Zoho is far away."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from unittest import mock

import pytest
from support.pages import paged_demo
from support.records import existing, read_whole

from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient

# So long nobody may begin a call before those that wait are let go: longer than a thread takes to
# begin one that waits for no answer.
QUIET = 1.5
PAGES, PER_PAGE = 60, 5
WIDTH = 8


class Rounds:
    """Lets calls go in rounds: all calls that can begin before one is answered."""

    def __init__(self) -> None:
        self.all: list[list[Call]] = []
        self._waiting: list[tuple[Call, threading.Event]] = []
        self._last = time.monotonic()
        self._lock = threading.Lock()
        self._ends = threading.Event()

    def wait(self, call: Call) -> None:
        """Wait for the next round."""
        gate = threading.Event()
        with self._lock:
            self._waiting.append((call, gate))
            self._last = time.monotonic()
        gate.wait()

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Count the rounds of a run."""
        answer, rounds = ZohoClient.call, self

        def gated(client: ZohoClient, call: Call) -> Answer:
            rounds.wait(call)
            return answer(client, call)

        thread = threading.Thread(target=self._turn, daemon=True)
        with mock.patch.object(ZohoClient, "call", gated):
            thread.start()
            try:
                yield
            finally:
                self._ends.set()
                thread.join()

    def _turn(self) -> None:
        while not self._ends.wait(QUIET / 10):
            with self._lock:
                if not self._waiting or time.monotonic() - self._last < QUIET:
                    continue
                self.all.append([call for call, _ in self._waiting])
                for _, gate in self._waiting:
                    gate.set()
                self._waiting.clear()


def is_page(call: Call) -> bool:
    """Whether a call asks for a page of records in the order of their changes."""
    params = dict(call.params)
    return call.path == "/Accounts" and params.get("sort_order") == "asc" and "ids" not in params


@pytest.mark.thorough
@pytest.mark.parametrize("deletes", [0, 3])
def test_a_first_read_waits_for_four_calls_in_a_row_and_then_for_two(deletes: int) -> None:
    with paged_demo("Accounts", PAGES * PER_PAGE, PER_PAGE) as demo:
        rows = [row["id"] for row in demo.organisation.records.read("Accounts", "id")]
        for one in rows[:deletes]:
            demo.organisation.records.delete("Accounts", one)
        rounds = Rounds()
        with rounds.counted():
            run = read_whole(demo, "Accounts", read_path="rest")
    assert len(existing(run)) == PAGES * PER_PAGE - deletes
    wide = [number for number, calls in enumerate(rounds.all) if sum(map(is_page, calls)) >= WIDTH]
    # The token comes first.
    assert wide[0] + 1 <= 4
    last = max(number for number, calls in enumerate(rounds.all) if any(map(is_page, calls)))
    assert len(rounds.all) - 1 - last <= 2
