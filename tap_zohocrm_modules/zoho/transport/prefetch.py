"""Working ahead, in order."""

from __future__ import annotations

import collections
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future
from typing import TypeVar

T = TypeVar("T")


def ordered(
    executor: Executor, jobs: Iterable[Callable[[], T]], window: int
) -> Generator[T, None, None]:
    """Yield what the jobs return, in their order, running up to `window` of them ahead.

    A job's error is raised in its place. Jobs that have not begun when the iteration ends early
    are dropped.
    """
    ahead: collections.deque[Future[T]] = collections.deque()
    try:
        for job in jobs:
            ahead.append(executor.submit(job))
            if len(ahead) >= window:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        for future in ahead:
            future.cancel()
