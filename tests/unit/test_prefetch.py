"""What is read ahead: in order, whole, and without a thread left behind."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TypeAlias

import pytest

from tap_zohocrm_modules.sync.run import StreamsAhead
from tap_zohocrm_modules.zoho.transport.daemon_pool import DaemonPool
from tap_zohocrm_modules.zoho.transport.prefetch import Prefetch, Shared

PATIENCE = 10

Item: TypeAlias = Prefetch[tuple[str, int]]


@dataclasses.dataclass
class Numbers:
    """A stream of numbers; how far it has been read can be seen."""

    name: str
    count: int = 5
    fails_at: int | None = None
    read_so_far: int = 0
    ended: threading.Event = dataclasses.field(default_factory=threading.Event)

    def read(self) -> Iterator[tuple[str, int]]:
        try:
            for number in range(self.count):
                if number == self.fails_at:
                    raise LookupError(f"{self.name} {number}")
                self.read_so_far = number + 1
                yield self.name, number
        finally:
            self.ended.set()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def readers() -> int:
    return sum(thread.name.startswith("read ") for thread in threading.enumerate())


def begin(streams: list[Numbers], most: int) -> tuple[StreamsAhead[Item], list[Item]]:
    """Return what reads these streams ahead, and what it has begun."""
    begun: list[Item] = []

    def read(name: str) -> Item:
        stream = next(stream for stream in streams if stream.name == name)
        begun.append(Prefetch.from_items(stream.read, DaemonPool(1, f"read {name}"), 2))
        begun[-1].begin()
        return begun[-1]

    return StreamsAhead([stream.name for stream in streams], read, most), begun


def test_every_stream_yields_all_of_its_items_in_order() -> None:
    streams = [
        Numbers(name, count=count) for name, count in zip("abcde", (5, 0, 1, 40, 3), strict=True)
    ]
    ahead, _ = begin(streams, 2)
    for stream in streams:
        found = list(ahead.take(stream.name))
        assert found == [(stream.name, number) for number in range(stream.count)]
    wait_for(lambda: readers() == 0)


def test_so_many_streams_are_begun_ahead_two_items_each() -> None:
    streams = [Numbers(name, count=50) for name in "abcde"]
    ahead, begun = begin(streams, 2)
    items = ahead.take("a").items()
    next(items)
    wait_for(lambda: all(stream.read_so_far >= 2 for stream in streams[:3]))
    assert max(stream.read_so_far for stream in streams[1:3]) <= 2
    assert [stream.read_so_far for stream in streams[3:]] == [0, 0]
    for prefetch in begun:
        prefetch.close()
    wait_for(lambda: readers() == 0)
    assert all(stream.ended.is_set() for stream in streams[:3])


def test_an_error_is_raised_in_its_place_and_costs_no_other_stream_anything() -> None:
    streams = [Numbers("a"), Numbers("b", fails_at=2), Numbers("c")]
    ahead, _ = begin(streams, 2)
    assert len(list(ahead.take("a"))) == 5
    items = ahead.take("b").items()
    assert [next(items), next(items)] == [("b", 0), ("b", 1)]
    with pytest.raises(LookupError, match="b 2"):
        next(items)
    assert len(list(ahead.take("c"))) == 5
    wait_for(lambda: readers() == 0)


def test_a_stream_that_is_abandoned_leaves_no_thread() -> None:
    stream = Numbers("a", count=1_000)
    items = begin([stream], 1)[0].take("a").items()
    assert next(items) == ("a", 0)
    items.close()
    wait_for(lambda: readers() == 0)
    assert stream.read_so_far < 10
    assert stream.ended.is_set()


def test_what_was_closed_before_its_end_is_no_empty_success() -> None:
    prefetch = Prefetch.from_items(Numbers("a").read, DaemonPool(1, "read a"), 2)
    prefetch.begin()
    prefetch.close()
    with pytest.raises(RuntimeError, match="shutdown"):
        list(prefetch)


def test_several_threads_share_the_results_and_the_error() -> None:
    shared = Shared(Prefetch.from_items(Numbers("a", fails_at=3).read, DaemonPool(1, "read a"), 1))
    found: list[list[int]] = [[] for _ in range(4)]

    def take(numbers: list[int]) -> None:
        with contextlib.suppress(LookupError):
            for _, number in shared:
                numbers.append(number)

    threads = [threading.Thread(target=take, args=(numbers,)) for numbers in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert found == [[0, 1, 2]] * 4
    with pytest.raises(LookupError, match="a 3"):
        list(shared)


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_results_that_come_out_of_order_are_yielded_in_order(executor: Executor) -> None:
    gates = [threading.Event() for _ in range(4)]

    def job(number: int) -> Callable[[], int]:
        def run() -> int:
            # The first of four ends last.
            if number % 4 < 3:
                gates[number % 4 + 1].wait(PATIENCE)
            gates[number % 4].set()
            return number

        return run

    found = list(Prefetch(executor, map(job, range(4)), 4))
    assert found == [0, 1, 2, 3]


def test_a_slow_page_holds_back_no_more_than_the_window(executor: Executor) -> None:
    let_go, begun = threading.Event(), []

    def job(number: int) -> Callable[[], int]:
        def run() -> int:
            begun.append(number)
            if number == 0:
                let_go.wait(PATIENCE)
            return number

        return run

    results: list[int] = []
    reading = threading.Thread(
        target=lambda: results.extend(Prefetch(executor, map(job, range(20)), 3))
    )
    reading.start()
    wait_for(lambda: len(begun) == 3)
    assert results == []
    let_go.set()
    reading.join(PATIENCE)
    assert results == list(range(20))


def test_after_an_error_no_further_job_begins(executor: Executor) -> None:
    begun = []

    def job(number: int) -> Callable[[], int]:
        def run() -> int:
            begun.append(number)
            if number == 1:
                raise LookupError(str(number))
            return number

        return run

    found = iter(Prefetch(executor, map(job, range(100)), 3))
    assert next(found) == 0
    with pytest.raises(LookupError):
        next(found)
    assert len(begun) <= 5
