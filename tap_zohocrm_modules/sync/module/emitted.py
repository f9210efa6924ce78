"""How many records a read has emitted, for the later run that resumes it."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import msgspec

from tap_zohocrm_modules.sync.deletions.known import EVER
from tap_zohocrm_modules.sync.module.start import ReadStart
from tap_zohocrm_modules.sync.state import ReadPosition
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.reading import Page
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.transport.instants import rfc3339


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

    def add(self, page: Page) -> None:
        """Add the records of a page that is emitted."""
        joins = self.joins
        if page.watermark is None and page.checkpoint is not None and joins and not self._later:
            self._floor = max(self._floor, joins)
        self._take(page.records)
        if page.watermark is None and page.checkpoint is None:
            # The first ones of a list by time may be those without one.
            return
        reached = [instant for instant in (page.watermark, joins) if instant is not None]
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

    def position(self, start: ReadStart, bookmark: datetime | None, page: Page) -> ReadPosition:
        """Return what STATE keeps of a read that goes on at a page's checkpoint."""
        position = msgspec.structs.replace(
            start.position(bookmark, page.checkpoint or {}, self.all), untimed=self.untimed
        )
        if self.joins is None:
            return position
        late = self.all - self.until(self.joins)
        return msgspec.structs.replace(position, late=late, late_since=self.joins if late else None)

    def _take(self, records: Records) -> None:
        self.untimed += len(records.untimed())
        if self._edge and (met := self._edge.intersection(records.values(ID))):
            self._settled -= len(met)
            self._edge -= met
        is_old = list(records.changed_before(rfc3339(self._floor)))
        self._settled += sum(is_old)
        if all(is_old):
            return
        for one, time, old in zip(
            records.values(ID), records.values(MODIFIED_TIME), is_old, strict=True
        ):
            if not old:
                self._later[one] = time

    def _settle(self, floor: datetime) -> None:
        begin = rfc3339(floor)
        later = {one: time for one, time in self._later.items() if time >= begin}
        self._settled += len(self._later) - len(later)
        self._later, self._floor = later, max(floor, self._floor)
