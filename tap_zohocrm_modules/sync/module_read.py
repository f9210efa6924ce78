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
from tap_zohocrm_modules.sync.columns import columns_of
from tap_zohocrm_modules.sync.module_progress import ModuleProgress, ReadResult
from tap_zohocrm_modules.sync.read_start import ReadStart
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import Reload
from tap_zohocrm_modules.sync.sweep import Sweep
from tap_zohocrm_modules.sync.tombstones import Tombstones
from tap_zohocrm_modules.zoho.records.engine import ModuleReader
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Page, Source, Window
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """Records to be emitted, and what STATE becomes after them.

    Attributes:
        records: The records, or tombstones.
        note: Changes STATE.
        saves: Whether STATE is to be written in any case, however few records there are.
        sweep: What compares the ids that exist with those emitted, before the records.
        is_whole: Whether every record has been emitted by now, so that counts can be compared.
    """

    records: Sequence[Record]
    note: Callable[[ModuleProgress], None]
    saves: bool = False
    sweep: Sweep | None = None
    is_whole: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Due:
    """What is due in a run besides the changes.

    Attributes:
        reload: The second read of the whole module.
        sweep: Whether the ids that exist are to be compared with those emitted.
    """

    reload: Reload | None = None
    sweep: bool = False


class ModuleRead:
    """Reads one module in one run.

    Args:
        start: Where the read begins.
        loaded: The columns that earlier runs have loaded for every record, and that are wanted.
        due: What is due besides the changes.
    """

    def __init__(
        self,
        run: Run,
        source: Source,
        start: ReadStart,
        loaded: Mapping[str, str],
        due: Due,
    ) -> None:
        self._run = run
        self._source = source
        self._start = start
        self._columns = columns_of(source.fields)
        self._loaded = loaded
        self._reload = due.reload
        self._sweeps = due.sweep
        self._reader: ModuleReader | None = None
        self.mismatches: set[str] = set()
        """Columns of which a value did not fit, so far."""

    @property
    def expected(self) -> int | None:
        """How many records the present part of the read will yield, if that is known."""
        return None if self._reader is None else self._reader.expected

    @property
    def path(self) -> str | None:
        """The path by which records are read, once it is chosen."""
        return None if self._reader is None else self._reader.path

    def steps(self) -> Iterator[Step]:
        """Yield what is to be emitted, in its order.

        Raises:
            ZohoError: Zoho refuses, or a call failed.
        """
        start = self._start
        whole = start.key is None
        # Of a table that is read whole this time only, increments will go on.
        remembered = None if whole and not start.has_bookmark else start.recycled
        tombstones = Tombstones(self._run, self._source, remembered, whole=whole)
        yield from self._changes(tombstones)
        deletions = tombstones.since(start.deleted_until, first=not start.is_bin_known)
        if deletions and tombstones.remembered:
            # Should the run be killed after them, and one of these records be restored.
            yield _remember(tombstones.remembered)
        yield Step(deletions, _nothing)
        back = list(tombstones.restored())
        yield Step(back, _nothing, saves=not back)
        # What came back before the bin could be listed is in no list.
        sweeps = self._sweeps or (tombstones.has_listed_bin and not start.is_first)
        late = (start.deleted_until or start.until) if tombstones.refused else None
        result = ReadResult(
            start.cutoff,
            late,
            tombstones.remembered,
            self._columns if start.is_first else self._loaded,
            whole=start.is_whole,
            swept=sweeps or tombstones.surplus is not None,
        )
        sweep = Sweep(self._run, self._source, start, tombstones.surplus)
        yield Step(
            (),
            lambda state: state.finished(result),
            sweep=sweep if sweeps or sweep.surplus is not None else None,
            is_whole=start.is_whole,
        )
        if self._reload is not None:
            yield from self._read_again(self._reload)

    def _changes(self, tombstones: Tombstones) -> Iterator[Step]:
        """Yield the records that are new or changed."""
        start, cutoff = self._start, self._start.cutoff
        has_looked = False
        for page in self._window(start, self._path()):
            if has_looked or not _passes_the_bin(page):
                yield Step(page.records, _reached(page), saves=not page.records)
                continue
            has_looked = True
            # Nobody need wait for them while Zoho says what is in the bin.
            yield Step(page.records, _nothing)
            binned = tombstones.snapshot(start.deleted_until, first=not start.is_bin_known)
            saves = binned is not None or not page.records
            yield Step((), _passed(page, binned), saves=saves)
        if self._source.has_modified_time and start.until < cutoff:
            # The read began in an earlier run, at that run's cutoff.
            if self._start.key is not None:
                done = ReadResult(start.until, start.deleted_until)
                yield Step((), lambda state: state.finished(done))
            rest = dataclasses.replace(
                start, is_first=False, since=start.until, until=cutoff, checkpoint=None
            )
            for page in self._window(rest, self._path_for_little()):
                yield Step(page.records, _reached(page), saves=not page.records)

    def _read_again(self, reload: Reload) -> Iterator[Step]:
        """Yield every record once more, and what has changed since that read began."""
        start = ReadStart(
            key=self._start.key,
            is_first=reload.after is None,
            since=reload.after or self._run.settings.start_date,
            cutoff=self._start.cutoff,
            until=reload.cutoff,
            checkpoint=reload.checkpoint,
            selection=reload.selection,
        )
        yield Step((), lambda state: state.reloading(reload), saves=True)
        ledger, name = self._run.client.credits, self._source.stream
        records, (_, spent) = 0, ledger.of(name)
        for page in self._window(start, self._path()):
            yield Step(page.records, _reloading(reload, page), saves=not page.records)
            records += len(page.records)
        cutoff = self._start.cutoff
        if reload.cutoff < cutoff:
            # It began in an earlier run, and what it read then may be older than what is loaded.
            rest = dataclasses.replace(
                start, is_first=False, since=reload.cutoff, until=cutoff, checkpoint=None
            )
            for page in self._window(rest, self._path_for_little()):
                yield Step(page.records, _nothing)
            tombstones = Tombstones(self._run, self._source, {}, whole=False)
            yield Step(tombstones.since(reload.cutoff, first=False), _nothing)
        logger.info(
            "%s: %s read again for %s.",
            name,
            counted(records, "record"),
            counted(ledger.of(name)[1] - spent, "credit"),
        )
        yield Step((), lambda state: state.reloaded(self._columns, reload.cutoff), saves=True)

    def _path(self) -> str | None:
        path = self._run.settings.read_path
        return None if path is ReadPathChoice.AUTO else path.value

    def _path_for_little(self) -> str | None:
        """Return the path for what is left of a read, which is no work for a bulk job."""
        name = self._path()
        paths = {path.name: path for path in self._run.read_paths}
        return None if name is None or not paths[name].suits_increments else name

    def _window(self, start: ReadStart, path: str | None) -> Iterator[Page]:
        reader = ModuleReader(self._source, self._run.read_paths, self._run.executors, path)
        self._reader = reader
        window = Window(
            start.since,
            start.until,
            unstamped=start.is_first,
            # A table that is read whole each time would lack what changes meanwhile.
            unending=self._start.key is None,
        )
        try:
            yield from reader.pages(window, first=start.is_first, checkpoint=start.checkpoint)
        finally:
            self.mismatches |= self._source.mismatches


def _nothing(_: ModuleProgress) -> None:
    pass


def _remember(recycled: Mapping[str, datetime]) -> Step:
    kept = dict(recycled)
    return Step((), lambda state: state.recycled(kept), saves=True)


def _reached(page: Page) -> Callable[[ModuleProgress], None]:
    return lambda state: state.reached(page)


def _passed(
    page: Page, recycled: Mapping[str, datetime] | None
) -> Callable[[ModuleProgress], None]:
    def note(state: ModuleProgress) -> None:
        if recycled is not None:
            state.recycled(recycled)
        state.reached(page)

    return note


def _reloading(reload: Reload, page: Page) -> Callable[[ModuleProgress], None]:
    after = reload.after if page.watermark is None else page.watermark
    checkpoint = None if page.checkpoint is None else dict(page.checkpoint)
    if page.watermark is None and page.checkpoint is None:
        return _nothing
    now = msgspec.structs.replace(reload, after=after, checkpoint=checkpoint)
    return lambda state: state.reloading(now)


def _passes_the_bin(page: Page) -> bool:
    """Whether STATE will say that what was in the recycle bin needs no reading any more."""
    if page.checkpoint is not None:
        # What bulk jobs lack is found out in the end.
        return not page.is_rechecked
    return page.watermark is not None
