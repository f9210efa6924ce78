"""The deletions of one module in one run, as steps: tombstones, and records that came back."""

from __future__ import annotations

import dataclasses
import itertools
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from tap_zohocrm_modules.sync.deletions.known import (
    EVER,
    BinSnapshot,
    Deleted,
    DeletionStart,
    DeletionStep,
    remembering,
    without,
)
from tap_zohocrm_modules.sync.deletions.listing import existing, records_of
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.deletions import (
    UNTRACKED,
    Deletion,
    DeletionList,
    Deletions,
    TooManyDeletionsError,
)
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, ID
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.transport.errors import PermissionRefusedError, UnavailableError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

# Looking for more ids than take so many calls costs more than asking for the bin's last page.
_MOST_CALLS = 3

# Zoho forgets deletions that are older.
_LISTED = timedelta(days=120)


@dataclasses.dataclass(frozen=True, slots=True)
class DeletionReader:
    """Reads the deletions of one module in one run."""

    run: Run
    source: Source
    start: DeletionStart
    _: dataclasses.KW_ONLY
    emits: bool  # tombstones are wanted
    reads_all: bool  # every record is read this time
    # How far lists of all deletions have been read, by their kind: a later run resumes them.
    lists: dict[str, DeletionList]
    remembers: bool  # later runs have to look whether what is in the bin has come back
    # Of those emitted as deleted within the lookback, what this run has read as a record: it came
    # back, or Zoho's lists of records lag behind that of deletions.
    shown: set[str]

    @property
    def is_tracked(self) -> bool:
        """Whether Zoho keeps track of deletions in modules of this kind."""
        return self.source.module.kind not in UNTRACKED

    @property
    def _emitted(self) -> Mapping[str, datetime]:
        """The deletions of the lookback that stand as they were emitted."""
        return without(self.start.recent, self.shown)

    def begin(self) -> Deleted:
        """Return what is known before anybody has looked."""
        is_listed = self.is_tracked and (self.emits or self.remembers)
        remembered = self.start.recycled if is_listed and self.remembers else {}
        known = Deleted(dict(remembered), is_listed)
        if not (self.start.has_surplus and self.emits and is_listed):
            return known
        surplus = Deletions.from_source(self.source).surplus(self.start.deleted_until)
        return dataclasses.replace(known, obstacle=surplus)

    def snapshot(self, known: Deleted) -> DeletionStep:
        """Return what is known by the time STATE passes what is in the bin, unread."""
        if self.reads_all or not known.is_listed:
            return DeletionStep(Rows(), known)
        known, _ = self.look(known)
        return DeletionStep(Rows(), known, remembers=not known.is_refused)

    def steps(self, known: Deleted) -> Iterator[DeletionStep]:
        """Yield the tombstones up to the run's cutoff, then what has come back from the bin.

        They are read after the records: what was in the bin by then, and was not read, is in the
        list, unless it has come back in between. ZohoError: a call was refused or failed.
        """
        binned = {} if self.reads_all else known.recycled
        # A few are looked for meanwhile; what comes back in between is seen by the next run.
        calls = -(-len(binned) // self.source.limits.list_ids)
        executors = self.run.executors
        looking = executors.pages.submit(self._back, binned) if 0 < calls <= _MOST_CALLS else None
        known, deletions = self.look(known, is_last=True)
        tombstones = self.tombstones(deletions)
        if tombstones and known.recycled:
            yield DeletionStep(Rows(), known, remembers=True)
        yield DeletionStep(tombstones, known)
        back = Rows()
        if known.recycled and not self.reads_all:
            there = set() if looking is None else looking.result()
            # Of what an earlier run has listed, some may have come back before this one began.
            is_listed_before = any(one.is_taken_up for one in self.lists.values())
            if looking is None or is_listed_before:
                there |= self._back(without(known.recycled, () if looking is None else binned))
            back = records_of(self.source, there, executors.single)
            ids = back.values(ID)
            recent = None if known.recent is None else without(known.recent, ids)
            # Should they be listed as deleted again, they have to be emitted as such again.
            known = dataclasses.replace(known, recycled=without(known.recycled, ids), recent=recent)
        yield DeletionStep(back, known, is_last=True)

    def _back(self, binned: BinSnapshot) -> set[str]:
        """Return which of the records in the bin are there again."""
        calls = -(-len(binned) // self.source.limits.list_ids)
        if calls > _MOST_CALLS:
            module, stream = self.source.module.api_name, self.source.stream
            if self.run.deletions.are_binned(module, stream, binned.keys()):
                return set()
        return existing(self.source, binned, self.run.executors.single)

    def tombstones(self, deletions: Sequence[Deletion]) -> Rows:
        """Return the tombstones of deletions before the run's cutoff, but for those emitted."""
        recent = self._emitted
        return Rows(
            {ID: deletion.id, DELETED_AT: rfc3339(deletion.deleted_time)}
            for deletion in (deletions if self.emits else ())
            if deletion.deleted_time < self.run.cutoff
            and not (deletion.id in recent and deletion.deleted_time <= recent[deletion.id])
        )

    def look(self, known: Deleted, *, is_last: bool = False) -> tuple[Deleted, Sequence[Deletion]]:
        """Return what is known after a look into Zoho's lists, and the deletions to be emitted.

        Those that are due from before the bookmark are in the last look of a run only.
        """
        if not known.is_listed or known.is_refused:
            return known, []
        try:
            lists_bin = not (self.start.is_bin_known or self.reads_all or known.exceeded)
            older, is_whole = self._older() if is_last else ((), False)
            binned = self._bin(self.lists) if lists_bin and not is_whole else ()
            try:
                found, surplus = self._recently(known)
            except TooManyDeletionsError as error:
                return self._exceeded(self._remembering(known, older), error), older
        except PermissionRefusedError as error:
            logger.warning(
                "%s: read without its deletions, which will be emitted once they may be read: %s",
                self.source.stream,
                error,
                extra=about(self.source.stream),
            )
            return dataclasses.replace(known, obstacle=error), []
        except UnavailableError as error:
            logger.info("%s: Zoho lists no deletions of it: %s", self.source.stream, error)
            return dataclasses.replace(known, is_listed=False), []
        except TooManyDeletionsError as error:
            return self._exceeded(known, error), []
        known = self._remembering(known, (*older, *binned, *found))
        emitted = (*older, *(one for one in found if one not in {*older}))
        later = [one.id for one in emitted if one.deleted_time >= self.run.cutoff]
        is_bin_listed = known.is_bin_listed or lists_bin
        known = dataclasses.replace(known, is_bin_listed=is_bin_listed, later=later)
        if surplus is not None and self.emits:
            known = dataclasses.replace(known, obstacle=surplus, has_recent=True)
        if is_last and self.emits:
            known = dataclasses.replace(known, recent=self._recent(emitted))
        return known, emitted

    def _recent(self, deletions: Sequence[Deletion]) -> Mapping[str, datetime]:
        """Return those deletions for which the next run asks again."""
        cutoff = self.run.cutoff
        begin = cutoff - self.run.lookback
        times = itertools.chain(
            self._emitted.items(), ((one.id, one.deleted_time) for one in deletions)
        )
        return {one: time for one, time in times if begin <= time < cutoff}

    def _recently(self, known: Deleted) -> tuple[Sequence[Deletion], TooManyDeletionsError | None]:
        """Return the deletions since the bookmark, and those of the lookback before it.

        The error, if with the latter they are more than Zoho lists. TooManyDeletionsError: they
        are without, or were when they were last looked for.
        """
        if known.exceeded is not None:
            raise known.exceeded
        since = self.start.deleted_until
        if since is None:
            return (), None
        try:
            return self._since(since - self.run.lookback), None
        except TooManyDeletionsError as error:
            if not self.run.lookback:
                raise
            return self._since(since), error

    def _older(self) -> tuple[Sequence[Deletion], bool]:
        """Return the deletions that are due from before the bookmark.

        The second value says whether they are all that Zoho has, the recycle bin among them.
        """
        due = self.start.tombstones_since
        if due is None or not self.emits:
            return (), False
        if due > EVER:
            # A deletion may have become visible late.
            return self._since(due - self.run.lookback), False
        module, stream = self.source.module.api_name, self.source.stream
        found, surplus = self.run.deletions.everything(module, stream, self.lists)
        if surplus is not None:
            self.run.report.first_reads[stream] = False
            logger.warning(
                "%s: a table that was not empty before this run keeps the rows of those that are"
                " not listed: empty it and load the stream anew, or repair it (--verify URL"
                " --repair).",
                stream,
                extra=about(stream),
            )
        return found, surplus is None

    def refreshed(self, known: Deleted) -> Deleted:
        """Return what is known with the deletions since Zoho's list was read."""
        if not known.is_listed or known.is_refused:
            return known
        try:
            since_then = self._since(self.run.cutoff)
        except TooManyDeletionsError:
            since_then = self._bin()
        return self._remembering(known, since_then)

    def gone(self, known: Deleted, missing: set[str]) -> set[str]:
        """Return which of the records that were missing a moment ago are gone.

        Those that are back already, in no list by now, are looked for by their ids.
        """
        is_listed = known.is_listed and not known.is_refused
        away = missing - known.recycled.keys() if is_listed else missing
        return missing - existing(self.source, away, self.run.executors.single)

    def _exceeded(self, known: Deleted, error: TooManyDeletionsError) -> Deleted:
        if self.emits:
            if error is not known.obstacle:
                logger.info("%s: %s The ids that exist are read.", self.source.stream, error)
            return dataclasses.replace(known, obstacle=error)
        logger.warning(
            "%s: %s Those of them that are restored unchanged will not be seen.",
            self.source.stream,
            error,
            extra=about(self.source.stream),
        )
        return dataclasses.replace(known, is_listed=False)

    def _remembering(self, known: Deleted, deletions: Sequence[Deletion]) -> Deleted:
        added = deletions if self.remembers else ()
        recycled = remembering(known.recycled, added, self.run.cutoff, self.source.stream)
        return dataclasses.replace(known, recycled=recycled)

    def _bin(self, lists: dict[str, DeletionList] | None = None) -> list[Deletion]:
        return self.run.deletions.bin(self.source.module.api_name, self.source.stream, lists)

    def _since(self, since: datetime) -> list[Deletion]:
        if since < self.run.cutoff - _LISTED:
            logger.warning(
                "%s: Zoho lists deletions for 120 days, and those since %s are due: set"
                " delete_sweep_days to find the ones before.",
                self.source.stream,
                rfc3339(since),
                extra=about(self.source.stream),
            )
        module, stream = self.source.module.api_name, self.source.stream
        return self.run.deletions.until_now(module, since, stream)
