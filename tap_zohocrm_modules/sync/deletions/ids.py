"""The ids that a destination has, packed so that they fit into STATE.

Zoho lists 2,000 deletions at most, forgets them after 60 or 120 days, and lists none of subforms
and linking modules. Only who knows which ids were emitted can say which of them are gone.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import itertools
import operator
import sys
import zlib
from array import array
from collections.abc import Sequence

from tap_zohocrm_modules.sync.state import StateError
from tap_zohocrm_modules.zoho.records.id_set import IdSet, id_numbers
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

_BYTES = 8
_MOST_BYTES = 400_000_000

# So many characters of ids STATE has unless the user asks for delete sweeps: of all modules about
# a million and a half, and a line that each Meltano takes; of each at least some ten thousand.
_IN_ALL, _OF_EACH = 3_000_000, 40_000
# So many characters of ids in STATE weigh as much as one record.
_AS_A_RECORD = 50

# Ids that are added in a run are packed behind the others, to be packed with them by the next one.
_SEPARATOR = "."


def most_kept(others: int) -> int:
    """Return how many characters a stream's ids may take where no delete sweeps are wanted.

    Those of all other streams take so many.
    """
    return max(_OF_EACH, _IN_ALL - others)


def records_worth(size: int) -> int:
    """Return how many records two STATEs should have between them, to be a small part of all.

    The ids of all streams take so many characters in each.
    """
    return size // _AS_A_RECORD


@dataclasses.dataclass(eq=False)
class KnownIds:
    """The ids that a destination may have of one module, as far as they are kept.

    They are kept until it is known that the record is gone, whatever becomes of a run: an id too
    many costs a tombstone of what is not there, an id too few leaves a deleted record for ever.
    """

    # What STATE has of them; None where they are not known. Unpacked when they are needed, which
    # most runs do not, and packed when they have changed.
    _packed: str | None
    _most: int | None  # how many characters they may take; None for any number
    # What STATE has of those that it knew before their records were emitted.
    _unsettled_packed: str | None = None
    _ids: IdSet | None = dataclasses.field(default=None, init=False)
    _added: IdSet = dataclasses.field(default_factory=IdSet, init=False)  # not packed yet
    # Those of records that the destination may lack, since no STATE is known to follow them.
    _unsettled: set[int] | None = dataclasses.field(default=None, init=False)
    # The ids of a read of everything, if it has begun in this run.
    seen: IdSet | None = dataclasses.field(default=None, init=False)
    # Those of the tombstones that this run has emitted.
    _gone: set[int] = dataclasses.field(default_factory=set, init=False)
    # The ids of what this run emits, where the read has begun in an earlier one.
    rest: IdSet | None = dataclasses.field(default=None, init=False)

    @property
    def ids(self) -> IdSet | None:
        """The ids, None where they are not known; StateError: STATE has something else."""
        if self._ids is None and self._packed is not None:
            self._ids = _of_state(self._packed)
            if _SEPARATOR in self._packed:
                self._packed = None
        return self._ids

    @property
    def unsettled(self) -> set[int]:
        """Those of the ids whose records the destination may lack; StateError: as of `ids`."""
        if self._unsettled is None:
            packed = self._unsettled_packed
            self._unsettled = set() if packed is None else {*_of_state(packed).ordered()}
        return self._unsettled

    def begin(self, *, replaces: bool = False) -> None:
        """Note that a read of everything begins: it emits every record that there is.

        Where it `replaces` what the destination has, nothing else counts from now on, even if
        several runs read it: a role may hide until its end what an earlier read has emitted.
        """
        if self.ids is None or replaces:
            self.learn(IdSet())
            self._unsettled = set()
        # Of an empty destination both are the same, and need not be kept twice.
        self.seen = IdSet() if self.ids else self.ids

    def go_on(self) -> None:
        """Note that a read of everything goes on: this run emits the rest of the records."""
        self.rest = IdSet()

    def emitted(self, before: int, records: int) -> int:
        """Return how many records a read of everything has emitted, each counted once.

        They were so many `before` the first of those that this run reads, and `records` in it.
        """
        if self.seen is not None:
            return len(self.seen)
        return before + (records if self.rest is None else len(self.rest))

    def unsettle(self, emitted: Sequence[str]) -> None:
        """Note that STATE has the ids of records which are emitted only then."""
        self.unsettled.update(id_numbers(emitted))

    def settled(self, emitted: Sequence[str]) -> None:
        """Note that records have been emitted, so that a STATE which follows is right."""
        self.unsettled.difference_update(id_numbers(emitted))

    def learn(self, ids: IdSet | None) -> None:
        """Keep these ids from now on; none if they are not known."""
        self._ids, self._packed = ids, None
        self._added = IdSet()

    def add(self, emitted: Sequence[str]) -> bool:
        """Add ids of records that are emitted next; return whether one may be new."""
        ids = self.ids if emitted else None
        counted = [one for one in (self.seen, self.rest) if one is not None and one is not ids]
        if not emitted or (ids is None and not counted):
            return False
        try:
            found = id_numbers(emitted)
        except UnreadableAnswerError:
            self.learn(None)
            self.seen = self.rest = None
            return False
        for one in counted:
            one.add(found)
        if ids is None:
            return False
        new = ids.lacks(found)
        ids.add(new)
        self._added.add(new)
        return bool(new)

    def unknown(self, records: Records) -> Records:
        """Return the records that have not been emitted, as a tombstone or, if known, at all.

        Of a read of everything it counts what the read has emitted: a version has nothing else.
        """
        known = self.ids if self.seen is None else self.seen
        if not records or (known is None and not self._gone):
            return records
        numbers = id_numbers(records.values(ID))
        new = {*numbers}
        if known is not None:
            known.ordered()
            new = {*known.lacks(numbers)} | self.unsettled.intersection(numbers)
        # Calls may lag behind Zoho's list of deletions.
        new -= self._gone
        return records.replacing({one: None for one in records.values(ID) if int(one) not in new})

    def remove(self, tombstones: Sequence[str]) -> None:
        """Remove the ids of tombstones, which have been emitted."""
        gone = array("Q", map(int, filter(str.isdecimal, tombstones)))
        ids = self.ids if gone else None
        if ids is not None and ids.remove(gone):
            self._packed = None
        self.unsettled.difference_update(gone)
        self._gone.update(gone)
        for counted in (self.seen, self.rest):
            if gone and counted is not None and counted is not ids:
                counted.remove(gone)

    def settle(self) -> None:
        """Have all ids packed together next: equal ones are then equal in STATE.

        What a read that has come to its end did not meet of those unsettled is gone.
        """
        self.unsettled.clear()
        if (self._added or _SEPARATOR in (self._packed or "")) and self.ids is not None:
            self._packed = None

    def packed(self) -> str | None:
        """Return the ids as STATE has them; None where they are not kept."""
        if self._ids is not None and self._packed is None:
            self._packed = pack(self._ids)
        elif self._packed is not None and self._added:
            self._packed += _SEPARATOR + pack(self._added)
        self._added = IdSet()
        if self._most is not None and len(self._packed or "") > self._most:
            self.learn(None)
        return self._packed

    def packed_unsettled(self) -> str | None:
        """Return the ids of records that a destination may lack, as STATE has them."""
        return pack(IdSet(sorted(self.unsettled))) if self.unsettled else None


def _of_state(packed: str) -> IdSet:
    try:
        return unpack(packed)
    except ValueError as error:
        raise StateError(
            f"STATE has ids that cannot be unpacked ({error}): restore the STATE of the last run,"
            " or remove the stream's part of it to load the stream anew."
        ) from error


def pack(ids: IdSet) -> str:
    """Return ids as text: in their order, each as its distance from the one before, compressed."""
    numbers = ids.ordered()
    distances = array("Q", map(operator.sub, numbers, itertools.chain([0], numbers)))
    return pack_numbers(distances)


def pack_numbers(numbers: array[int]) -> str:
    """Return numbers as text, compressed."""
    # The first bytes of all, then the second ones: most of the latter are equal.
    content = b"".join(_in_state(numbers)[place::_BYTES] for place in range(_BYTES))
    return base64.b64encode(zlib.compress(content)).decode("ascii")


def unpack(text: str) -> IdSet:
    """Return the ids that `pack` made a text of, or several texts; ValueError: it is none."""
    first, *others = map(_unpacked, text.split(_SEPARATOR))
    ids = IdSet(first)
    for numbers in others:
        ids.add(numbers)
    return ids


def _unpacked(text: str) -> array[int]:
    try:
        return array("Q", itertools.accumulate(unpack_numbers(text)))
    except OverflowError as error:
        raise ValueError("an id is too long") from error


def unpack_numbers(text: str) -> array[int]:
    """Return the numbers that `pack_numbers` made a text of; ValueError: it is none."""
    try:
        compressed = base64.b64decode(text.encode("ascii"), validate=True)
        inflater = zlib.decompressobj()
        content = inflater.decompress(compressed, _MOST_BYTES)
    except (binascii.Error, zlib.error, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from error
    size, rest = divmod(len(content), _BYTES)
    if rest or not inflater.eof:
        raise ValueError("it is cut off")
    ordered = bytearray(len(content))
    for place in range(_BYTES):
        ordered[place::_BYTES] = content[place * size : (place + 1) * size]
    return array("Q", _in_state(array("Q", bytes(ordered))))


def _in_state(numbers: array[int]) -> bytes:
    """Return numbers as bytes, the least first, whatever the machine's own order is."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()
