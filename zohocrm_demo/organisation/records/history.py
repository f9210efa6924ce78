"""What has happened to records while the organisation runs: timelines and the audit log tell it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one record."""

    number: int  # from 1
    action: str  # `added`, `updated`, `deleted`, `restored` or `converted`
    module: str  # the module's id, which no renaming changes
    record_id: str
    record_name: str | None
    at: int  # in seconds since 1970
    by: str  # the id of the user
    # Field, value before and value afterwards, as records keep them.
    changes: tuple[tuple[str, Any, Any], ...] = ()


class History:
    """The latest events; the store guards it with its lock."""

    def __init__(self) -> None:
        self._count = 0
        self._events: deque[Event] = deque()
        self._by_record: dict[str, deque[Event]] = {}

    def note(
        self, action: str, of: tuple[str, str, str | None], at: int, by: str, *changes: Any
    ) -> None:
        """Add an event; `of` is the module's id, the record's and its name."""
        self._count += 1
        event = Event(self._count, action, *of, at, by, changes)
        self._events.append(event)
        self._by_record.setdefault(event.record_id, deque()).append(event)
        if len(self._events) > _MOST:
            oldest = self._events.popleft()
            self._by_record[oldest.record_id].popleft()

    def events_of(self, record_id: str) -> list[Event]:
        """What has happened to a record, the oldest first."""
        return list(self._by_record.get(record_id, ()))

    @property
    def events(self) -> list[Event]:
        """What has happened to all records, the oldest first."""
        return list(self._events)
