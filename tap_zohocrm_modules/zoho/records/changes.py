"""Follows a module's changes by their times, several pages at once.

Each call asks anew for what was changed since an instant, so that nothing depends on positions. To
have several calls under way, the instants where the next pages will begin are guessed from those
before; a page counts if those before it reach to its beginning.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from tap_zohocrm_modules.zoho.instants import parse, rfc3339
from tap_zohocrm_modules.zoho.prefetch import ordered
from tap_zohocrm_modules.zoho.records.fields import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.lists import PER_PAGE
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Calls, Page

_SECOND = timedelta(seconds=1)
# Of a page's time, so that pages in a row seldom leave a gap between them.
_STEP = 0.88
_PAGES_REMEMBERED = 16
_PAGES_BEFORE_GUESSING = 3


@dataclasses.dataclass(frozen=True, slots=True)
class ChangePage:
    """The first page of a list by `Modified_Time`: records, and the last of their times."""

    records: Sequence[Record]
    more: bool
    last_time: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Pages:
    """The two ways to read a module's changes.

    Attributes:
        since: Returns the first page of what was changed since an instant, that second included.
        crowd: Returns all records of one second, more than a page, and the next change's time; the
            same second if there is none.
    """

    since: Callable[[datetime], ChangePage]
    crowd: Callable[[datetime], tuple[list[Record], str]]


class Changes:
    """The changes of one module within a window; to be followed once.

    Args:
        pages: How they are read.
        since: Where the window begins.
        until: Where it ends.
        calls: Where pages are read at a time, and how many are.
        expected: How many records there are, if that is known.
    """

    def __init__(
        self,
        pages: Pages,
        since: datetime,
        until: datetime,
        calls: Calls,
        *,
        expected: int | None = None,
    ) -> None:
        self._pages = pages
        self._until = until
        self._end = rfc3339(until)
        self._calls = calls
        self._expected = expected
        self._taken_so_far = 0
        self._reached = rfc3339(since)
        self._seen: set[str] = set()
        self._spans: collections.deque[float] = collections.deque(maxlen=_PAGES_REMEMBERED)

    def followed(self) -> Iterator[Page]:
        """Yield the records in the order of their changes; the last page has no watermark.

        Raises:
            ZohoError: a page cannot be read.
        """
        while True:
            guesses = self._guesses()
            first, *others = self._at_once([parse(self._reached), *guesses])
            page = self._taken(self._at_front(first))
            yield page
            for guess, other in zip(guesses, others, strict=True):
                while page.watermark is not None and self._reached < rfc3339(guess):
                    # The page before ends earlier than it was guessed to.
                    page = self._taken(self._at_front(self._pages.since(parse(self._reached))))
                    yield page
                # A page that ends where it begins is a crowd, which is read from its front.
                useful = (other.last_time or "") > self._reached or not other.more
                if page.watermark is not None and useful:
                    page = self._taken(other)
                    yield page
            if page.watermark is None:
                return

    def _at_once(self, instants: Sequence[datetime]) -> list[ChangePage]:
        if len(instants) == 1:
            return [self._pages.since(instants[0])]
        jobs = [functools.partial(self._pages.since, instant) for instant in instants]
        return list(ordered(self._calls.pages, jobs, len(jobs)))

    def _at_front(self, page: ChangePage) -> ChangePage:
        """Return a page that was read from the front, whole where it is not."""
        front = parse(self._reached)
        if self._seen and not any(r[MODIFIED_TIME] == self._reached for r in page.records):
            # The header excludes its own second, or that second's records are gone.
            page = self._pages.since(front - _SECOND)
        if page.more and (page.last_time or "") <= self._reached:
            records, last = self._pages.crowd(front)
            page = ChangePage(records, last > self._reached, last)
        return page

    def _taken(self, page: ChangePage) -> Page:
        """Move the front to the end of a page that begins at it or before."""
        begin, last = self._reached, page.last_time or self._reached
        fresh = [
            record
            for record in page.records
            if begin <= (time := record[MODIFIED_TIME] or "") < self._end
            and (time > begin or record[ID] not in self._seen)
        ]
        done = not page.more or last >= self._end
        if last == begin:
            self._seen |= {record[ID] for record in fresh}
        else:
            self._seen = {r[ID] for r in page.records if r[MODIFIED_TIME] == last}
            first = min(record[MODIFIED_TIME] or last for record in page.records)
            self._spans.append((parse(last) - parse(first)).total_seconds())
        self._reached = last
        self._taken_so_far += len(fresh)
        return Page(fresh, watermark=None if done else last)

    def _guesses(self) -> list[datetime]:
        """Return the instants, ascending, where pages after the next one may begin."""
        width = self._calls.width
        if self._expected is not None:
            left = self._expected - self._taken_so_far
            width = min(width, math.ceil(left / (PER_PAGE * _STEP)))
        if len(self._spans) < _PAGES_BEFORE_GUESSING:
            return []
        step = timedelta(seconds=max(1, int(statistics.median(self._spans) * _STEP)))
        front = parse(self._reached)
        guesses = (front + step * number for number in range(1, width))
        return [guess for guess in guesses if guess < self._until]
