"""What one run reads of one module, as steps: some records, and STATE after them.

Any thread may take the steps: they change no STATE and write nothing.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Collection, Iterator
from datetime import datetime

import msgspec

from tap_zohocrm_modules.sync.deletions.ids import KnownIds
from tap_zohocrm_modules.sync.deletions.known import Deleted, without
from tap_zohocrm_modules.sync.deletions.listed import pack_lists, unpack_lists
from tap_zohocrm_modules.sync.deletions.reader import DeletionReader
from tap_zohocrm_modules.sync.deletions.sweep import Sweep
from tap_zohocrm_modules.sync.deletions.times import pack_times, unpack_times
from tap_zohocrm_modules.sync.module.again import SecondRead
from tap_zohocrm_modules.sync.module.changes import ChangesRead
from tap_zohocrm_modules.sync.module.columns import Columns
from tap_zohocrm_modules.sync.module.emitted import RecentRecords
from tap_zohocrm_modules.sync.module.pages import ModulePages
from tap_zohocrm_modules.sync.module.start import ReadStart
from tap_zohocrm_modules.sync.module.state import (
    ReadEnd,
    Step,
    after_deletions,
    finished,
    reloading,
    sweeping,
)
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import ModuleState, Reload, SweepPosition
from tap_zohocrm_modules.zoho.records.deletions import DeletionList
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.records.records import Records, Rows
from tap_zohocrm_modules.zoho.transport.errors import OutOfCreditsError
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)


@dataclasses.dataclass(eq=False)
class ModuleRead:
    """Reads one module in one run."""

    run: Run
    source: Source
    start: ReadStart
    state: ModuleState  # STATE's part when the read begins
    columns: Columns  # the selected ones
    loaded: Columns  # those that are loaded for every record after the changes
    reload: Reload | None  # the second read of the whole module, if it is due
    _: dataclasses.KW_ONLY
    sweeps: bool  # whether the ids that exist are to be compared with those emitted
    emits_tombstones: bool  # whether deletions are emitted
    resumable: bool  # whether a later run may go on where this one ends
    recent: RecentRecords | None  # what is emitted within the lookback; None if nobody asks again
    version: int | None  # of the destination's table, if it has versions

    @functools.cached_property
    def pages(self) -> ModulePages:
        """What reads the module's records."""
        # A table that is read whole each time would lack what changes meanwhile.
        return ModulePages(self.run, self.source, unending=self.start.key is None)

    @functools.cached_property
    def lists(self) -> dict[str, DeletionList]:
        """How far lists of all deletions have been read."""
        return unpack_lists(self.state.lists or {}, self.source.stream)

    @property
    def deletions(self) -> DeletionReader:
        """What reads the module's deletions."""
        whole = self.start.key is None
        return DeletionReader(
            self.run,
            self.source,
            self.start.deletions,
            emits=self.emits_tombstones,
            reads_all=whole,
            lists=self.lists,
            # Of a table that is read whole this time only, increments will go on.
            remembers=not whole or self.start.has_bookmark,
            shown=self._shown,
        )

    @functools.cached_property
    def _shown(self) -> set[str]:
        return set()

    @functools.cached_property
    def _gone(self) -> set[str]:
        """The records whose tombstones this run has emitted."""
        return set()

    def steps(self) -> Iterator[Step]:
        """Yield what is to be emitted, in its order; ZohoError: a call was refused or failed.

        Where a budget ends, STATE has how far lists of all deletions have come.
        """
        state = self.state
        try:
            for step in self._steps():
                if self.start.deletions.recent and (shown := self._shown_by(step.records)):
                    self._shown.update(shown)
                    # A run that is killed after its records knows that they are there again.
                    yield Step(Rows(), self._without_shown(state), saves=True)
                if self._shown:
                    # Those that are emitted once more stand as they are emitted.
                    self._shown.difference_update(step.records.tombstones())
                state = self._without_shown(step.state)
                yield dataclasses.replace(step, state=state)
        except OutOfCreditsError:
            if self.lists and self.resumable:
                lists = pack_lists(self.lists)
                yield Step(Rows(), msgspec.structs.replace(state, lists=lists), saves=True)
            raise

    def _shown_by(self, records: Records) -> Collection[str]:
        return self.start.deletions.recent.keys() & {*records.existing()}

    def _without_shown(self, state: ModuleState) -> ModuleState:
        """Return a part of STATE by which deletions of what has been read are emitted again."""
        if not self._shown or state.recent_deletions is None:
            return state
        known = unpack_times(state.recent_deletions, self.source.stream)
        left = without(known, self._shown)
        if len(left) == len(known):
            return state
        return msgspec.structs.replace(state, recent_deletions=pack_times(left))

    def _steps(self) -> Iterator[Step]:
        changes = ChangesRead(
            self.run,
            self.source,
            self.start,
            self.pages,
            self.recent,
            self.deletions,
            self.resumable,
        )
        state, known = yield from changes.steps(self.state)
        # Of a first read that goes on by time, too: they may be made at any time.
        if self.state.unstamped and not self.start.is_first and self.start.key is not None:
            for page in self.pages.unstamped(self.start.cutoff):
                yield Step(page.records, state, only_new=True)
        for step in self.deletions.steps(known):
            known = step.known
            self.pages.note_deleted(known.later)
            # What came back may have been among the changes.
            records = step.records if self.recent is None else self.recent.unread(step.records)
            self._note(records)
            state = self._remembering(state, known) if step.remembers else state
            is_last = step.is_last and not records
            yield Step(records, state, saves=step.remembers or is_last)
        if self._sweeps(known):
            yield Step(Rows(), state, sweep=known)
        else:
            yield from self._ended(state, known, self.reload, swept=False)

    def swept(self, before: Step, known: Deleted, ids: KnownIds) -> Iterator[Step]:
        """Yield what a sweep finds, and what follows it, in place of a step that has it due.

        `ids` are those that the destination has, after all that comes before.
        """
        state = before.state
        position = self.state.sweep or SweepPosition(cutoff=self.start.cutoff)
        # A sweep that has ids to compare with finds what an earlier run passed unread.
        finds = ids.ids is not None and not position.learns
        if self.start.is_whole and not finds:
            yield Step(Rows(), state, is_whole=True)
        if known.surplus is not None:
            since = "a run that did not come to its end" if self.start.goes_on else "the last run"
            logger.warning(
                "%s: since %s more records were deleted than Zoho lists. Rows that a killed or"
                " terminated run wrote after its last STATE may stay: if there was one, repair the"
                " table (--verify URL --repair), or empty it and load the stream anew.",
                self.source.stream,
                since,
                extra=about(self.source.stream),
            )
        reload = self.reload
        if self._passes_first(known):
            # A sweep may take several runs, and the bookmark need not wait for it.
            state = finished(state, self.start.key, self._end(known, swept=False))
        elif known.surplus is not None:
            position = msgspec.structs.replace(position, surplus=True)
        if self._passes_first(known) or position.surplus:
            state = sweeping(state, position)
            yield Step(Rows(), state, saves=True)
        for step in Sweep(self.deletions, known, position, self._gone).steps(ids):
            known = step.known
            state = state if step.sweep is None else sweeping(state, step.sweep)
            if step.reads_again and reload is None:
                reload = Reload(cutoff=self.start.cutoff, selection=self.start.selection)
                state = reloading(state, reload)
            self._note(step.records)
            state = self._remembering(state, known)
            yield Step(step.records, state, saves=step.remembers or step.sweep is not None)
        yield from self._ended(state, known, reload, swept=True, counts=finds)

    def _passes_first(self, known: Deleted) -> bool:
        """Whether all up to the cutoff is emitted, whatever a sweep will find."""
        return not (self.start.key is None or self.start.is_whole or known.exceeded)

    def _sweeps(self, known: Deleted) -> bool:
        start = self.start
        return (
            self.sweeps
            or known.surplus is not None
            # What came back before the bin could be listed is in no list.
            or (
                (known.is_bin_listed or start.deletions.lacks_bin)
                and not (start.is_first or known.is_refused)
            )
        )

    def _ended(
        self,
        state: ModuleState,
        known: Deleted,
        reload: Reload | None,
        *,
        swept: bool,
        counts: bool = True,
    ) -> Iterator[Step]:
        """Yield that all up to the cutoff is read, and then the second read if it is due."""
        start = self.start
        self.lists.clear()
        state = finished(state, start.key, self._end(known, swept=swept))
        yield Step(Rows(), state, is_whole=start.is_whole and counts, ends=True)
        if reload is not None:
            again = SecondRead(
                self.run,
                self.source,
                start,
                self.pages,
                self.columns,
                self.deletions,
                self._gone,
            )
            yield from again.steps(state, reload)

    def _end(self, known: Deleted, *, swept: bool) -> ReadEnd:
        start = self.start
        return ReadEnd(
            start.cutoff,
            (start.deletions.deleted_until or start.until) if known.is_refused else None,
            self._still_due(known),
            known.recycled,
            self.loaded,
            self.source.refusals.lasting(),
            whole=start.is_whole,
            swept=swept or (start.is_whole and not known.is_refused),
            version=None if self.resumable else self.version,
            unstamped=self.recent is not None and self.recent.has_unstamped,
            recent=self._remembered(known),
        )

    def _note(self, records: Records) -> None:
        """Note what deletions bring: tombstones, and records that came back."""
        self.pages.note_again(records)
        self.pages.note(records.untimed())
        self.pages.forget(records.tombstones())
        self._gone.difference_update(records.existing())
        self._gone.update(records.tombstones())
        if self.recent is not None:
            self.recent.note(records, records.changed(self.recent.since))
            self.recent.forget(records)

    def _remembered(self, known: Deleted) -> tuple[str | None, str | None]:
        """Return what the next run has to know of what this one has emitted."""
        records = None if self.recent is None else self.recent.packed()
        if known.recent is None:
            return records, self.state.recent_deletions
        return records, pack_times(known.recent)

    def _still_due(self, known: Deleted) -> datetime | None:
        """Return from when on tombstones are due that this run does not emit."""
        start = self.start.deletions
        if known.is_refused:
            return start.tombstones_since
        if self.emits_tombstones or not self.deletions.is_tracked:
            return None
        # What lies within the lookback before it is asked for again, as is what was shown of it.
        return start.tombstones_since or start.deleted_until or self.start.until

    def _remembering(self, state: ModuleState, known: Deleted) -> ModuleState:
        if not self.resumable:
            return state
        if self.recent is not None:
            recent = self.recent.replaced(state.recent)
            state = msgspec.structs.replace(state, recent=recent)
        return after_deletions(state, known.recycled)
