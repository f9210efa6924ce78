"""What one run reads of one module, as steps: some records, and STATE after them.

Any thread may take the steps: they change no STATE and write nothing.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Generator, Iterator
from datetime import datetime

import msgspec

from tap_zohocrm_modules.config.choices import ReadPathChoice
from tap_zohocrm_modules.sync.deletions.ids import KnownIds
from tap_zohocrm_modules.sync.deletions.reader import Deleted, DeletionReader, DeletionStart
from tap_zohocrm_modules.sync.deletions.sweep import Sweep
from tap_zohocrm_modules.sync.module.columns import Columns
from tap_zohocrm_modules.sync.module.count import RecordsMissingError, compare_with_zoho
from tap_zohocrm_modules.sync.module.start import ReadStart
from tap_zohocrm_modules.sync.module.state import (
    ReadEnd,
    Step,
    after_deletions,
    after_page,
    finished,
    reloaded,
    reloading,
)
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import ModuleState, Reload
from tap_zohocrm_modules.zoho.records.columnar import numbers
from tap_zohocrm_modules.zoho.records.engine import ModuleReader
from tap_zohocrm_modules.zoho.records.id_set import IdSet
from tap_zohocrm_modules.zoho.records.reading import Page, Source, Window
from tap_zohocrm_modules.zoho.transport.texts import counted

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
    version: int | None  # of the destination's table, if it has versions

    _reader: ModuleReader | None = dataclasses.field(default=None, init=False)
    # Columns of which a value did not fit, so far.
    mismatches: set[str] = dataclasses.field(default_factory=set, init=False)

    @property
    def expected(self) -> int | None:
        """How many records the present part of the read will yield, if that is known."""
        return None if self._reader is None else self._reader.expected

    @property
    def path(self) -> str | None:
        """The path by which records are read, once it is chosen."""
        return None if self._reader is None else self._reader.path

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
            # Of a table that is read whole this time only, increments will go on.
            remembers=not whole or self.start.has_bookmark,
        )

    def steps(self) -> Iterator[Step]:
        """Yield what is to be emitted, in its order; ZohoError: a call was refused or failed."""
        state, known = yield from self._changes(self.deletions.begin())
        for step in self.deletions.steps(known):
            known = step.known
            state = self._remembering(state, known) if step.remembers else state
            is_last = step.is_last and not step.records
            yield Step(step.records, state, saves=step.remembers or is_last)
        if self._sweeps(known):
            yield Step((), state, sweep=known)
        else:
            yield from self._ended(state, known, swept=False)

    def swept(self, before: Step, known: Deleted, ids: KnownIds) -> Iterator[Step]:
        """Yield what a sweep finds, and what follows it, in place of a step that has it due.

        `ids` are those that the destination has, after all that comes before.
        """
        state = before.state
        # A sweep that has ids to compare with finds what an earlier run passed unread.
        finds = ids.ids is not None
        if self.start.is_whole and not finds:
            yield Step((), state, is_whole=True)
        for step in Sweep(self.deletions, known).steps(ids):
            known = step.known
            state = self._remembering(state, known)
            yield Step(step.records, state, saves=step.remembers)
        yield from self._ended(state, known, swept=True, counts=finds)

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
        self, state: ModuleState, known: Deleted, *, swept: bool, counts: bool = True
    ) -> Iterator[Step]:
        """Yield that all up to the cutoff is read, and then the second read if it is due."""
        start = self.start
        end = ReadEnd(
            start.cutoff,
            (start.deletions.deleted_until or start.until) if known.is_refused else None,
            self._still_due(known),
            known.recycled,
            self.loaded,
            self.source.refusals.lasting(),
            whole=start.is_whole,
            swept=swept or (start.is_whole and not known.is_refused),
            version=None if self.resumable else self.version,
        )
        state = finished(state, start.key, end)
        yield Step((), state, is_whole=start.is_whole and counts, ends=True)
        if self.reload is not None:
            yield from self._read_again(state, self.reload)

    def _still_due(self, known: Deleted) -> datetime | None:
        """Return from when on tombstones are due that this run does not emit."""
        start = self.start.deletions
        if known.is_refused:
            return start.tombstones_since
        if self.emits_tombstones or not self.deletions.is_tracked:
            return None
        return start.tombstones_since or start.deleted_until or self.start.until

    def _changes(self, known: Deleted) -> Generator[Step, None, tuple[ModuleState, Deleted]]:
        """Yield the records that are new or changed; return what they leave."""
        start, state, emitted = self.start, self.state, self.start.emitted
        has_looked = False
        for page in self._window(start, self._path()):
            emitted += len(page.records)
            if has_looked or not _passes_the_bin(page):
                state = self._reached(state, page, emitted)
                yield Step(page.records, state, saves=not page.records)
                continue
            has_looked = True
            # Nobody need wait for them while Zoho says what is in the bin.
            yield Step(page.records, state)
            looked = self.deletions.snapshot(known)
            known = looked.known
            state = self._remembering(state, known) if looked.remembers else state
            state = self._reached(state, page, emitted)
            yield Step((), state, saves=looked.remembers or not page.records)
        if self.source.has_modified_time and start.until < start.cutoff:
            # The read began in an earlier run, at that run's cutoff.
            if start.key is not None:
                due = start.deletions.tombstones_since
                end = ReadEnd(start.until, start.deletions.deleted_until, due)
                state = finished(state, start.key, end)
                yield Step((), state, ends=True)
            for page in self._rest(start, start.until):
                emitted += len(page.records)
                state = self._reached(state, page, emitted)
                yield Step(page.records, state, saves=not page.records)
        return state, known

    def _reached(self, state: ModuleState, page: Page, emitted: int) -> ModuleState:
        return after_page(state, self.start, page, emitted) if self.resumable else state

    def _remembering(self, state: ModuleState, known: Deleted) -> ModuleState:
        return after_deletions(state, known.recycled) if self.resumable else state

    def _read_again(self, state: ModuleState, reload: Reload) -> Iterator[Step]:
        """Yield every record once more, and what has changed since that read began."""
        start = dataclasses.replace(
            self.start,
            is_first=reload.after is None,
            since=reload.after or self.run.settings.start_date,
            until=reload.cutoff,
            checkpoint=reload.checkpoint,
        )
        state = reloading(state, reload)
        yield Step((), state, saves=True)
        ledger, name = self.run.client.credits, self.source.stream
        records, (_, spent) = 0, ledger.of(name)
        seen = IdSet()
        for page in self._window(start, self._path()):
            records += len(page.records)
            seen.add(numbers(page.records))
            emitted = reload.emitted + records
            again = _after_page_again(reload, page, emitted)
            state = reloading(state, again or state.reload or reload)
            yield Step(page.records, state, saves=not page.records)
        try:
            self._compare(reload, len(seen))
        except RecordsMissingError:
            # What is missing lies before the point where a later run would go on.
            anew = Reload(cutoff=reload.cutoff, selection=reload.selection)
            yield Step((), reloading(state, anew), saves=True)
            raise
        if reload.cutoff < start.cutoff:
            # It began in an earlier run, and what it read then may be older than what is loaded.
            yield from (Step(page.records, state) for page in self._rest(start, reload.cutoff))
            since = DeletionStart(reload.cutoff, is_bin_known=True)
            deletions = dataclasses.replace(self.deletions, start=since, remembers=True)
            _, found = deletions.look(deletions.begin())
            yield Step(deletions.tombstones(found), state)
        logger.info(
            "%s: %s read again for %s.",
            name,
            counted(records, "record"),
            counted(ledger.of(name)[1] - spent, "credit"),
        )
        refused = self.source.refusals.lasting()
        yield Step((), reloaded(state, reload.cutoff, self.columns, refused), saves=True)

    def _compare(self, reload: Reload, read: int) -> None:
        """Make sure that a second read of everything has read so many; ZohoError: it has not."""
        begin = self.run.settings.start_date if self.source.has_modified_time else None
        window = Window(begin, reload.cutoff, unstamped=True)
        compare_with_zoho(self.run.read_paths, self.source, window, reload.emitted + read)

    def _path(self) -> str | None:
        path = self.run.settings.read_path
        return None if path is ReadPathChoice.AUTO else path.value

    def _rest(self, start: ReadStart, since: datetime) -> Iterator[Page]:
        """Yield what has changed since a read began in an earlier run: no work for a bulk job."""
        name = self._path()
        paths = {path.name: path for path in self.run.read_paths}
        path = None if name is None or not paths[name].suits_increments else name
        rest = dataclasses.replace(
            start, is_first=False, since=since, until=start.cutoff, checkpoint=None
        )
        return self._window(rest, path)

    def _window(self, start: ReadStart, path: str | None) -> Iterator[Page]:
        reader = ModuleReader(self.source, self.run.read_paths, self.run.executors, path)
        self._reader = reader
        window = Window(
            start.since,
            start.until,
            unstamped=start.is_first,
            # A table that is read whole each time would lack what changes meanwhile.
            unending=self.start.key is None,
        )
        try:
            yield from reader.pages(window, checkpoint=start.checkpoint)
        finally:
            self.mismatches |= self.source.mismatches


def _after_page_again(reload: Reload, page: Page, emitted: int) -> Reload | None:
    """Return how far a second read has come after a page; None if the page does not say."""
    if page.watermark is None and page.checkpoint is None:
        return None
    after = reload.after if page.watermark is None else page.watermark
    checkpoint = None if page.checkpoint is None else dict(page.checkpoint)
    return msgspec.structs.replace(reload, after=after, emitted=emitted, checkpoint=checkpoint)


def _passes_the_bin(page: Page) -> bool:
    """Whether STATE will say that what was in the recycle bin needs no reading any more."""
    if page.checkpoint is not None:
        # What bulk jobs lack is found out in the end.
        return not page.is_rechecked
    return page.watermark is not None
