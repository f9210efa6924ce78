"""What has been emitted within the lookback, so that the next run need not emit it again.

An increment asks again for what was modified or deleted shortly before its bookmark, since changes
can become visible later than the second that they name.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from tap_zohocrm_modules.sync.deletions.times import pack_times
from tap_zohocrm_modules.zoho.records.model import ADDITIONAL_PROPERTIES, ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.records import Records, Rows
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339

_NUMBERS = (int, float, Decimal)


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

    def fresh(self, records: Records) -> Records:
        """Return the records that have not been emitted as they are, and remember the others."""
        self.note(records)
        self.has_unstamped = self.has_unstamped or bool(records.untimed())
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

    def note(self, records: Records) -> None:
        """Remember records that are emitted."""
        is_old = list(records.changed_before(self._since))
        if all(is_old):
            return
        ids, times = records.values(ID), records.values(MODIFIED_TIME)
        fresh = [
            one for one, old in zip(zip(ids, times, strict=True), is_old, strict=True) if not old
        ]
        recent = {record_id for record_id, time in fresh if time < self._until}
        self.changed_later.update(record_id for record_id, time in fresh if time >= self._until)
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
