"""Counts the records of a stream in one run.

Of a record stay: a fingerprint of its key, and a bit for each column that has a value. Of a column
stay, until the run ends, its first different values.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Collection, Mapping
from typing import Any

from zohocrm_atlas.model.loaded import TOMBSTONE, LoadedTable

MOST_DISTINCT = 1000
_MOST_KEYS = 1_000_000
GONE = -1
"""What is kept of a record that is gone."""
_STAMPS = ("Modified_Time", "Created_Time")
_KIND = re.compile(r"\((\w+) field")


class Counter:
    """The records of one stream.

    Attributes:
        masks: By the fingerprints of keys: the bits of the columns that have a value, or GONE.
        whole: Whether the table has what came in this run, and nothing else.
        came: The columns that came, with a value or without.
        is_broken: Whether some of the records could not be read.
    """

    def __init__(self, table: LoadedTable) -> None:
        columns = [each for each in table.columns if each.name != TOMBSTONE]
        self.columns = [each.name for each in columns]
        self.keys = table.keys
        self.stamp = next((name for name in _STAMPS if name in self.columns), "")
        self.masks: dict[int, int] = {}
        self.whole = False
        self.seen = [Seen(**_kind(each.words)) for each in columns]
        self.came: set[str] = set()
        self.is_broken = False

    def widened(self, other: Counter) -> Counter:
        """The same, with the columns of a later schema behind its own."""
        for name, seen in zip(other.columns, other.seen, strict=True):
            if name not in self.columns:
                self.columns.append(name)
                self.seen.append(seen)
        return self

    def add(self, record: Mapping[str, Any]) -> None:
        """Counts a record, or a tombstone."""
        key = [str(record.get(name)) for name in self.keys]
        if record.get(TOMBSTONE) is not None:
            self.masks[fingerprint(key)] = GONE
            return
        if len(record) > len(self.came):
            self.came.update(record)
        mask, stamp = 0, record.get(self.stamp) if self.stamp else None
        for number, name in enumerate(self.columns):
            value = record.get(name)
            if value is None:
                continue
            mask |= 1 << number
            seen = self.seen[number]
            seen.note_time(stamp, stamp)
            if not seen.many:
                seen.note_value(value, 1)
        self.note(key, mask)

    def note(self, key: Collection[str], mask: int) -> None:
        """A record of this key has values in these columns."""
        self.masks[fingerprint(key)] = mask

    @property
    def is_empty(self) -> bool:
        """Whether nothing came."""
        return not self.masks and not self.whole


class Seen:
    """What came in one column: hashes of its values; of a picklist's, the values and how often."""

    __slots__ = (
        "_is_picklist",
        "_most",
        "counts",
        "hashes",
        "leads",
        "leads_to",
        "many",
        "newest",
        "oldest",
    )

    def __init__(self, *, is_picklist: bool = False, is_lookup: bool = False) -> None:
        self.hashes: set[int] = set()
        self.counts: dict[str, int] = {}
        self.many = False
        self.oldest = ""
        self.newest = ""
        self._is_picklist = is_picklist
        self.leads = is_lookup
        self.leads_to = array("Q")
        self._most = _MOST_KEYS if is_lookup else MOST_DISTINCT

    def note_value(self, value: Any, times: int) -> None:
        """A value came so often."""
        found = hash(value) if isinstance(value, (str, int, float)) else hash(repr(value))
        if self.leads and found not in self.hashes:
            self.leads_to.append(fingerprint([str(value)]))
        self.hashes.add(found)
        if self._is_picklist:
            self.counts[str(value)] = self.counts.get(str(value), 0) + times
        if len(self.hashes) > self._most:
            self.many = True
            self.hashes.clear()
            self.counts.clear()
            del self.leads_to[:]

    def note_time(self, oldest: str | None, newest: str | None) -> None:
        """Records of these times have a value."""
        if oldest and newest:
            self.newest = max(self.newest, newest)
            self.oldest = min(self.oldest or oldest, oldest)

    def astray(self, masks: Mapping[int, int]) -> int:
        """How many of a lookup's ids are none of these records'."""
        return sum(masks.get(each, GONE) == GONE for each in self.leads_to)

    @property
    def distinct(self) -> int:
        """How many different values came, at most as many as are counted."""
        return MOST_DISTINCT if self.many else min(len(self.hashes), MOST_DISTINCT)

    @property
    def is_more(self) -> bool:
        """Whether there are more."""
        return self.many or len(self.hashes) > MOST_DISTINCT


def fingerprint(key: Collection[str]) -> int:
    """A number that stands for a key, and from which the key cannot be read."""
    text = "\x1f".join(key).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def _kind(words: str) -> dict[str, bool]:
    found = _KIND.search(words)
    kind = found[1] if found else ""
    return {"is_picklist": kind == "picklist", "is_lookup": kind == "lookup"}
