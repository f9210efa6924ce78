"""The one way to work ahead: calls are made before their results are used, in order.

The threads end with the program, whatever answer they are waiting for.
"""

from __future__ import annotations

import collections
import contextlib
import enum
import functools
import itertools
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import Any, Generic, TypeVar

from typing_extensions import Self

T = TypeVar("T")


class _End(enum.Enum):
    END = enum.auto()


class Prefetch(Generic[T]):
    """What calls return, in their order, while the next ones are already being made.

    One thread takes the results; any may close. Calls that have not begun by then are not made.

    At most so many are begun, or done, whose results nobody has taken.
    """

    def __init__(self, executor: Executor, calls: Iterable[Callable[[], T]], most: int) -> None:
        self._executor = executor
        self._calls: Iterator[Callable[[], T | _End]] = iter(calls)
        self._most = most
        self._ahead: collections.deque[Future[T | _End]] = collections.deque()
        self._on_close = contextlib.ExitStack()

    @classmethod
    def from_items(cls, items: Callable[[], Iterator[T]], pool: Executor, most: int) -> Self:
        """Return the items of an iterator that a pool of its own makes, works out and closes.

        The pool has one thread.
        """
        source = _generator(items)
        steps: Iterator[Callable[[], Any]] = itertools.repeat(
            functools.partial(next, source, _End.END)
        )
        prefetch = cls(pool, steps, most)
        prefetch._on_close.callback(pool.shutdown, wait=False)
        prefetch._on_close.callback(pool.submit, source.close)
        return prefetch

    def begin(self) -> bool:
        """Make as many calls as there is room for; return whether any result is to be taken."""
        while len(self._ahead) < self._most and (call := next(self._calls, None)) is not None:
            self._ahead.append(self._executor.submit(call))
        return bool(self._ahead)

    def __iter__(self) -> Iterator[T]:
        """Yield the results."""
        return self.items()

    def items(self) -> Generator[T, None, None]:
        """Yield the results, and close; a call's error is raised in its place, and is the end."""
        try:
            while self.begin():
                future = self._ahead.popleft()
                item = future.result()
                # It may hold much.
                del future
                if item is _End.END:
                    return
                self.begin()
                yield item
        finally:
            self.close()

    def close(self) -> None:
        """Make no further call, and let the thread end that works out an iterator."""
        with contextlib.suppress(IndexError):
            while True:
                self._ahead.pop().cancel()
        self._on_close.close()


class Shared(Generic[T]):
    """The results of a prefetch for several threads, each from the first one on."""

    def __init__(self, prefetch: Prefetch[T]) -> None:
        self._prefetch = prefetch
        self._items = prefetch.items()
        self._known: list[T] = []
        self._failure: BaseException | None = None
        self._lock = threading.Lock()
        prefetch.begin()

    def __iter__(self) -> Iterator[T]:
        """Yield the results, waiting for those that are not there yet."""
        for position in itertools.count():
            if position == len(self._known) and not self._has(position):
                return
            yield self._known[position]

    def close(self) -> None:
        """Make no further call."""
        self._prefetch.close()

    def _has(self, position: int) -> bool:
        """Return whether there is such a result, having waited for it."""
        with self._lock:
            if self._failure is not None and position == len(self._known):
                raise self._failure
            try:
                while position == len(self._known):
                    self._known.append(next(self._items))
            except StopIteration:
                return False
            except BaseException as failure:
                self._failure = failure
                raise
            return True


def _generator(items: Callable[[], Iterator[T]]) -> Generator[T, None, None]:
    yield from items()
