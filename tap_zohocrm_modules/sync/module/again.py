"""The second read of a whole module: for new columns, and for values that change silently."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime

import msgspec

from tap_zohocrm_modules.sync.deletions.known import EVER, DeletionStart
from tap_zohocrm_modules.sync.deletions.reader import DeletionReader
from tap_zohocrm_modules.sync.module.columns import Columns
from tap_zohocrm_modules.sync.module.count import (
    RecordsMissingError,
    UntimedMissingError,
    compare_with_zoho,
    look_again,
)
from tap_zohocrm_modules.sync.module.emitted import EmittedCount
from tap_zohocrm_modules.sync.module.pages import ModulePages
from tap_zohocrm_modules.sync.module.start import ReadStart
from tap_zohocrm_modules.sync.module.state import Step, reloaded, reloading
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import ModuleState, Reload
from tap_zohocrm_modules.zoho.records.id_set import IdSet
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.reading import Page, Source, Window
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class SecondRead:
    """Reads every record once more; the bookmark stays."""

    run: Run
    source: Source
    start: ReadStart  # where the run's read began
    pages: ModulePages
    columns: Columns  # the selected ones
    deletions: DeletionReader
    # The records whose tombstones this run has emitted. Calls that lag behind may still show them;
    # one that came back meanwhile is in the recycle bin as STATE has it, and comes next time.
    gone: AbstractSet[str]

    def steps(self, state: ModuleState, reload: Reload) -> Iterator[Step]:
        """Yield every record once more, and what has changed since that read began."""
        begin = self._begin(state)
        start = dataclasses.replace(
            self.start,
            is_first=reload.after is None,
            since=reload.after or begin,
            until=reload.cutoff,
            checkpoint=reload.checkpoint,
        )
        state = reloading(state, reload)
        yield Step(Rows(), state, saves=True)
        ledger, name = self.run.client.credits, self.source.stream
        records, (_, spent) = 0, ledger.charged_to(name)
        seen, before, beginnings = IdSet(), reload.emitted, 0
        count = EmittedCount(before, 0, 0, start.since)
        for page in map(self._existing, self.pages.again(start)):
            if beginnings < self.pages.beginnings:
                beginnings = self.pages.beginnings
                # An earlier run's path may not go on, and all is read once more.
                before = reload.emitted if reload.checkpoint is None else 0
                count.begin_anew(before, 0, 0)
            records += len(page.records)
            seen.add(page.records.numbers())
            floor = rfc3339(count.floor(page.watermark, page.checkpoint))
            count.add(page, page.records.changed(floor))
            again = _after_page_again(reload, page, count)
            state = reloading(state, again or state.reload or reload)
            yield Step(page.records, state, saves=not page.records)
        emitted = before + len(seen)
        # How many of an earlier run's had no time, nobody has counted.
        untimed = emitted if before else count.untimed
        try:
            for page in self._left(begin, reload, emitted, untimed, None if before else seen):
                if self.source.has_modified_time and page.records.untimed():
                    state = msgspec.structs.replace(state, unstamped=True)
                yield Step(page.records, state)
        except RecordsMissingError:
            # What is missing lies before the point where a later run would go on.
            anew = Reload(cutoff=reload.cutoff, selection=reload.selection)
            yield Step(Rows(), reloading(state, anew), saves=True)
            raise
        if reload.cutoff < start.cutoff:
            # It began in an earlier run, and what it read then may be older than what is loaded.
            yield from (Step(page.records, state) for page in self.pages.rest(start, reload.cutoff))
            since = DeletionStart(reload.cutoff, is_bin_known=True)
            deletions = dataclasses.replace(self.deletions, start=since, remembers=True)
            _, found = deletions.look(deletions.begin())
            yield Step(deletions.tombstones(found), state)
        logger.info(
            "%s: %s read again for %s.",
            name,
            counted(records, "record"),
            counted(ledger.charged_to(name)[1] - spent, "credit"),
        )
        refused = self.source.refusals.lasting()
        state = msgspec.structs.replace(state, read_since=begin or EVER)
        yield Step(Rows(), reloaded(state, reload.cutoff, self.columns, refused), saves=True)

    def _existing(self, page: Page) -> Page:
        if not self.gone or not (gone := self.gone & {*page.records.values(ID)}):
            return page
        return dataclasses.replace(page, records=page.records.replacing(dict.fromkeys(gone)))

    def _begin(self, state: ModuleState) -> datetime | None:
        """Return from when on records are read once more; None for all.

        Those are among them that were read before `start_date` was set, or set later.
        """
        begin = self.run.settings.start_date if self.source.has_modified_time else None
        if begin is None or state.read_since is None:
            return begin
        return None if state.read_since == EVER else min(begin, state.read_since)

    def _left(
        self,
        begin: datetime | None,
        reload: Reload,
        emitted: int,
        untimed: int,
        seen: IdSet | None,
    ) -> Iterator[Page]:
        """Yield what a second read of everything has left to itself; ZohoError: it is not whole.

        `seen` are the ids of what it has read; None if an earlier run has read some of it.
        """
        window = Window(begin, reload.cutoff, unstamped=True)
        try:
            found = compare_with_zoho(self.run.read_paths, self.source, window, emitted, untimed)
        except UntimedMissingError as error:
            yield from self.pages.missing(error, reload.cutoff)
            return
        if found is None and seen is not None:
            executor = self.run.executors.single
            yield Page(look_again(self.source, window, seen, executor, in_one=True))


def _after_page_again(reload: Reload, page: Page, count: EmittedCount) -> Reload | None:
    """Return how far a second read has come after a page; None if the page does not say."""
    if page.watermark is None and page.checkpoint is None:
        return None
    after = reload.after if page.watermark is None else page.watermark
    emitted = count.all if page.watermark is None else count.until(page.watermark)
    checkpoint = None if page.checkpoint is None else dict(page.checkpoint)
    return msgspec.structs.replace(reload, after=after, emitted=emitted, checkpoint=checkpoint)
