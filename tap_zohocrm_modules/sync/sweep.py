"""Finds the deletions that Zoho's lists do not have, by comparing the ids that exist.

Ids are read by the engine's first read of the key fields alone, by its cheapest path: about 250
credits per million records.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator

from tap_zohocrm_modules.sync.known_ids import KnownIds
from tap_zohocrm_modules.sync.read_start import ReadStart
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.tombstones import records_of
from tap_zohocrm_modules.zoho.records.columnar import column
from tap_zohocrm_modules.zoho.records.engine import ModuleReader
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, ID
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Source, Window
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Sweep:
    """Compares the ids of one module that exist with those that a destination has.

    Attributes:
        run: The run.
        source: The module.
        start: Where the run's read began.
        surplus: The error if Zoho lists fewer deletions than there are; None if a sweep is due.
    """

    run: Run
    source: Source
    start: ReadStart
    surplus: ZohoError | None = None

    def records(self, ids: KnownIds) -> Iterator[Record]:
        """Yield tombstones of records that are gone, and records that no run has emitted.

        Args:
            ids: The ids that the destination has; learnt here where they are not known.

        Raises:
            ZohoError: the ids cannot be read, or are needed and not known.
        """
        if self.start.key is None and ids.seen is not None:
            # Every record has just been emitted.
            existing = ids.seen
        elif ids.ids is None and self.surplus is not None:
            raise self.surplus.adding(
                "Which other records are gone cannot be found out, since STATE does not have the"
                " ids of so large a module: load the stream anew into an empty table, and set"
                " delete_sweep_days so that the ids are kept."
            )
        else:
            existing = self._existing()
        known = ids.ids
        if known is None:
            ids.learn(existing)
            return
        gone = known - existing
        lacking = existing - known if self.run.settings.start_date is None else set()
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

    def _existing(self) -> set[str]:
        keys = self.source.of_fields(self.source.key_fields())
        reader = ModuleReader(keys, self.run.read_paths, self.run.executors, None)
        window = Window(None, self.run.cutoff, unstamped=True, unending=True)
        found: set[str] = set()
        for page in reader.pages(window, first=True, checkpoint=None):
            found.update(column(page.records, ID))
        return found
