"""Counts the records of a stream in one run.

Of a record stay: a fingerprint of its key, and a bit for each column that has a value. Of a column
stay, until the run ends, its first different values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zohocrm_atlas.model.loaded import TOMBSTONE, LoadedTable
from zohocrm_atlas.usage.packed import GROUP, PARTS, Moved, Packed, fingerprint_of

MOST_DISTINCT = 1000
_MOST_ENTRIES = 2_000_000
"""Of a lookup; every other one at least is another id, as repeated ones are put together."""
THERE = 1
"""The first bit of a record that is there; no bit is set of one that is gone."""
_STAMPS = ("Modified_Time", "Created_Time")
_KIND = re.compile(r"\((\w+) field")


class Counter:
    """The records of one stream.

    Attributes:
        records: Their fingerprints; behind THERE, a bit for each of the columns.
        whole: Whether the table has what came in this run, and nothing else.
        came: The columns that came, with a value or without.
        table: As its last schema has it.
    """

    def __init__(self, table: LoadedTable) -> None:
        self.keys = table.keys
        self.columns: list[str] = []
        self.seen: list[Seen] = []
        self.stamp = ""
        self.records = Packed(width_of(()))
        self.whole = False
        self.came: set[str] = set()
        self.fit(table)

    def fit(self, table: LoadedTable) -> None:
        """Puts the columns of a later schema behind its own."""
        self.table = table
        for column in table.columns:
            if column.name != TOMBSTONE and column.name not in self.columns:
                self.columns.append(column.name)
                self.seen.append(Seen(**_kind(column.words)))
        self.stamp = next((name for name in _STAMPS if name in self.columns), "")
        self.records.widen(width_of(self.columns))

    def take_in(self, other: Counter) -> None:
        """Counts what another one has, of records of other keys."""
        self.fit(other.table)
        places = [0, *(self.columns.index(name) + 1 for name in other.columns)]
        moved = Moved(places, self.records.width)
        for number in range(PARTS):
            for found, bits in other.records.last(number).items():
                self.records.add(found, moved[bits])
        for name, seen in zip(other.columns, other.seen, strict=True):
            self.seen[self.columns.index(name)].take_in(seen)
        self.came |= other.came

    def add(self, record: Mapping[str, Any]) -> None:
        """Counts a record, or a tombstone."""
        found = fingerprint_of(str(record.get(name)) for name in self.keys)
        if record.get(TOMBSTONE) is not None:
            self.records.add(found, bytes(self.records.width))
            return
        if len(record) > len(self.came):
            self.came.update(record)
        bits, stamp = THERE, record.get(self.stamp) if self.stamp else None
        for number, name in enumerate(self.columns, 1):
            value = record.get(name)
            if value is None:
                continue
            bits |= 1 << number
            seen = self.seen[number - 1]
            seen.note_time(stamp, stamp)
            if not seen.many:
                seen.note_values([(value, 1)])
            if seen.leads_to is not None:
                seen.note_ids([fingerprint_of([str(value)])])
        self.records.add(found, bits.to_bytes(self.records.width, "little"))


class Seen:
    """What came in one column: hashes of its values; of a picklist's, the values and how often.

    Attributes:
        many: Whether more different values came than are counted.
        leads_to: The fingerprints of a lookup's ids; None for other columns, and of too many.
    """

    __slots__ = ("counts", "hashes", "is_picklist", "leads_to", "many", "newest", "oldest")

    def __init__(self, *, is_picklist: bool = False, is_lookup: bool = False) -> None:
        self.hashes: set[int] = set()
        self.counts: dict[str, int] = {}
        self.many = False
        self.oldest = ""
        self.newest = ""
        self.is_picklist = is_picklist
        self.leads_to = Packed() if is_lookup else None

    def note_values(self, several: Iterable[tuple[Any, int]]) -> None:
        """Values came, each so often."""
        for value, times in several:
            number = hash(value) if isinstance(value, (str, int, float)) else hash(repr(value))
            self.hashes.add(number)
            if self.is_picklist:
                self.counts[str(value)] = self.counts.get(str(value), 0) + times
            if len(self.hashes) > MOST_DISTINCT:
                self.note_many()
                return

    def note_ids(self, several: Sequence[bytes]) -> None:
        """A lookup led to these fingerprints."""
        if self.leads_to is not None:
            self.leads_to.add_all(several)
            if self.leads_to.entries > _MOST_ENTRIES:
                self.leads_to = None

    def note_many(self) -> None:
        """More different values came than are counted."""
        self.many = True
        self.hashes.clear()
        self.counts.clear()

    def note_time(self, oldest: str | None, newest: str | None) -> None:
        """Records of these times have a value."""
        if oldest and newest:
            self.newest = max(self.newest, newest)
            self.oldest = min(self.oldest or oldest, oldest)

    def take_in(self, other: Seen) -> None:
        """The same of more records."""
        self.note_time(other.oldest, other.newest)
        self.hashes |= other.hashes
        for value, times in other.counts.items():
            self.counts[value] = self.counts.get(value, 0) + times
        if other.many or len(self.hashes) > MOST_DISTINCT:
            self.note_many()
        if other.leads_to is None:
            self.leads_to = None
        else:
            self.note_ids([found for n in range(PARTS) for found in other.leads_to.last(n)])

    def astray(self, records: Packed) -> int:
        """How many of a lookup's ids are none of these records'."""
        return self.leads_to.missing(records) if self.leads_to is not None else 0

    @property
    def distinct(self) -> int:
        """How many different values came, at most as many as are counted."""
        return MOST_DISTINCT if self.many else len(self.hashes)


def width_of(columns: Iterable[str]) -> int:
    """How many bytes have a bit for each of these columns, behind THERE."""
    return (len([*columns]) // (8 * GROUP) + 1) * GROUP


def _kind(words: str) -> dict[str, bool]:
    found = _KIND.search(words)
    kind = found[1] if found else ""
    return {"is_picklist": kind == "picklist", "is_lookup": kind == "lookup"}
