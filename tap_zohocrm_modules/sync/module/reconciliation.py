"""Whether a read of everything has emitted all that Zoho has, once it has come to its end."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from tap_zohocrm_modules.sync.deletions.ids import KnownIds
from tap_zohocrm_modules.sync.module.count import (
    UntimedMissingError,
    compare_with_zoho,
    look_again,
)
from tap_zohocrm_modules.sync.module.emitted import RecentRecords
from tap_zohocrm_modules.sync.module.pages import ModulePages
from tap_zohocrm_modules.sync.module.start import ReadStart
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.id_set import id_numbers
from tap_zohocrm_modules.zoho.records.reading import Page, Source, Window


@dataclasses.dataclass(frozen=True, slots=True)
class Reconciliation:
    """Compares what a read of everything has emitted with what Zoho counts or lists."""

    run: Run
    source: Source
    start: ReadStart
    ids: KnownIds  # those that the destination may have
    pages: ModulePages
    recent: RecentRecords | None

    def pages_left(self, records: int) -> Iterator[Page]:
        """Yield what came meanwhile, or was not read, after so many `records` of this run.

        The count that chose the read path is taken where it agrees. Otherwise Zoho is asked once
        more, for a credit: what one call says to be all of them as well.
        IncompleteReadError: records are missing.
        """
        start, known, pages, recent = self.start, self.ids.ids, self.pages, self.recent
        repeated = pages.repeated if known is None else 0
        emitted = self.ids.emitted(pages.before - repeated, records)
        # Of a read that an earlier run began nobody has counted the records.
        resumed = start.checkpoint is not None or start.ends_first
        if resumed and known is not None:
            # A read that begins anew, by another path, emits some of them once more.
            emitted = min(emitted, len(known))
        # What has changed or gone since the cutoff is in no count up to it.
        later: set[str] = set() if recent is None else recent.changed_later
        emitted -= len(later)
        counted = pages.expected
        if resumed or later or counted != emitted:
            emitted -= self._emitted_of({*pages.deleted_later} - later)
            window = Window(start.begin, self.run.cutoff, unstamped=True)
            paths, most = self.run.read_paths, pages.most_untimed
            try:
                counted = compare_with_zoho(paths, self.source, window, emitted, most)
            except UntimedMissingError as error:
                emitted = counted = error.counted
                yield from pages.missing(error, self.run.cutoff)
            if counted is None:
                yield from self._looked_again(window)
        outcome = self.run.report.outcome(self.source.stream)
        outcome.counted = counted
        outcome.difference = None if counted is None else emitted - counted

    def _emitted_of(self, gone: set[str]) -> int:
        """Return how many of these records have been emitted, as far as that is known."""
        emitted = self.ids.ids if self.ids.seen is None else self.ids.seen
        return 0 if emitted is None else len(gone) - len(emitted.lacks(id_numbers([*gone])))

    def _looked_again(self, window: Window) -> Iterator[Page]:
        """Yield what was not read of records that nobody counts, where it is known what was."""
        executor, seen = self.run.executors.single, self.ids.seen
        read = self.ids.ids if seen is None else seen
        if read is not None:
            in_one = seen is not None
            yield Page(look_again(self.source, window, read, executor, in_one=in_one))
