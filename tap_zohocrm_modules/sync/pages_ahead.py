"""Reads the records of the next modules while those of one are being emitted.

Only the main thread writes messages and STATE: whatever is read ahead and not emitted is simply
read again by the next run.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_PATIENCE = 0.2


class Readable(Protocol[T_co]):
    """A stream that can be read ahead."""

    name: str

    def read(self) -> Iterator[T_co]:
        """Yield what Zoho returns, changing nothing but itself."""


class Ahead(Generic[T]):
    """What one iterator yields, worked out by a thread of its own, one item ahead.

    Args:
        items: Makes the iterator.
        name: The thread's name.
    """

    def __init__(self, items: Callable[[], Iterator[T]], name: str) -> None:
        self._items = items
        self._queue: queue.Queue[tuple[T | None, BaseException | None, bool]] = queue.Queue(1)
        self._closed = threading.Event()
        threading.Thread(target=self._fill, name=name, daemon=True).start()

    def items(self, on_wait: Callable[[], object]) -> Iterator[T]:
        """Yield the items; an error is raised in its place.

        Args:
            on_wait: Called several times a second while there is nothing to yield.
        """
        while True:
            try:
                item, error, last = self._queue.get(timeout=_PATIENCE)
            except queue.Empty:
                on_wait()
                continue
            if error is not None:
                raise error
            if last:
                return
            yield item  # type: ignore[misc]

    def close(self) -> None:
        """Work out no more."""
        self._closed.set()

    def _fill(self) -> None:
        try:
            for item in self._items():
                if not self._put((item, None, False)):
                    return
            self._put((None, None, True))
        except BaseException as error:  # noqa: BLE001 - raised again where the items are read
            self._put((None, error, True))

    def _put(self, entry: tuple[T | None, BaseException | None, bool]) -> bool:
        while not self._closed.is_set():
            try:
                self._queue.put(entry, timeout=_PATIENCE)
            except queue.Full:
                continue
            return True
        return False


class StreamsAhead(Generic[T]):
    """Returns each stream what it reads, and begins to read those after it.

    Args:
        order: The streams to be read, in the order of their emission.
        streams: How many to be read ahead.
    """

    def __init__(self, order: Sequence[Readable[T]], streams: int) -> None:
        self._order = tuple(order)
        self._streams = streams
        self._begun: dict[str, Ahead[T]] = {}

    def items(self, stream: Readable[T], on_wait: Callable[[], object]) -> Iterator[T]:
        """Yield what a stream reads; `on_wait` is called while there is nothing to yield."""
        names = [one.name for one in self._order]
        place = names.index(stream.name) if stream.name in names else len(names)
        ahead = self._ahead(stream)
        for upcoming in self._order[place + 1 : place + 1 + self._streams]:
            self._ahead(upcoming)
        try:
            yield from ahead.items(on_wait)
        finally:
            ahead.close()

    def close(self) -> None:
        """Read no further."""
        for ahead in self._begun.values():
            ahead.close()

    def _ahead(self, stream: Readable[T]) -> Ahead[T]:
        if stream.name not in self._begun:
            self._begun[stream.name] = Ahead(stream.read, f"read {stream.name}")
        return self._begun[stream.name]
