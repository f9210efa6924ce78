"""Compares the ids of one module that exist with those that a destination has.

It finds the deletions that Zoho's lists do not have.
"""

from __future__ import annotations

import dataclasses
import itertools
import logging
import operator
from array import array
from collections.abc import Iterator

from tap_zohocrm_modules.sync.deletions.by_id import is_dearer, records_of
from tap_zohocrm_modules.sync.deletions.ids import KnownIds
from tap_zohocrm_modules.sync.deletions.reader import Deleted, DeletionReader, DeletionStep
from tap_zohocrm_modules.zoho.records.columnar import changed_before, column
from tap_zohocrm_modules.zoho.records.count import count_by_api, count_in
from tap_zohocrm_modules.zoho.records.engine import ModuleReader
from tap_zohocrm_modules.zoho.records.id_set import IdSet, id_numbers
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, ID
from tap_zohocrm_modules.zoho.records.reading import Window
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)

_TENTH = 10
_AT_ONCE = 2_000


@dataclasses.dataclass(frozen=True, slots=True)
class Sweep:
    """One comparison of ids.

    They are read by the engine's first read of the key fields alone, by its cheapest path: about
    250 credits per million records.
    """

    deletions: DeletionReader  # what reads Zoho's lists of deletions
    known: Deleted  # what those lists have

    def steps(self, ids: KnownIds) -> Iterator[DeletionStep]:
        """Yield tombstones of records that are gone, and records that no run has emitted.

        The ids that the destination has are learnt here where they are not known. ZohoError: the
        ids cannot be read, or are needed and not known.
        """
        run, source = self.deletions.run, self.deletions.source
        if self.deletions.reads_all and ids.seen is not None:
            # Every record has just been emitted.
            existing = wanted = ids.seen
        elif ids.ids is None and self.known.surplus is not None:
            raise self.known.surplus.adding(
                "Which others are gone cannot be found out, since STATE does not have the ids of"
                " this module: load the stream anew into an empty table, and set"
                " delete_sweep_days so that ids are kept of any number of records."
            )
        else:
            existing, wanted = self._existing()
        emitted = ids.ids
        if emitted is None:
            ids.learn(existing)
            yield DeletionStep((), self.known)
            return
        if len(emitted.without(existing)) * _TENTH > len(emitted):
            self._ask_again(existing)
        known, gone = self.deletions.gone(self.known, emitted.without(existing))
        emitted.ordered()
        lacking = emitted.lacks(wanted.ordered())
        logger.info(
            "%s: %s exist, and the destination has %s: %s emitted.",
            source.stream,
            counted(len(existing), "record"),
            counted(len(emitted), "record"),
            counted(len(gone), "tombstone"),
        )
        at = rfc3339(run.cutoff)
        gone = gone if self.deletions.emits else set()
        tombstones = [{ID: record_id, DELETED_AT: at} for record_id in sorted(gone, key=int)]
        if tombstones or lacking:
            yield DeletionStep((), known, remembers=True)
        yield DeletionStep(tombstones, known)
        if not lacking:
            return
        if is_dearer(source, len(lacking), len(existing), run.read_paths):
            logger.info(
                "%s: %s never emitted: every record is read again, which takes fewer credits.",
                source.stream,
                counted(len(lacking), "record"),
            )
            yield DeletionStep((), known, reads_again=True)
            return
        for begin in range(0, len(lacking), _AT_ONCE):
            some = map(str, lacking[begin : begin + _AT_ONCE])
            yield DeletionStep(records_of(source, some, run.executors.single), known)

    def _ask_again(self, existing: IdSet) -> None:
        """Read the ids once more, for the lack of many may be an answer's; add those found.

        ZohoError: Zoho counts more than there are.
        """
        run, source = self.deletions.run, self.deletions.source
        logger.info(
            "%s: more than a tenth of its records seem to be gone: asked once more.", source.stream
        )
        existing.add(self._existing()[0].ordered())
        window = Window(None, run.cutoff, unstamped=True)
        counted = count_in(run.read_paths, source, window)
        if counted is None:
            counted = count_by_api(source)
        if counted is not None and counted > len(existing):
            raise ZohoError(
                f"Zoho lists {len(existing):,} records of the module, and counts {counted:,}: no"
                " deletion is emitted by such answers. Run again; if it stays so, report it."
            )

    def _existing(self) -> tuple[IdSet, IdSet]:
        """Return the ids that exist, and those of them that were changed since `start_date`."""
        run, source = self.deletions.run, self.deletions.source
        keys = source.of_fields(source.key_fields())
        reader = ModuleReader(keys, run.read_paths, run.executors, None)
        window = Window(None, run.cutoff, unstamped=True, unending=True)
        begin = run.settings.start_date if source.has_modified_time else None
        found = IdSet()
        wanted = found if begin is None else IdSet()
        for page in reader.pages(window):
            ids = id_numbers(column(page.records, ID))
            found.add(ids)
            if begin is not None:
                is_old = changed_before(page.records, rfc3339(begin))
                wanted.add(array("Q", itertools.compress(ids, map(operator.not_, is_old))))
        return found, wanted
