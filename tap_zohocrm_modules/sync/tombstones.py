"""Deleted records as rows of their module's stream, and those that come back from the bin.

`Tombstones` go by Zoho's list of deletions, a `Sweep` by the ids that exist.
"""

from __future__ import annotations

import dataclasses
import itertools
import logging
import operator
from array import array
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from tap_zohocrm_modules.sync.known_ids import KnownIds
from tap_zohocrm_modules.sync.read_start import ReadStart
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.columnar import changed_before, column
from tap_zohocrm_modules.zoho.records.deletions import (
    RECYCLED,
    UNTRACKED,
    Deletion,
    TooManyDeletionsError,
)
from tap_zohocrm_modules.zoho.records.engine import ModuleReader
from tap_zohocrm_modules.zoho.records.id_set import IdSet, id_numbers
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, ID
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Source, Window
from tap_zohocrm_modules.zoho.records.rest.field_slices import FieldSliceJoiner
from tap_zohocrm_modules.zoho.records.rest.missing_fields import RichTexts
from tap_zohocrm_modules.zoho.transport.errors import (
    PermissionRefusedError,
    UnavailableError,
)
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)

# Zoho empties the bin of what is older.
_KEPT = timedelta(days=60)
_MOST_REMEMBERED = 2_000
# It forgets deletions that are older.
_LISTED = timedelta(days=120)


@dataclasses.dataclass(eq=False)
class Tombstones:
    """The deletions of one module, and a memory of those that can be undone.

    A record that is restored has neither a line in Zoho's list of deletions any more, nor need its
    `Modified_Time` have changed: only who remembers the deletion can look whether it is back. So
    they are read whether or not tombstones are emitted.
    """

    run: Run
    source: Source
    # When earlier runs found records in the recycle bin, by id; None where nothing is to be
    # remembered, since everything is read each time.
    known: Mapping[str, datetime] | None
    _: dataclasses.KW_ONLY
    whole: bool  # everything is read this time

    def __post_init__(self) -> None:
        """Begin with what earlier runs knew."""
        self._emits = self.run.settings.emit_tombstones
        self._remembers = self.known is not None
        self._is_listed = self.source.module.kind not in UNTRACKED and (
            self._emits or self._remembers
        )
        self.remembered = dict(self.known or {}) if self._is_listed else {}
        """When records got into the recycle bin from which they can come back, by id."""
        self.refused = False
        """Whether the deletions are still to be emitted, once there is permission to read them."""
        self.has_listed_bin = False
        """Whether all that is in the bin is known, having been asked for in this run."""
        self.surplus: TooManyDeletionsError | None = None
        """The error if more records were deleted than Zoho lists, and tombstones are wanted."""

    def snapshot(self, since: datetime | None, *, first: bool) -> Mapping[str, datetime] | None:
        """Return what to remember before STATE passes what is in the bin, unread; see `since`."""
        if self.whole or not self._is_listed:
            return None
        self._read(since, first=first)
        return None if self.refused else dict(self.remembered)

    def since(self, since: datetime | None, *, first: bool) -> list[Record]:
        """Return the tombstones from an instant to the run's cutoff, and remember them.

        They are read after the records: what was in the bin by then, and was not read, is in the
        list, unless it has come back in between.

        Args:
            since: Every deletion before this instant has been emitted; None if no run has emitted
                a record that could be deleted.
            first: All that is in the bin is to be remembered.
        """
        deletions = self._read(since, first=first)
        return [
            {ID: deletion.id, DELETED_AT: rfc3339(deletion.deleted_time)}
            for deletion in (deletions if self._emits else ())
            if deletion.deleted_time < self.run.cutoff
        ]

    def _read(self, since: datetime | None, *, first: bool) -> list[Deletion]:
        """Return the deletions since an instant, and remember those that can be undone."""
        if not self._is_listed or self.refused or self.surplus is not None:
            return []
        try:
            # What is gone for good before a first read is in no destination.
            binned = self._listed(None) if first and not self.whole else []
            found = [] if since is None else self._listed(since)
            self.has_listed_bin |= first and not self.whole
        except PermissionRefusedError as error:
            logger.warning(
                "%s: read without its deletions, which will be emitted once they may be read: %s",
                self.source.stream,
                error,
            )
            self.refused = True
            return []
        except UnavailableError as error:
            logger.info("%s: Zoho lists no deletions of it: %s", self.source.stream, error)
            self._is_listed = False
            return []
        except TooManyDeletionsError as error:
            if self._emits:
                logger.info("%s: %s The ids that exist are read.", self.source.stream, error)
                self.surplus = error
            else:
                logger.warning(
                    "%s: %s Those of them that are restored unchanged will not be seen.",
                    self.source.stream,
                    error,
                )
                self._is_listed = False
            return []
        self._remember((*binned, *found))
        return found

    def _remember(self, deletions: Iterable[Deletion]) -> None:
        for deletion in deletions if self._remembers else ():
            self.remembered.pop(deletion.id, None)
            if deletion.kind == RECYCLED:
                self.remembered[deletion.id] = deletion.deleted_time
        self._forget()

    def _listed(self, since: datetime | None) -> list[Deletion]:
        if since is not None and since < self.run.cutoff - _LISTED:
            logger.warning(
                "%s: Zoho lists deletions for 120 days, and those since %s are due: set"
                " delete_sweep_days to find the ones before.",
                self.source.stream,
                rfc3339(since),
            )
        return self.run.deletions(
            self.source.module.api_name,
            since,
            self.source.stream,
            recycled_only=since is None,
            # What was in the bin while the records were read must be among them.
            anew=True,
        )

    def restored(self) -> Iterator[Record]:
        """Yield the records, whole, that were in the bin and are back; and forget them."""
        if self.whole or not self.remembered:
            return
        back = self._back(self.remembered)
        for record in records_of(self.run, self.source, back):
            yield record
            self.remembered.pop(record[ID], None)

    def gone(self, missing: set[str]) -> set[str]:
        """Return which of the records that were missing a moment ago are gone.

        Those that were deleted since Zoho's list was read are remembered, and those that are back
        already, in no list by now, are looked for by their ids.
        """
        if not missing or not self._is_listed or self.refused:
            return missing
        try:
            self._remember(self._listed(self.run.cutoff))
        except TooManyDeletionsError:
            self._remember(self._listed(None))
        return missing - self._back(missing - self.remembered.keys()).keys()

    def _back(self, ids: Iterable[str]) -> Mapping[str, Record]:
        """Return those of these ids whose records are there."""
        keys = self.source.of_fields(self.source.key_fields())
        return FieldSliceJoiner(keys, self.run.executors.single).of(sorted(ids))

    def _forget(self) -> None:
        oldest = self.run.cutoff - _KEPT
        for record_id, time in list(self.remembered.items()):
            if time < oldest:
                del self.remembered[record_id]
        surplus = len(self.remembered) - _MOST_REMEMBERED
        if surplus > 0:
            logger.warning(
                "%s: %d deletions are too many to be remembered: should these records be restored"
                " unchanged, set delete_sweep_days to find them.",
                self.source.stream,
                surplus,
            )
            for record_id in sorted(self.remembered, key=self.remembered.__getitem__)[:surplus]:
                del self.remembered[record_id]


def records_of(run: Run, source: Source, ids: Iterable[str]) -> list[Record]:
    """Return the records of these ids that exist, whole; ZohoError: they cannot be read."""
    wanted = sorted(ids)
    if not wanted:
        return []
    records = FieldSliceJoiner(source, run.executors.single).of(wanted)
    return list(RichTexts(source).completed(list(records.values())))


@dataclasses.dataclass(frozen=True, slots=True)
class Sweep:
    """Compares the ids of one module that exist with those that a destination has.

    It finds the deletions that Zoho's lists do not have. Ids are read by the engine's first read of
    the key fields alone, by its cheapest path: about 250 credits per million records.
    """

    run: Run
    source: Source
    start: ReadStart  # where the run's read began
    tombstones: Tombstones  # what Zoho's lists have of the deletions

    def records(self, ids: KnownIds) -> Iterator[Record]:
        """Yield tombstones of records that are gone, and records that no run has emitted.

        Before the first, STATE has to remember `tombstones.remembered`: the run may be killed, and
        a record come back. The ids that the destination has are learnt here where they are not
        known. ZohoError: the ids cannot be read, or are needed and not known.
        """
        if self.start.key is None and ids.seen is not None:
            # Every record has just been emitted.
            existing = wanted = ids.seen
        elif ids.ids is None and self.tombstones.surplus is not None:
            raise self.tombstones.surplus.adding(
                "Which others are gone cannot be found out, since STATE does not have the ids of"
                " this module: load the stream anew into an empty table, and set"
                " delete_sweep_days so that ids are kept of any number of records."
            )
        else:
            existing, wanted = self._existing()
        known = ids.ids
        if known is None:
            ids.learn(existing)
            return
        gone = self.tombstones.gone(known.without(existing))
        lacking = wanted.without(known)
        logger.info(
            "%s: %s exist, and the destination has %s: %s emitted.",
            self.source.stream,
            counted(len(existing), "record"),
            counted(len(known), "record"),
            counted(len(gone), "tombstone"),
        )
        at = rfc3339(self.run.cutoff)
        yield from ({ID: record_id, DELETED_AT: at} for record_id in sorted(gone, key=int))
        yield from records_of(self.run, self.source, lacking)

    def _existing(self) -> tuple[IdSet, IdSet]:
        """Return the ids that exist, and those of them that were changed since `start_date`."""
        keys = self.source.of_fields(self.source.key_fields())
        reader = ModuleReader(keys, self.run.read_paths, self.run.executors, None)
        window = Window(None, self.run.cutoff, unstamped=True, unending=True)
        begin = self.run.settings.start_date if self.source.has_modified_time else None
        found = IdSet()
        wanted = found if begin is None else IdSet()
        for page in reader.pages(window, first=True, checkpoint=None):
            ids = id_numbers(column(page.records, ID))
            found.add(ids)
            if begin is not None:
                is_old = changed_before(page.records, rfc3339(begin))
                wanted.add(array("Q", itertools.compress(ids, map(operator.not_, is_old))))
        return found, wanted
