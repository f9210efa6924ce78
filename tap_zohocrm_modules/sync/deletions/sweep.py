"""Compares the ids of one module that exist with those that a destination has.

It finds the deletions that Zoho's lists do not have.
"""

from __future__ import annotations

import dataclasses
import logging
from array import array
from collections.abc import Generator, Iterator
from collections.abc import Set as AbstractSet

from tap_zohocrm_modules.sync.deletions.ids import KnownIds
from tap_zohocrm_modules.sync.deletions.known import Deleted, DeletionStart, DeletionStep
from tap_zohocrm_modules.sync.deletions.listing import IdListing, records_of
from tap_zohocrm_modules.sync.deletions.reader import DeletionReader
from tap_zohocrm_modules.sync.state import SweepPosition
from tap_zohocrm_modules.zoho.records.id_set import IdSet, id_numbers
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, ID
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.transport.errors import RunEndError, ZohoError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.stream_warnings import about
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)

_TENTH = 10
_AT_ONCE = 2_000


@dataclasses.dataclass(frozen=True, slots=True)
class Sweep:
    """One comparison of ids, which goes on in the next run where this one ends."""

    deletions: DeletionReader  # what reads Zoho's lists of deletions
    known: Deleted  # what those lists have
    position: SweepPosition  # where it begins or goes on
    # The records whose tombstones this run has emitted, which lists that lag behind still have.
    gone: AbstractSet[str] = frozenset()

    def steps(self, ids: KnownIds) -> Iterator[DeletionStep]:
        """Yield tombstones of records that are gone, and records that no run has emitted.

        The ids that the destination has are learnt here where they are not known. ZohoError: the
        ids cannot be read, or are needed and not known.
        """
        known, position = self.known, self.position
        if ids.ids is None or position.learns:
            if known.surplus is not None and known.has_recent and not position.learns:
                logger.warning(
                    "%s: more records were deleted within the lookback than Zoho lists. Deletions"
                    " that became visible late may be among them, and STATE does not have the ids"
                    " of this module to find them: set delete_sweep_days.",
                    self.deletions.source.stream,
                    extra=about(self.deletions.source.stream),
                )
                return
            if known.exceeded is not None:
                raise known.exceeded.adding(
                    "Which others are gone cannot be found out, since STATE does not have the ids"
                    " of this module: load the stream anew into an empty table, and set"
                    " delete_sweep_days so that ids are kept of any number of records."
                )
            yield from self._learnt(ids)
            return
        reader, unsettled = self.deletions, ids.unsettled
        listing = IdListing(reader.run, reader.source, ids.ids, position, unsettled)
        if ids.seen is not None and (reader.reads_all or known.surplus is None):
            # Every record has just been emitted, and deletions since then are listed.
            listing.meet(ids.seen.ordered())
        elif not listing.is_listed:
            yield from self._reached(listing.parts())
        yield from self._doubted(listing, len(ids.ids))
        known = yield from self._gone(listing, len(ids.ids))
        yield from self._lacking(listing, known)
        yield from self._since_then(ids, known)

    def _reached(self, parts: Iterator[SweepPosition]) -> Iterator[DeletionStep]:
        for position in parts:
            yield DeletionStep(Rows(), self.known, sweep=position)

    def _learnt(self, ids: KnownIds) -> Iterator[DeletionStep]:
        """Have the ids that exist known from now on, after each part of them."""
        position, emitted = self.position, ids.ids
        if not position.learns:
            position, emitted = SweepPosition(cutoff=position.cutoff, learns=True), None
        if emitted is None and (position.after or position.checkpoint) is not None:
            # They are more than STATE keeps of this module.
            return
        emitted = IdSet() if emitted is None else emitted
        listing = IdListing(self.deletions.run, self.deletions.source, emitted, position)
        for step in self._reached(listing.parts()):
            ids.learn(emitted)
            yield step

    def _doubted(self, listing: IdListing, emitted: int) -> Iterator[DeletionStep]:
        """List the ids once more where many are missing, and compare them with Zoho's count."""
        if len(listing.unmet) * _TENTH <= emitted:
            return
        if not listing.is_second:
            logger.info(
                "%s: more than a tenth of its records seem to be gone: asked once more.",
                self.deletions.source.stream,
            )
            yield from self._reached(listing.second())
        try:
            listing.check()
        except RunEndError:
            raise
        except ZohoError:
            # What is missing may lie before the point where a later run would go on.
            anew = SweepPosition(cutoff=self.deletions.run.cutoff)
            yield DeletionStep(Rows(), self.known, sweep=anew)
            raise

    def _gone(self, listing: IdListing, emitted: int) -> Generator[DeletionStep, None, Deleted]:
        """Yield tombstones of what is gone; return what is known of deletions then."""
        run, known, unmet = self.deletions.run, self.known, listing.unmet
        if unmet:
            known = self.deletions.refreshed(known)
        at, tombstones = rfc3339(run.cutoff), 0
        for begin in range(0, len(unmet), _AT_ONCE):
            some = {*map(str, unmet[begin : begin + _AT_ONCE])}
            gone = self.deletions.gone(known, some)
            listing.meet(id_numbers([*(some - gone)]))
            found = sorted(gone, key=int) if self.deletions.emits else []
            tombstones += len(found)
            if found:
                yield DeletionStep(Rows(), known, remembers=True)
            yield DeletionStep(
                Rows({ID: record_id, DELETED_AT: at} for record_id in found),
                known,
                sweep=listing.reached(),
            )
        logger.info(
            "%s: %s exist, and the destination has %s: %s emitted.",
            self.deletions.source.stream,
            counted(len(listing), "record"),
            counted(emitted, "record"),
            counted(tombstones, "tombstone"),
        )
        return known

    def _lacking(self, listing: IdListing, known: Deleted) -> Iterator[DeletionStep]:
        """Yield the records that were never emitted, or that all are to be read again."""
        source = self.deletions.source
        gone = {*id_numbers([*self.gone])}
        lacking = array("Q", (one for one in listing.lacking if one not in gone))
        listing.judge(len(listing) - len(lacking))
        if listing.reads_again:
            logger.info(
                "%s: many records were never emitted: every record is read again, which takes"
                " fewer credits.",
                source.stream,
            )
            yield DeletionStep(Rows(), known, reads_again=True)
            return
        if lacking:
            yield DeletionStep(Rows(), known, remembers=True)
        # What a budget's last credits have bought is not to be lost.
        most = _AT_ONCE if source.credits_left is None else source.limits.list_ids
        for begin in range(0, len(lacking), most):
            some = map(str, lacking[begin : begin + most])
            records = records_of(source, some, self.deletions.run.executors.single)
            yield DeletionStep(records, known)

    def _since_then(self, ids: KnownIds, known: Deleted) -> Iterator[DeletionStep]:
        """Yield tombstones of what was deleted since a sweep began in an earlier run.

        Only where Zoho's lists did not have all deletions: others have been emitted by them.
        """
        run, begun = self.deletions.run, self.position.cutoff
        if known.exceeded is None or begun >= run.cutoff or ids.ids is None:
            return
        start = DeletionStart(begun, is_bin_known=True)
        reader = dataclasses.replace(self.deletions, start=start)
        known, found = reader.look(dataclasses.replace(known, obstacle=None))
        if known.surplus is not None:
            position = SweepPosition(cutoff=run.cutoff, surplus=True)
            anew = Sweep(self.deletions, known, position, self.gone)
            yield DeletionStep(Rows(), known, sweep=anew.position)
            yield from anew.steps(ids)
            return
        there = {*ids.ids.ordered()}
        found = [one for one in found if one.id.isdecimal() and int(one.id) in there]
        yield DeletionStep(reader.tombstones(found), known)
