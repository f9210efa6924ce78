"""Follows a module's changes by their times, several pages at once.

Each call asks anew for what was changed since an instant, so that nothing depends on positions. To
have several calls under way, the instants where the next pages will begin are guessed from those
before, by the shortest usual one, and not beyond the last change of all; a page counts if those
before it reach to its beginning.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta

from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Executors, Page, Window
from tap_zohocrm_modules.zoho.records.records import Records, Rows
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339

_SECOND = timedelta(seconds=1)
_PAGES_REMEMBERED = 16
# Shorter pages, for their usual length, are full of one moment's changes, and no measure.
_SHORT = 0.7
# Pages begun for each that is under way, so that one read alone holds up no other.
_AHEAD = 2
_MANY = 40  # pages


class SinceIgnoredError(UnreadableAnswerError):
    """A list of what was changed since an instant holds older records."""


@dataclasses.dataclass(frozen=True, slots=True)
class ChangePage:
    """The first page of a list by `Modified_Time`: records, and the last of their times."""

    records: Records
    more: bool
    last_time: datetime | None
    has_room: bool = True  # others would have been on it, so that none follow if Zoho says so

    @property
    def may_go_on(self) -> bool:
        """Whether others may follow: that a full page denies it is believed of another call."""
        return self.more or (self.last_time is not None and not self.has_room)


@dataclasses.dataclass(frozen=True, slots=True)
class ChangeQueries:
    """How to ask for a module's changes."""

    # Returns the first page of what was changed since an instant, that second included.
    since: Callable[[datetime], ChangePage]
    # Returns all records of one second, more than a page, and the next change's time; the same
    # second if there is none.
    tied_second: Callable[[datetime], tuple[list[Record], datetime]]
    # Returns the last change's time, None if Zoho does not say.
    newest: Callable[[], datetime | None]
    # Yields all records, by position, where asking by instants is of no use.
    everything: Callable[[], Iterator[Sequence[Record]]]
    # The first page of all, if it has been read and begins where the window does.
    first: ChangePage | None = None
    # Returns how many more pages the run can pay for, None for any number.
    affordable: Callable[[], int | None] = lambda: None
    # Whether the last change's time is known, so that nobody need wait for it.
    knows_newest: bool = False


class Changes:
    """The changes of one module from an instant to the end of a window; to be followed once."""

    def __init__(
        self, queries: ChangeQueries, since: datetime, window: Window, executors: Executors
    ) -> None:
        self._queries = queries
        self._until = window.until.replace(microsecond=0)
        self._end = window.end
        self._is_everything = window.unstamped
        self._executors = executors
        self._reached = self._before = since.replace(microsecond=0)
        self._seen: set[str] = set()
        self._is_under_way = False
        self._spans: collections.deque[float] = collections.deque(maxlen=_PAGES_REMEMBERED)

    def followed(self) -> Iterator[Page]:
        """Yield the records in the order of their changes; the last page has no watermark.

        Where `If-Modified-Since` does not reach Zoho (a proxy drops it), what is left is read by
        position, without a watermark.
        """
        try:
            yield from self._followed()
        except SinceIgnoredError:
            for records in self._queries.everything():
                yield Page(self._fresh(Rows(records)))

    def _followed(self) -> Iterator[Page]:
        ahead: collections.deque[tuple[datetime, Future[ChangePage]]] = collections.deque()
        first = self._queries.first or self._queries.since(self._front())
        if first.last_time is None and self._is_everything:
            # Records without a time may have been emitted, and not every module can be counted.
            first = self._queries.since(self._front())
        page = self._taken(self._at_front(first))
        yield page
        full = _AHEAD * self._executors.width
        # Short lists go without the last change's time, and those of few pages take few calls.
        most = self._executors.width if self._queries.knows_newest else 1
        try:
            while page.watermark is not None:
                # Where changes come in bursts, fewer guesses waste fewer calls.
                most = max(1, most // 2) if self._drop(ahead) else most
                self._guess(ahead, most)
                most = min(2 * most, full)
                if ahead and ahead[0][0] <= self._reached:
                    begin, future = ahead.popleft()
                    found = future.result()
                    if begin == self._reached:
                        found = self._at_front(found, guessed=True)
                    elif found.last_time is None or (
                        found.may_go_on and found.last_time <= self._reached
                    ):
                        # It holds nothing new, or is one tied second: both are read from the front.
                        most = max(1, most // 4)
                        continue
                else:
                    # The page before ends earlier than it was guessed to.
                    found = self._at_front(self._queries.since(self._front()))
                page = self._taken(found)
                yield page
        finally:
            for _, future in ahead:
                future.cancel()

    @property
    def _is_near_the_end(self) -> bool:
        """Whether credits might end while pages read ahead wait for others in between."""
        pages = self._queries.affordable()
        return pages is not None and pages < 2 * _AHEAD * self._executors.width

    @functools.cached_property
    def _newest(self) -> datetime:
        """The last change of all, beyond which every page read ahead would be a call for nothing.

        Asked for when a second page is about to be read ahead: shorter lists go without.
        """
        newest = self._queries.newest() or self._until
        if min(newest, self._until) - self._reached > _MANY * self._step:
            self._executors.widen()
        return newest

    @property
    def _step(self) -> timedelta:
        """The time from one page's beginning to the next one's, as the shortest usual one was."""
        usual = statistics.median(self._spans)
        shortest = min(span for span in self._spans if span >= _SHORT * usual)
        return timedelta(seconds=max(1, int(shortest)))

    def _front(self) -> datetime:
        """Return the instant from which to ask for what follows."""
        # No document says whether the header includes its own second.
        return self._reached if self._seen else self._reached - _SECOND

    def _at_front(self, page: ChangePage, *, guessed: bool = False) -> ChangePage:
        """Return a page that was read from the front, whole where it is not."""
        front = self._reached
        is_met = rfc3339(front) in page.records.values(MODIFIED_TIME)
        if (self._seen or guessed) and not is_met:
            # The header excludes its own second, or that second's records are gone.
            page = self._queries.since(front - _SECOND)
        if page.last_time is None and self._is_under_way:
            page = self._confirmed()
        if page.may_go_on and (page.last_time is None or page.last_time <= front):
            records, last = self._queries.tied_second(front)
            page = ChangePage(Rows(records), last > front, last)
        return page

    def _confirmed(self) -> ChangePage:
        """Return the page before once more, which shows whether there really is nothing after it.

        Raises:
            UnreadableAnswerError: that one is empty as well.
        """
        page = self._queries.since(self._before - _SECOND)
        if page.last_time is None:
            raise UnreadableAnswerError(
                f"Get Records returned nothing since {rfc3339(self._before)}, though it had"
                " returned records of that time and announced more: run again."
            )
        return page

    def _taken(self, page: ChangePage) -> Page:
        """Move the front to the end of a page that begins at it or before."""
        begin, last = self._reached, page.last_time or self._reached
        self._before = begin
        fresh = self._fresh(page.records)
        done = last >= self._end or not page.may_go_on
        if last == begin:
            self._seen |= {record[ID] for record in fresh}
        else:
            times, end = page.records.values(MODIFIED_TIME), rfc3339(last)
            self._seen = {
                record[ID] for record, time in zip(page.records, times, strict=True) if time == end
            }
            first = min((time or end for time in times), default=rfc3339(begin))
            # A record that was read again may have a later time than the page's last one.
            self._spans.append(max(0.0, (last - parse(first)).total_seconds()))
        self._reached = last
        self._is_under_way = True
        # A later run goes on from there, and not from a time that is to come.
        return Page(fresh, watermark=None if done else min(last, self._until))

    def _fresh(self, records: Records) -> Rows:
        """Return those of the window that were not yielded yet."""
        # Texts of instants sort as the instants do, and to parse each takes far longer.
        reached, end = rfc3339(self._reached), rfc3339(self._end)
        return Rows(
            record
            for record in records
            if (time := record.get(MODIFIED_TIME)) is not None
            and reached <= time < end
            and (time > reached or record[ID] not in self._seen)
        )

    def _drop(self, ahead: collections.deque[tuple[datetime, Future[ChangePage]]]) -> bool:
        """Drop pages that others have; return whether there were any.

        Of those that begin before the front the last has the most of what follows.
        """
        before = len(ahead)
        while len(ahead) > 1 and ahead[1][0] <= self._reached:
            ahead.popleft()[1].cancel()
        return len(ahead) < before

    def _guess(
        self, ahead: collections.deque[tuple[datetime, Future[ChangePage]]], most: int
    ) -> None:
        """Begin to read pages where the next ones may begin, up to so many ahead."""
        if self._executors.width == 1 or not self._spans or self._is_near_the_end:
            return
        last, step = ahead[-1][0] if ahead else None, self._step
        while len(ahead) < most:
            # The page at the front is read like those beyond it, so that none waits for it.
            begin = self._reached if last is None else max(last + step, self._reached)
            if begin >= self._until or (last is not None and begin > self._newest):
                return
            asked = self._front() if begin == self._reached else begin
            ahead.append((begin, self._executors.pages.submit(self._queries.since, asked)))
            last = begin
