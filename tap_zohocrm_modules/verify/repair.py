"""Writes the messages that mend what a comparison has found: no more than that, and no STATE."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Sequence
from typing import Any

from tap_zohocrm_modules.streams.records import RecordStream
from tap_zohocrm_modules.verify.faults import Fault, FaultKind, StreamResult
from tap_zohocrm_modules.verify.rows import RowComparison, WholeStream
from tap_zohocrm_modules.verify.zoho_records import ZohoRecords
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, ID
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)


_MOST_SHARE = 0.2
_FEW = 100
"""Faults that are mended for one credit, whatever share of the table they are."""
_AT_ONCE = 100

_BY_RECORD = frozenset(FaultKind) - {FaultKind.SURPLUS}


@dataclasses.dataclass(eq=False)
class Repair:
    """Mends the faults of one stream.

    Args:
        result: What its comparison has found; how many are mended is noted there.
        everything: Faults are mended however many they are.
    """

    result: StreamResult
    everything: bool

    def is_worth_it(self) -> bool:
        """Whether there is something to mend, and to load the stream anew is not cheaper."""
        result = self.result
        result.mended = 0
        faults, rows = len(result.faults), max(result.zoho or 0, result.rows or 0)
        if not self.everything and faults > max(_FEW, _MOST_SHARE * rows):
            logger.warning(
                "%s: not repaired: %d %% of its rows differ, so that loading it anew is cheaper."
                " Empty the table, remove the stream's part of STATE and run, or repair it all the"
                " same by --repair=all.",
                result.stream,
                100 * faults // max(rows, 1),
                extra=about(result.stream),
            )
            return False
        return faults > 0

    def records(self, stream: RecordStream, zoho: ZohoRecords) -> None:
        """Write records of a module, and tombstones; ZohoError: Zoho refuses, or a call failed."""
        if self.is_worth_it():
            emits_tombstones = DELETED_AT in stream.sent_columns
            if not emits_tombstones and any(self.result.of_kind(FaultKind.SURPLUS)):
                logger.warning(
                    "%s: surplus rows stay, since emit_tombstones is false: remove them in the"
                    " warehouse.",
                    stream.name,
                    extra=about(stream.name),
                )
            stream.write_rows(self._of_records(stream, zoho, emits_tombstones=emits_tombstones))

    def _of_records(
        self, stream: RecordStream, zoho: ZohoRecords, *, emits_tombstones: bool
    ) -> Iterator[Rows]:
        # A row whose key is not an id cannot be named to a loader.
        faults = [fault for fault in self.result.faults if fault.id.isdecimal()]
        for begin in range(0, len(faults), _AT_ONCE):
            some = faults[begin : begin + _AT_ONCE]
            found = zoho.records_of([fault.id for fault in some if fault.kind in _BY_RECORD])
            at = rfc3339(zoho.now())
            rows, mended = [], []
            for fault in some:
                if fault.id in found:
                    rows.append(found[fault.id])
                elif fault.kind is not FaultKind.MISSING:
                    if not emits_tombstones:
                        continue
                    rows.append({ID: fault.id, DELETED_AT: at})
                # What was missing and has been deleted since needs nothing any more.
                mended.append(fault)
            yield stream.as_emitted(rows)
            self._note(mended)

    def _note(self, faults: Sequence[Fault]) -> None:
        """Note what is mended: not what is there twice, of which only a key makes one."""
        number = sum(fault.kind is not FaultKind.DOUBLED for fault in faults)
        self.result.mended = (self.result.mended or 0) + number

    def rows(self, stream: WholeStream, comparison: RowComparison) -> None:
        """Write rows of metadata or children, and tombstones for those that are gone."""
        if self.is_worth_it():
            deletes = any(self.result.of_kind(FaultKind.SURPLUS))
            stream.write_rows(self._of_rows(stream, comparison), deletes=deletes)

    def _of_rows(self, stream: WholeStream, comparison: RowComparison) -> Iterator[Rows]:
        at = rfc3339(stream.run.client.server_now())
        rows: list[dict[str, Any]] = []
        for fault in self.result.faults:
            if fault.kind in _BY_RECORD:
                rows.append(comparison.emitted[fault.id])
            elif fault.kind is FaultKind.SURPLUS:
                rows.append({**comparison.surplus_keys[fault.id], DELETED_AT: at})
        yield Rows(rows)
        self._note(self.result.faults)
