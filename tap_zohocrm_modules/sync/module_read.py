"""What one run reads of one module, as steps: some records, and what STATE becomes after them.

Any thread may take the steps: they change no STATE and write nothing.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from tap_zohocrm_modules.config.choices import ReadPathChoice
from tap_zohocrm_modules.sync.module_progress import ModuleProgress, ReadResult
from tap_zohocrm_modules.sync.read_start import ReadStart
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import Reload
from tap_zohocrm_modules.sync.tombstones import Sweep, Tombstones
from tap_zohocrm_modules.zoho.records.engine import ModuleReader
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Page, Source, Window
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """Records to be emitted, and what STATE becomes after them."""

    records: Sequence[Record]  # or tombstones
    note: Callable[[ModuleProgress], None] = lambda _: None  # changes STATE
    saves: bool = False  # STATE is to be written in any case, however few records there are
    sweep: Sweep | None = None  # compares the ids that exist with those emitted, before the records
    is_whole: bool = False  # every record has been emitted by now, so that counts can be compared


@dataclasses.dataclass(eq=False)
class ModuleRead:
    """Reads one module in one run."""

    run: Run
    source: Source
    start: ReadStart
    columns: Mapping[str, str]  # those that are loaded for every record after the changes
    reload: Reload | None  # the second read of the whole module, if it is due
    sweeps: bool  # whether the ids that exist are to be compared with those emitted

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

    def steps(self) -> Iterator[Step]:
        """Yield what is to be emitted, in its order; ZohoError: a call was refused or failed."""
        start = self.start
        whole = start.key is None
        # Of a table that is read whole this time only, increments will go on.
        remembered = None if whole and not start.has_bookmark else start.recycled
        tombstones = Tombstones(self.run, self.source, remembered, whole=whole)
        yield from self._changes(tombstones)
        deletions = tombstones.since(start.deleted_until, first=not start.is_bin_known)
        if deletions and tombstones.remembered:
            # Should the run be killed after them, and one of these records be restored.
            kept = dict(tombstones.remembered)
            yield Step((), lambda state: state.recycled(kept), saves=True)
        yield Step(deletions)
        back = list(tombstones.restored())
        yield Step(back, saves=not back)
        sweeps = (
            self.sweeps
            or tombstones.surplus is not None
            # What came back before the bin could be listed is in no list.
            or (
                (tombstones.has_listed_bin or start.lacks_bin)
                and not (start.is_first or tombstones.refused)
            )
        )
        result = ReadResult(
            start.cutoff,
            (start.deleted_until or start.until) if tombstones.refused else None,
            tombstones.remembered,
            self.columns,
            whole=start.is_whole,
            swept=sweeps or (start.is_whole and not tombstones.refused),
        )
        yield Step(
            (),
            lambda state: state.finished(result),
            sweep=Sweep(self.run, self.source, start, tombstones) if sweeps else None,
            is_whole=start.is_whole,
        )
        if self.reload is not None:
            yield from self._read_again(self.reload)

    def _changes(self, tombstones: Tombstones) -> Iterator[Step]:
        """Yield the records that are new or changed."""
        start = self.start
        has_looked = False
        for page in self._window(start, self._path()):
            if has_looked or not _passes_the_bin(page):
                yield _reaching(page)
                continue
            has_looked = True
            # Nobody need wait for them while Zoho says what is in the bin.
            yield Step(page.records)
            binned = tombstones.snapshot(start.deleted_until, first=not start.is_bin_known)
            saves = binned is not None or not page.records
            yield Step((), _passing(page, binned), saves=saves)
        if self.source.has_modified_time and start.until < start.cutoff:
            # The read began in an earlier run, at that run's cutoff.
            if start.key is not None:
                done = ReadResult(start.until, start.deleted_until)
                yield Step((), lambda state: state.finished(done))
            yield from map(_reaching, self._rest(start, start.until))

    def _read_again(self, reload: Reload) -> Iterator[Step]:
        """Yield every record once more, and what has changed since that read began."""
        start = dataclasses.replace(
            self.start,
            is_first=reload.after is None,
            since=reload.after or self.run.settings.start_date,
            until=reload.cutoff,
            checkpoint=reload.checkpoint,
        )
        yield Step((), lambda state: state.reloading(reload), saves=True)
        ledger, name = self.run.client.credits, self.source.stream
        records, (_, spent) = 0, ledger.of(name)
        for page in self._window(start, self._path()):
            yield Step(page.records, _reloading(reload, page), saves=not page.records)
            records += len(page.records)
        if reload.cutoff < start.cutoff:
            # It began in an earlier run, and what it read then may be older than what is loaded.
            yield from (Step(page.records) for page in self._rest(start, reload.cutoff))
            tombstones = Tombstones(self.run, self.source, {}, whole=False)
            yield Step(tombstones.since(reload.cutoff, first=False))
        logger.info(
            "%s: %s read again for %s.",
            name,
            counted(records, "record"),
            counted(ledger.of(name)[1] - spent, "credit"),
        )
        yield Step((), lambda state: state.reloaded(reload.cutoff), saves=True)

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
            yield from reader.pages(window, first=start.is_first, checkpoint=start.checkpoint)
        finally:
            self.mismatches |= self.source.mismatches


def _reaching(page: Page) -> Step:
    return Step(page.records, lambda state: state.reached(page), saves=not page.records)


def _passing(
    page: Page, recycled: Mapping[str, datetime] | None
) -> Callable[[ModuleProgress], None]:
    def note(state: ModuleProgress) -> None:
        if recycled is not None:
            state.recycled(recycled)
        state.reached(page)

    return note


def _reloading(reload: Reload, page: Page) -> Callable[[ModuleProgress], None]:
    if page.watermark is None and page.checkpoint is None:
        return lambda _: None
    after = reload.after if page.watermark is None else page.watermark
    checkpoint = None if page.checkpoint is None else dict(page.checkpoint)
    now = msgspec.structs.replace(reload, after=after, checkpoint=checkpoint)
    return lambda state: state.reloading(now)


def _passes_the_bin(page: Page) -> bool:
    """Whether STATE will say that what was in the recycle bin needs no reading any more."""
    if page.checkpoint is not None:
        # What bulk jobs lack is found out in the end.
        return not page.is_rechecked
    return page.watermark is not None
