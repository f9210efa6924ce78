"""What has been emitted within the lookback, so that the next run need not emit it again.

An increment asks again for what was modified or deleted shortly before its bookmark, since changes
can become visible later than the second that they name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tap_zohocrm_modules.sync.deletions.times import pack_times
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.records import Records, Rows
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339

# Every time is later than it, as text.
_EARLIEST = "0001-01-01T00:00:00Z"


class RecentRecords:
    """The records of one module that are emitted within the lookback; one thread's.

    Args:
        known: When the records were last changed that earlier runs emitted, by id.
        since: Those changed from this instant on are remembered.
        until: Those changed from this instant on, the cutoff, are not: they may be changed once
            more in the same second, and the next run reads them in any case.
    """

    def __init__(self, known: Mapping[str, datetime], since: datetime, until: datetime) -> None:
        self._known = {one: rfc3339(time) for one, time in known.items()}
        self._since, self._until = rfc3339(since), rfc3339(until)
        self._found: dict[str, str] = {}
        self.has_unstamped = False
        """Whether one of the records had no time of its last change."""

    def fresh(self, records: Records) -> Records:
        """Return the records that have not been emitted as they are, and remember the others."""
        self.note(records)
        self.has_unstamped = self.has_unstamped or any(records.changed_before(_EARLIEST))
        if not self._known or not records:
            return records
        known = self._known
        pairs = zip(records.values(ID), records.values(MODIFIED_TIME), strict=True)
        old = {record_id for record_id, time in pairs if known.get(record_id) == time}
        if not old:
            return records
        return records.replacing(dict.fromkeys(old))

    def unread(self, records: Records) -> Rows:
        """Return the records, or tombstones, that this run has not emitted as they are."""
        found = self._found
        return Rows(
            record
            for record in records
            if record[ID] not in found or found[record[ID]] != record.get(MODIFIED_TIME)
        )

    def note(self, records: Records) -> None:
        """Remember records that are emitted."""
        is_old = list(records.changed_before(self._since))
        if all(is_old):
            return
        ids, times = records.values(ID), records.values(MODIFIED_TIME)
        self._found.update(
            (record_id, time)
            for record_id, time, old in zip(ids, times, is_old, strict=True)
            if not old and time < self._until
        )

    def forget(self, records: Records) -> None:
        """Forget the records of tombstones."""
        for one in records.tombstones():
            self._found.pop(one, None)
            self._known.pop(one, None)

    def packed(self) -> str | None:
        """Return what the next run has to know, as STATE has it."""
        return pack_times({one: parse(time) for one, time in self._found.items()})
