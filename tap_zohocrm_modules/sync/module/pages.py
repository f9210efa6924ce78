"""The pages of one module's windows, by the read path that the settings want."""

from __future__ import annotations

import dataclasses
import logging
from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime

from tap_zohocrm_modules.config.choices import ReadPathChoice
from tap_zohocrm_modules.sync.module.count import UntimedMissingError
from tap_zohocrm_modules.sync.module.start import ReadStart
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.count import count_in
from tap_zohocrm_modules.zoho.records.engine import RecordEngine
from tap_zohocrm_modules.zoho.records.id_set import IdSet, id_numbers
from tap_zohocrm_modules.zoho.records.read_path import ReadPath
from tap_zohocrm_modules.zoho.records.reading import NEVER, Page, Source, Window
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.transport.errors import ApiError
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)


@dataclasses.dataclass(eq=False)
class ModulePages:
    """Reads windows of one module, one after the other."""

    run: Run
    source: Source
    _: dataclasses.KW_ONLY
    unending: bool  # what changes after a window's end is wanted, too

    _engine: RecordEngine | None = dataclasses.field(default=None, init=False)
    # Columns of which a value did not fit, so far.
    mismatches: set[str] = dataclasses.field(default_factory=set, init=False)
    # How many records of the read were emitted before those that this run reads, and how many of
    # them it reads again: those changed late, and those without `Modified_Time`.
    before: int = dataclasses.field(default=0, init=False)
    late: int = dataclasses.field(default=0, init=False)
    untimed: int = dataclasses.field(default=0, init=False)
    # So many of the latter are read again, and emitted where nobody knows their ids.
    repeated: int = dataclasses.field(default=0, init=False)
    # Records that were deleted since the cutoff, as far as Zoho lists them.
    deleted_later: Sequence[str] = dataclasses.field(default=(), init=False)
    _untimed_read: IdSet = dataclasses.field(default_factory=IdSet, init=False)

    @property
    def beginnings(self) -> int:
        """How often the present part of the read has begun with its first record."""
        return 0 if self._engine is None else self._engine.beginnings

    @property
    def expected(self) -> int | None:
        """How many records the present part of the read will yield, if that is known."""
        return None if self._engine is None else self._engine.expected

    @property
    def path(self) -> str | None:
        """The path by which records are read, once it is chosen."""
        return None if self._engine is None else self._engine.path

    def from_start(self, start: ReadStart) -> Iterator[Page]:
        """Yield what begins at a start, or goes on there."""
        self._count(start, 0)
        for page in self._window(start, self._path()):
            self._count(start, self.beginnings)
            yield page
        self._count(start, self.beginnings)

    @property
    def most_untimed(self) -> int:
        """So many of the records of the read are without `Modified_Time` at most."""
        return len(self._untimed_read) + (0 if self.repeated else self.untimed)

    @property
    def has_untimed(self) -> bool:
        """Whether records without `Modified_Time` have been noted, which may get one meanwhile."""
        return bool(self._untimed_read)

    def note_again(self, records: Records) -> None:
        """Note records that are emitted, some of which may have been without a time before."""
        if self._untimed_read:
            self._untimed_read.remove(records.numbers())

    def note(self, untimed: array[int]) -> None:
        """Note the records without `Modified_Time` among some that are emitted."""
        if self.source.has_modified_time:
            self._untimed_read.add(untimed)

    def forget(self, tombstones: Sequence[str]) -> None:
        """Forget the records of tombstones."""
        if tombstones:
            self._untimed_read.remove(id_numbers(tombstones))

    def note_deleted(self, later: Sequence[str]) -> None:
        """Note the records that have been deleted since the cutoff, as far as Zoho lists them."""
        self.deleted_later = later
        self.forget(later)

    def _count(self, start: ReadStart, beginnings: int) -> None:
        # Where an earlier run's path cannot go on, another one begins the window once more.
        goes_on = start.checkpoint is None or not beginnings
        self.before = start.emitted if goes_on else start.settled
        self.late = start.late if goes_on else 0
        self.untimed = start.untimed if goes_on or start.ends_first else 0

    def again(self, start: ReadStart) -> Iterator[Page]:
        """Yield what a second read still has to read, from its beginning or where it resumes."""
        return self._window(start, self._path())

    def _path(self) -> str | None:
        path = self.run.settings.read_path
        return None if path is ReadPathChoice.AUTO else path.value

    def unstamped(self, cutoff: datetime) -> Iterator[Page]:
        """Yield the records without `Modified_Time`, by a query that asks for them alone.

        Where nobody may ask, a warning says what helps.
        """
        try:
            if paths := self._paths_to_untimed():
                for page in self._untimed(paths, cutoff):
                    self.note(page.records.untimed())
                    yield page
                self.repeated = self.untimed
                return
        except ApiError as error:
            logger.debug("%s: records without Modified_Time: %s", self.source.stream, error)
        logger.warning(
            "%s: it has records without Modified_Time, and new ones can only be found by reading"
            " the module whole: set refresh_days, and name %s in refresh_modules.",
            self.source.stream,
            self.source.module.api_name,
            extra=about(self.source.stream),
        )

    def missing(self, error: UntimedMissingError, cutoff: datetime) -> Iterator[Page]:
        """Yield the records without `Modified_Time` once more, since some of them are missing.

        Where fewer come than Zoho counted before, they are asked for twice.

        UntimedMissingError: some still are.
        """
        paths = self._paths_to_untimed()
        for _ in range(2 if paths else 0):
            found, untimed = 0, count_in(paths, self.source, _untimed_window(cutoff))
            for page in self._untimed(paths, cutoff):
                found += len(page.records)
                yield page
            if untimed is not None and found >= untimed:
                return
        raise error

    def _paths_to_untimed(self) -> list[ReadPath]:
        # Whatever path the settings want: no other finds them without reading the module whole.
        return [
            path
            for path in self.run.read_paths
            if path.queries is not None
            and path.reads(self.source.module)
            and not self.source.refusals.refuses(path.name)
        ]

    def _untimed(self, paths: Sequence[ReadPath], cutoff: datetime) -> Iterator[Page]:
        engine = RecordEngine(self.source, paths, self.run.executors)
        return engine.pages(_untimed_window(cutoff), checkpoint=None)

    def rest(self, start: ReadStart, since: datetime) -> Iterator[Page]:
        """Yield what has changed since a read began in an earlier run: no work for a bulk job."""
        name = self._path()
        paths = {path.name: path for path in self.run.read_paths}
        path = None if name is None or not paths[name].suits_increments else name
        rest = dataclasses.replace(
            start, is_first=False, since=since, until=start.cutoff, checkpoint=None
        )
        return self._window(rest, path)

    def _window(self, start: ReadStart, path: str | None) -> Iterator[Page]:
        engine = RecordEngine(self.source, self.run.read_paths, self.run.executors, path)
        self._engine = engine
        window = Window(
            start.since,
            start.until,
            unstamped=start.is_first,
            unending=self.unending,
        )
        try:
            yield from engine.pages(window, checkpoint=start.checkpoint)
        finally:
            self.mismatches |= self.source.mismatches


def _untimed_window(cutoff: datetime) -> Window:
    """Return the window of the records without `Modified_Time` alone."""
    return Window(NEVER, cutoff, unstamped=True, unending=True)
