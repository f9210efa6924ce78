"""Streams that are read ahead: in order, whole, and without a thread left behind."""

from __future__ import annotations

import dataclasses
import itertools
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest

from tap_zohocrm_modules.sync.pages_ahead import Ahead, StreamsAhead
from tap_zohocrm_modules.zoho.transport.prefetch import ordered

PATIENCE = 10


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


def nothing() -> None:
    """Do nothing while waiting."""


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def readers() -> int:
    return sum(thread.name.startswith("read ") for thread in threading.enumerate())


def test_every_stream_gives_all_of_its_items_in_order() -> None:
    streams = [
        Numbers(name, count=count) for name, count in zip("abcde", (5, 0, 1, 40, 3), strict=True)
    ]
    ahead = StreamsAhead(streams, 2)
    for stream in streams:
        found = list(ahead.items(stream, nothing))
        assert found == [(stream.name, number) for number in range(stream.count)]
    wait_for(lambda: readers() == 0)


def test_so_many_streams_are_begun_ahead_each_an_item_or_two() -> None:
    streams = [Numbers(name, count=50) for name in "abcde"]
    ahead = StreamsAhead(streams, 2)
    items = ahead.items(streams[0], nothing)
    next(items)
    wait_for(lambda: all(stream.read_so_far >= 2 for stream in streams[:3]))
    assert max(stream.read_so_far for stream in streams[1:3]) <= 2
    assert [stream.read_so_far for stream in streams[3:]] == [0, 0]
    ahead.close()
    assert isinstance(items, Generator)
    items.close()
    wait_for(lambda: readers() == 0)
    assert all(stream.ended.is_set() for stream in streams[:3])


def test_an_error_is_raised_in_its_place_and_costs_no_other_stream_anything() -> None:
    streams = [Numbers("a"), Numbers("b", fails_at=2), Numbers("c")]
    ahead = StreamsAhead(streams, 2)
    assert len(list(ahead.items(streams[0], nothing))) == 5
    items = ahead.items(streams[1], nothing)
    assert [next(items), next(items)] == [("b", 0), ("b", 1)]
    with pytest.raises(LookupError, match="b 2"):
        next(items)
    assert len(list(ahead.items(streams[2], nothing))) == 5
    wait_for(lambda: readers() == 0)


def test_a_stream_that_is_abandoned_leaves_no_thread() -> None:
    streams = [Numbers(name, count=1_000) for name in "ab"]
    ahead = StreamsAhead(streams, 1)
    items = ahead.items(streams[0], nothing)
    assert next(items) == ("a", 0)
    assert isinstance(items, Generator)
    items.close()
    assert next(ahead.items(streams[1], nothing)) == ("b", 0)
    ahead.close()
    wait_for(lambda: readers() == 0)
    assert all(stream.read_so_far < 10 for stream in streams)


def test_who_waits_is_told_so_again_and_again() -> None:
    let_go = threading.Event()
    waits = itertools.count()

    def slow() -> Iterator[int]:
        let_go.wait(PATIENCE)
        yield 1

    def on_wait() -> None:
        if next(waits) == 2:
            let_go.set()

    assert list(Ahead(slow, "read slowly").items(on_wait)) == [1]
    assert next(waits) > 2


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_answers_that_come_out_of_order_are_given_in_order(executor: Executor) -> None:
    gates = [threading.Event() for _ in range(4)]

    def job(number: int) -> Callable[[], int]:
        def run() -> int:
            # The first of four ends last.
            if number % 4 < 3:
                gates[number % 4 + 1].wait(PATIENCE)
            gates[number % 4].set()
            return number

        return run

    found = list(ordered(executor, map(job, range(4)), 4))
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
        target=lambda: results.extend(ordered(executor, map(job, range(20)), 3))
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

    found = ordered(executor, map(job, range(100)), 3)
    assert next(found) == 0
    with pytest.raises(LookupError):
        next(found)
    assert len(begun) <= 5
