"""What a module's read has emitted: how many records, and which of them within the lookback.

A later run that resumes the read continues the count. An increment asks again for what changed or
was deleted shortly before its bookmark, since changes can become visible later than their own time
says. What has been emitted within that time, the next run does not emit again.
"""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from tap_zohocrm_modules.sync.deletions.known import EVER
from tap_zohocrm_modules.sync.deletions.times import pack_times
from tap_zohocrm_modules.sync.module.start import ReadStart
from tap_zohocrm_modules.sync.state import ReadPosition
from tap_zohocrm_modules.zoho.records.model import ADDITIONAL_PROPERTIES, ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Page
from tap_zohocrm_modules.zoho.records.records import Changed, Records, Rows
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339

_NUMBERS = (int, float, Decimal)


@dataclasses.dataclass(eq=False)
class EmittedCount:
    """Counts records, but none twice that is read again because the bookmark names its second.

    Whoever goes on by a bookmark reads what was changed in its second or later once more: those
    records do not count before. Their ids are kept while a bookmark may be as early as they are,
    which is a page of them, and those of the lookback.
    """

    before: int  # how many were emitted before the first of those that are added
    late: int  # so many of them were changed at `joins` or later
    untimed: int  # so many do not say when they were changed
    since: datetime | None  # from when on records are read; None for all
    # What was changed from this instant on is emitted again when the read ends; None if nothing is.
    joins: datetime | None = None

    def __post_init__(self) -> None:
        """Begin with what was emitted before."""
        self.begin_anew(self.before, self.late, self.untimed)

    def begin_anew(self, before: int, late: int, untimed: int) -> None:
        """Begin once more: what was added will be read again."""
        self.before, self.late, self.untimed = before, late, untimed
        self._settled = before - late
        self._floor = self.since or EVER
        self._later: dict[str, str] = {}
        # Those of the last bookmark's second, which another path reads once more.
        self._edge: set[str] = set()

    def floor(self, watermark: datetime | None, checkpoint: Mapping[str, Any] | None) -> datetime:
        """Return from when on the times are wanted of the records of a page that ends so."""
        joins = self.joins
        if watermark is None and checkpoint is not None and joins and not self._later:
            return max(self._floor, joins)
        return self._floor

    def add(self, page: Page, changed: Changed) -> None:
        """Add the records of a page that is emitted, which were `changed` so."""
        self._floor = self.floor(page.watermark, page.checkpoint)
        self._take(page.records, changed)
        if page.watermark is None and page.checkpoint is None:
            # The first ones of a list by time may be those without one.
            return
        reached = [instant for instant in (page.watermark, self.joins) if instant is not None]
        if reached:
            before = self._later.keys()
            self._settle(min(reached))
            if page.watermark is None:
                self._edge |= before - self._later.keys()

    def until(self, bookmark: datetime) -> int:
        """Return how many were changed before an instant, or do not say when."""
        end = rfc3339(bookmark)
        late = 0 if self.joins is None or bookmark <= self.joins else self.late
        return self._settled + late + sum(time < end for time in self._later.values())

    @property
    def all(self) -> int:
        """How many there are."""
        return self._settled + self.late + len(self._later)

    def position(
        self, start: ReadStart, bookmark: datetime | None, checkpoint: Mapping[str, Any]
    ) -> ReadPosition:
        """Return what STATE keeps of a read that goes on at a checkpoint."""
        position = msgspec.structs.replace(
            start.position(bookmark, checkpoint, self.all), untimed=self.untimed
        )
        if self.joins is None:
            return position
        late = self.all - self.until(self.joins)
        return msgspec.structs.replace(position, late=late, late_since=self.joins if late else None)

    def _take(self, records: Records, changed: Changed) -> None:
        floor = rfc3339(self._floor)
        if changed.since > floor:
            changed = records.changed(floor)
        self.untimed += len(changed.untimed)
        if self._edge and (met := self._edge.intersection(records.values(ID))):
            self._settled -= len(met)
            self._edge -= met
        later = _later(changed, floor)
        self._settled += len(records) - len(later)
        self._later.update(later)

    def _settle(self, floor: datetime) -> None:
        begin = rfc3339(floor)
        later = {one: time for one, time in self._later.items() if time >= begin}
        self._settled += len(self._later) - len(later)
        self._later, self._floor = later, max(floor, self._floor)


def _later(changed: Changed, since: str) -> Sequence[tuple[str, str]]:
    """Return those changed at an instant or later, which may be later than what was asked for."""
    if since == changed.since or not changed.later:
        return changed.later
    return [one for one in changed.later if one[1] >= since]


def digest(record: Record) -> int:
    """Return a number that differs where a record's values do.

    Zoho tells times to the second: of two edits in one second, the second may become visible later.
    What only one read path delivers is left out, and so are nulls.
    """
    values = {
        name: float(value) if isinstance(value, _NUMBERS) else value
        for name, value in record.items()
        if value is not None and name != ADDITIONAL_PROPERTIES
    }
    return zlib.crc32(json.dumps(values, sort_keys=True, default=str).encode())


class RecentRecords:
    """The records of one module that are emitted within the lookback; one thread's.

    Args:
        known: When the records were last changed that earlier runs emitted, by id.
        digests: The digests of these records; without one, the time says what they are.
        since: Those changed from this instant on are remembered.
        until: Those changed from this instant on, the cutoff, are not: they may be changed once
            more in the same second, and the next run reads them in any case.
    """

    def __init__(
        self,
        known: Mapping[str, datetime],
        digests: Mapping[str, int],
        since: datetime,
        until: datetime,
    ) -> None:
        self._known = {one: (rfc3339(time), digests.get(one)) for one, time in known.items()}
        self._since, self._until = rfc3339(since), rfc3339(until)
        self._found: dict[str, tuple[str, int]] = {}
        self._has_replaced = False  # since that was last asked for
        self.has_unstamped = False
        """Whether one of the records had no time of its last change."""
        self.changed_later: set[str] = set()
        """Records that were emitted as changed after the cutoff: no count up to it has them."""

    @property
    def since(self) -> str:
        """From when on the times of records are wanted that are emitted."""
        return self._since

    def fresh(self, records: Records, changed: Changed) -> Records:
        """Return the records that have not been emitted as they are, and remember the others.

        They were `changed` so.
        """
        self.note(records, changed)
        self.has_unstamped = self.has_unstamped or bool(changed.untimed)
        if not self._known or not records:
            return records
        # Few of a page are: the digests of the others are not worth making.
        met = self._known.keys() & {*records.values(ID)}
        old = {record[ID] for record in records.pick(met) if self._is_known(record)} if met else ()
        # Whatever comes now, and be it older, is what the destination has from now on.
        self._replace(met.difference(old))
        return records.replacing(dict.fromkeys(old)) if old else records

    def _replace(self, ids: Iterable[str]) -> None:
        for one in self._known.keys() & {*ids}:
            del self._known[one]
            self._has_replaced = True

    def replaced(self, packed: str | None) -> str | None:
        """Return what the destination still has of what earlier runs emitted, as STATE has it.

        It is the same as `packed`, which was returned before, if nothing of it was replaced since.
        """
        if not self._has_replaced:
            return packed
        self._has_replaced = False
        times = {one: parse(time) for one, (time, _) in self._known.items()}
        digests = {one: number for one, (_, number) in self._known.items() if number is not None}
        return pack_times(times, digests if len(digests) == len(times) else None)

    def unread(self, records: Records) -> Rows:
        """Return the records, or tombstones, that this run has not emitted as they are."""
        found = self._found
        return Rows(
            record
            for record in records
            if record[ID] not in found or found[record[ID]][0] != record.get(MODIFIED_TIME)
        )

    def note(self, records: Records, changed: Changed) -> None:
        """Remember records that are emitted, which were `changed` so."""
        later = _later(changed, self._since)
        if not later:
            return
        recent = {record_id for record_id, time in later if time < self._until}
        self.changed_later.update(record_id for record_id, time in later if time >= self._until)
        for record in records.pick(recent) if recent else ():
            self._found[record[ID]] = record[MODIFIED_TIME], digest(record)

    def _is_known(self, record: Record) -> bool:
        """Whether an earlier run has emitted a record as it is."""
        time, known = self._known[record[ID]]
        return time == record.get(MODIFIED_TIME) and known in {None, digest(record)}

    def forget(self, records: Records) -> None:
        """Forget the records of tombstones."""
        self._replace(records.tombstones())
        for one in records.tombstones():
            self._found.pop(one, None)
            self.changed_later.discard(one)

    def packed(self) -> str | None:
        """Return what the next run has to know, as STATE has it."""
        times = {one: parse(time) for one, (time, _) in self._found.items()}
        return pack_times(times, {one: number for one, (_, number) in self._found.items()})
