"""What one run reads of a module's new and changed records, as steps.

What is in the recycle bin when STATE passes a record is kept, for it may come back unchanged.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any

import msgspec

from tap_zohocrm_modules.sync.deletions.known import Deleted, DeletionStep
from tap_zohocrm_modules.sync.deletions.reader import DeletionReader
from tap_zohocrm_modules.sync.module.emitted import EmittedCount, RecentRecords
from tap_zohocrm_modules.sync.module.pages import ModulePages
from tap_zohocrm_modules.sync.module.start import ReadStart
from tap_zohocrm_modules.sync.module.state import (
    ReadEnd,
    Step,
    after_deletions,
    after_page,
    finished,
    joined,
)
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import ModuleState
from tap_zohocrm_modules.zoho.records.reading import Page, Source
from tap_zohocrm_modules.zoho.records.records import Changed, Rows
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339


@dataclasses.dataclass(frozen=True, slots=True)
class ChangesRead:
    """Reads the records of a module's window; those of a module that is read whole, too."""

    run: Run
    source: Source
    start: ReadStart
    pages: ModulePages
    recent: RecentRecords | None  # what is emitted within the lookback; None if nobody asks again
    deletions: DeletionReader
    resumable: bool  # whether a later run may go on where this one ends

    def steps(self, state: ModuleState) -> Generator[Step, None, tuple[ModuleState, Deleted]]:
        """Yield the records that are new or changed; return what they leave.

        ZohoError: a call was refused or failed.
        """
        start = self.start
        since = start.rest_since or start.until
        count = EmittedCount(start.emitted, start.late, start.untimed, start.since, since)
        state, known = yield from self._window(state, count)
        if self.source.has_modified_time and start.until < start.cutoff:
            # The read began in an earlier run, at that run's cutoff.
            self.pages.before -= self.pages.late
            if start.key is not None and start.is_whole:
                count.joins = None
                state = joined(state, start, count, since)
                yield Step(Rows(), state, saves=True)
            elif start.key is not None:
                due = start.deletions.tombstones_since
                end = ReadEnd(start.until, start.deletions.deleted_until, due)
                state = finished(state, start.key, end)
                # Not its end: what a killed run may have emitted without a time is read behind it.
                yield Step(Rows(), state, saves=True)
            for page, changed in self._fresh(self._rest(since), count):
                count.add(page, changed)
                state = self._reached(state, page.watermark, page.checkpoint, count)
                yield Step(page.records, state, saves=not page.records)
        return state, known

    def _window(
        self, state: ModuleState, count: EmittedCount
    ) -> Generator[Step, None, tuple[ModuleState, Deleted]]:
        """Yield what the window has; return what it leaves, and count it."""
        start, beginnings = self.start, 0
        # What passes the bin first, and the look into the bin, which is taken meanwhile.
        passing: tuple[Page, Future[DeletionStep]] | None = None
        known: Deleted | None = None
        try:
            for page, changed in self._fresh(self.pages.from_start(start), count):
                if passing is not None:
                    known, state = yield from self._passed(state, count, *passing)
                    passing = None
                if beginnings < self.pages.beginnings:
                    beginnings = self.pages.beginnings
                    count.begin_anew(self.pages.before, self.pages.late, self.pages.untimed)
                count.add(page, changed)
                if self.pages.has_untimed and len(changed.untimed) < len(page.records):
                    self.pages.note_again(page.records)
                self.pages.note(changed.untimed)
                # Whether STATE will say that what was in the bin needs no reading any more: what
                # bulk jobs lack is found out in the end.
                ends = page.watermark if page.checkpoint is None else not page.is_rechecked
                if known is not None or not ends:
                    state = self._reached(state, page.watermark, page.checkpoint, count)
                    yield Step(page.records, state, saves=not page.records)
                    continue
                known = self.deletions.begin()
                looking = self.run.executors.pages.submit(self.deletions.snapshot, known)
                passing = page, looking
                yield Step(page.records, state)
        except ZohoError:
            if passing is not None:
                yield from self._passed(state, count, *passing)
            raise
        if passing is not None:
            known, state = yield from self._passed(state, count, *passing)
        return state, known or self.deletions.begin()

    def _rest(self, since: datetime) -> Iterator[Page]:
        """Yield what has changed since an earlier run began; nothing is believed the second time.

        No count would miss a record that was there before it was changed.
        """
        for _ in range(2):
            found = 0
            for page in self.pages.rest(self.start, since):
                found += len(page.records)
                yield page
            if found:
                return

    def _passed(
        self, state: ModuleState, count: EmittedCount, page: Page, looking: Future[DeletionStep]
    ) -> Generator[Step, None, tuple[Deleted, ModuleState]]:
        """Yield that STATE passes a page, once it has what was in the bin; return both."""
        looked = looking.result()
        state = self._remembering(state, looked.known) if looked.remembers else state
        state = self._reached(state, page.watermark, page.checkpoint, count)
        yield Step(Rows(), state, saves=looked.remembers or not page.records)
        return looked.known, state

    def _reached(
        self,
        state: ModuleState,
        watermark: datetime | None,
        checkpoint: Mapping[str, Any] | None,
        count: EmittedCount,
    ) -> ModuleState:
        """Return STATE's part after a page that ends so."""
        if not self.resumable:
            return state
        if self.recent is not None:
            state = msgspec.structs.replace(
                state,
                unstamped=state.unstamped or self.recent.has_unstamped,
                recent=self.recent.replaced(state.recent),
            )
        return after_page(state, self.start, watermark, checkpoint, count)

    def _fresh(self, pages: Iterable[Page], count: EmittedCount) -> Iterator[tuple[Page, Changed]]:
        """Yield pages without the records that have been emitted as they are.

        With each comes when its records were changed, as far as the count, which has none of them
        yet, and who remembers them ask.
        """
        for page in pages:
            since = rfc3339(count.floor(page.watermark, page.checkpoint))
            if self.recent is None:
                yield page, page.records.changed(since)
                continue
            changed = page.records.changed(min(since, self.recent.since))
            fresh = self.recent.fresh(page.records, changed)
            if fresh is page.records:
                yield page, changed
            else:
                yield dataclasses.replace(page, records=fresh), fresh.changed(since)

    def _remembering(self, state: ModuleState, known: Deleted) -> ModuleState:
        return after_deletions(state, known.recycled) if self.resumable else state
