"""Compares one module's records with its table, while both may change.

Zoho's ids and times are read first, then the table's. What differs is looked at once more, in Zoho
and then in the table, and is called a fault if it was one before the comparison began.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from tap_zohocrm_modules.verify.draw import Draw
from tap_zohocrm_modules.verify.faults import Fault, FaultKind, StreamResult, in_order
from tap_zohocrm_modules.verify.instants import rfc3339_of, stamp_of
from tap_zohocrm_modules.verify.loaded_table import LoadedTable, Row
from tap_zohocrm_modules.verify.side_by_side import Beside, side_by_side
from tap_zohocrm_modules.verify.sorted_runs import SortedRuns
from tap_zohocrm_modules.verify.values import Likeness, likeness
from tap_zohocrm_modules.verify.zoho_records import ZohoRecords
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record

_MOST_ASKED_AGAIN = 1_000
"""Records that Zoho is asked for once more by their ids, and again if they are gone."""

_SAMPLE_AT_ONCE = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """A record that seems to differ; stamps are None where there is no record, or no row."""

    id: str
    zoho: int | None
    row: int | None
    rows: int  # how many there are


@dataclasses.dataclass(frozen=True, slots=True)
class Terms:
    """What a comparison of records is held to."""

    schema: Mapping[str, Mapping[str, Any]]  # the columns as they are emitted
    emitted: Callable[[Sequence[Record]], Sequence[Record]]  # what RECORD messages have of records
    sample: int  # of so many records every value is compared
    begin: datetime | None  # the setting start_date: what was changed earlier may be missing
    began_at: (
        datetime  # when the verification began, of all streams: what changes later is not a fault
    )


@dataclasses.dataclass(eq=False)
class RecordComparison:
    """The comparison of one stream of records."""

    zoho: ZohoRecords
    table: LoadedTable
    terms: Terms

    def __post_init__(self) -> None:
        self._began_at = self.terms.began_at
        self._began = stamp_of(self._began_at)
        self._loaded = self.zoho.loaded
        self._has_time = MODIFIED_TIME in self.table.columns and self.zoho.source.has_modified_time
        self._draw = Draw(self.terms.sample)

    def result(self) -> StreamResult:
        """Return what differs; ZohoError: one side cannot be read, or they cannot be compared."""
        result = StreamResult(self.zoho.stream.name, self.table.table.name)
        candidates = self._candidates(result)
        faults, result.pending = self._settled(candidates)
        faults += [Fault(odd, FaultKind.SURPLUS) for odd in self.table.odd]
        found = {fault.id for fault in faults}
        drawn = map(str, self._draw.ids)
        faults += self._different([one for one in drawn if one not in found], result)
        result.faults = in_order(faults)
        result.absent = self.table.absent
        return result

    def _candidates(self, result: StreamResult) -> list[Candidate]:
        """Read both sides, and return what seems to differ; the counts go into the result."""
        found: list[Candidate] = []
        result.zoho, result.rows = 0, 0
        newest = 0
        with SortedRuns(2) as here, SortedRuns(self.table.width) as there:
            records = self.zoho.entries(here)
            for beside in side_by_side(records, self.table.entries(there)):
                newest = max(newest, max(beside.rows[1], default=0))
                if beside.are_equal(but_for_stamps=not self._has_time):
                    result.zoho += len(beside.zoho[0])
                    result.rows += len(beside.rows[0])
                    self._draw.consider(beside.zoho[0])
                else:
                    found += self._differences(beside, result)
        result.rows += len(self.table.odd)
        result.newest = rfc3339_of(newest)
        return found

    def _differences(self, beside: Beside, result: StreamResult) -> Iterator[Candidate]:
        """Yield what seems to differ among some ids."""
        start = 0 if self.terms.begin is None else stamp_of(self.terms.begin)
        for number, record, stamps in beside.one_by_one():
            last = stamps[-1] if stamps else None
            result.rows = (result.rows or 0) + len(stamps)
            is_wanted = record is not None and (record >= start or not record or bool(stamps))
            result.zoho = (result.zoho or 0) + is_wanted
            if record is not None and len(stamps) == 1 and self._agree(record, stamps[0]):
                self._draw.consider([number])
            elif stamps or is_wanted:
                yield Candidate(str(number), record, last, len(stamps))

    def _agree(self, record: int, row: int) -> bool:
        return record == row or not self._has_time

    def _settled(self, candidates: Sequence[Candidate]) -> tuple[list[Fault], int]:
        """Look at candidates once more; return the faults, and how many the pipeline is to mend."""
        if not candidates:
            return [], 0
        asked = self._asked_again(candidates)
        now = self.zoho.stamps_of(asked)
        gone = self._deletions(candidates)
        names = [MODIFIED_TIME] if self._has_time else []
        rows = self.table.rows_of([one.id for one in candidates], names)
        after = stamp_of(self.zoho.now())
        faults, pending = [], 0
        for one in candidates:
            stamps = [stamp_of(row.get(MODIFIED_TIME)) for row in rows.get(one.id, ())]
            looked = now.get(one.id) if one.id in asked else one.zoho
            fault = self._judged(one, looked, stamps, gone.get(one.id), after)
            if fault is not None and self._is_pending(one, fault, gone.get(one.id)):
                pending += 1
            elif fault is not None:
                faults.append(fault)
        # One that was restored before the deletions were read is in neither answer.
        gone_again = [fault.id for fault in faults if fault.kind is FaultKind.SURPLUS]
        back = self.zoho.stamps_of(gone_again[:_MOST_ASKED_AGAIN])
        return [fault for fault in faults if fault.id not in back], pending

    def _asked_again(self, candidates: Sequence[Candidate]) -> set[str]:
        """Return of which Zoho is asked again: first those that it seemed not to have."""
        ordered = sorted(candidates, key=lambda one: one.zoho is not None)
        return {one.id for one in itertools.islice(ordered, _MOST_ASKED_AGAIN)}

    def _deletions(self, candidates: Sequence[Candidate]) -> Mapping[str, datetime]:
        """Return when records were deleted that are gone now and were there when it counts."""
        more = len(candidates) > _MOST_ASKED_AGAIN
        if not more and all(one.zoho is not None for one in candidates):
            return {}
        since = self._loaded.deleted_until
        return self.zoho.deletions(self._began_at if since is None else min(since, self._began_at))

    def _judged(
        self,
        one: Candidate,
        record: int | None,
        rows: Sequence[int],
        deleted: datetime | None,
        after: int,
    ) -> Fault | None:
        """Return the fault that a candidate is, by what both sides have now; None for none.

        Args:
            one: The candidate, as it was first.
            record: The record's stamp now; None if it is gone.
            rows: The stamps of its rows now.
            deleted: When the record was deleted, if that is known.
            after: The stamp of the moment after all this was read.
        """
        if not rows:
            was_there = one.zoho is not None and record is not None and deleted is None
            is_fault = was_there and (one.zoho or 0) < self._began
            return Fault(one.id, FaultKind.MISSING) if is_fault else None
        row = rows[-1]
        if record is None:
            is_late = deleted is not None and deleted >= self._began_at.replace(microsecond=0)
            # Made and deleted since; where Zoho lists no deletions that is all there is to go by.
            is_new = self._began <= row <= after and not (self.zoho.is_tracked and deleted is None)
            was_there = one.zoho is not None
            return None if is_late or is_new or was_there else Fault(one.id, FaultKind.SURPLUS)
        if len(rows) > 1:
            return Fault(one.id, FaultKind.DOUBLED)
        return self._of_other_time(one, record, row, after)

    def _of_other_time(self, one: Candidate, record: int, row: int, after: int) -> Fault | None:
        """Return the fault that the stamps of a record and its only row show, None for none."""
        if self._agree(record, row):
            return None
        first = min(stamp for stamp in (one.zoho, record) if stamp is not None)
        if row < first:
            return Fault(one.id, FaultKind.STALE) if first < self._began else None
        if row > record and not self._began <= row <= after:
            return Fault(one.id, FaultKind.DIFFERENT, (MODIFIED_TIME,))
        return None

    def _is_pending(self, one: Candidate, fault: Fault, deleted: datetime | None) -> bool:
        """Whether the next run of the pipeline is to mend it, by STATE."""
        loaded = self._loaded
        if fault.kind in {FaultKind.MISSING, FaultKind.STALE}:
            is_later = loaded.until is not None and (one.zoho or 0) >= stamp_of(loaded.until)
            return is_later or loaded.is_first_unfinished
        if fault.kind is FaultKind.SURPLUS and loaded.deleted_until is not None:
            return deleted is not None and deleted >= loaded.deleted_until
        return False

    def _different(self, ids: Sequence[str], result: StreamResult) -> list[Fault]:
        """Compare every value of these records; what differs is looked at once more."""
        faults = []
        for begin in range(0, len(ids), _SAMPLE_AT_ONCE):
            some = ids[begin : begin + _SAMPLE_AT_ONCE]
            found = self._compared(some, result.losses)
            result.sampled += len(found)
            if odd := [one for one, fields in found.items() if fields]:
                again = self._compared(odd, {})
                faults += [
                    Fault(one, FaultKind.DIFFERENT, fields)
                    for one in odd
                    if (fields := tuple(f for f in found[one] if f in again.get(one, ())))
                ]
        return faults

    def _compared(self, ids: Collection[str], losses: dict[str, int]) -> dict[str, Sequence[str]]:
        """Return the columns that differ, by record; those that have changed are left out."""
        names = [name for name in self.terms.schema if name != DELETED_AT]
        records, rows = self.zoho.sample_of(ids), self.table.rows_of(ids, names)
        found: dict[str, Sequence[str]] = {}
        for record_id, record in records.items():
            emitted = self.terms.emitted([record])
            of_it = rows.get(record_id, ())
            if len(emitted) != 1 or len(of_it) != 1 or self._has_changed(record, of_it[0]):
                continue
            found[record_id] = self._differing(emitted[0], of_it[0], names, losses)
        return found

    def _has_changed(self, record: Record, row: Row) -> bool:
        if not self._has_time:
            return False
        return stamp_of(record.get(MODIFIED_TIME)) != stamp_of(row.get(MODIFIED_TIME))

    def _differing(
        self, emitted: Record, row: Row, names: Sequence[str], losses: dict[str, int]
    ) -> Sequence[str]:
        return differing(emitted, row, {name: self.terms.schema[name] for name in names}, losses)


def differing(
    emitted: Mapping[str, Any],
    row: Row,
    schema: Mapping[str, Mapping[str, Any]],
    losses: dict[str, int],
) -> list[str]:
    """Return the columns whose loaded values are not the emitted ones; losses are counted."""
    found = []
    for name, column in schema.items():
        like = likeness(emitted.get(name), row.get(name), column)
        if like is Likeness.DIFFERENT:
            found.append(name)
        elif like is not Likeness.EQUAL:
            losses[like.value] = losses.get(like.value, 0) + 1
    return found
