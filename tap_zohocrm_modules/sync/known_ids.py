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
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from tap_zohocrm_modules.sync.state import StateError
from tap_zohocrm_modules.zoho.records.columnar import Columnar
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, ID
from tap_zohocrm_modules.zoho.records.projection import Record

_BYTES = 8
_MOST_BYTES = 100_000_000


# So many ids of a module are kept in STATE unless the user asks for delete sweeps: the lesser
# number in any case, the greater while those of all modules are few enough, about a megabyte.
_KEPT_OF_EACH, _MOST_OF_EACH, _KEPT_IN_ALL = 20_000, 100_000, 500_000
_CHARACTERS = 2
# So many characters of ids in STATE weigh as much as one record.
_AS_A_RECORD = 50

# Ids that are added in a run are packed behind the others, to be packed with them by the next one.
_SEPARATOR = "."


def _size_in_state(state: Mapping[str, Any], *, without: str = "") -> int:
    """Return how many characters the ids of all streams take in STATE, but for one stream's."""
    parts: Mapping[str, Any] = state.get("bookmarks", {})
    found = (part.get("ids") for name, part in parts.items() if name != without)
    return sum(len(ids) for ids in found if isinstance(ids, str))


def most_kept(state: Mapping[str, Any], stream: str) -> int:
    """Return how many ids of a stream are kept in STATE where no delete sweeps are wanted."""
    others = _size_in_state(state, without=stream) // _CHARACTERS
    return min(_MOST_OF_EACH, max(_KEPT_OF_EACH, _KEPT_IN_ALL - others))


def records_worth(state: Mapping[str, Any]) -> int:
    """Return how many records two STATEs should have between them, to be a small part of all."""
    return _size_in_state(state) // _AS_A_RECORD


@dataclasses.dataclass(eq=False)
class KnownIds:
    """The ids that a destination may have of one module, as far as they are kept.

    They are kept until it is known that the record is gone, whatever becomes of a run: an id too
    many costs a tombstone of what is not there, an id too few leaves a deleted record for ever.
    """

    # What STATE has of them; None where they are not known. Unpacked when they are needed, which
    # most runs do not, and packed when they have changed.
    _packed: str | None
    _most: int | None  # how many are kept; None for any number
    _ids: set[str] | None = dataclasses.field(default=None, init=False)
    _added: set[str] = dataclasses.field(default_factory=set, init=False)
    # The ids of a read of everything, if it has begun in this run and they are kept.
    seen: set[str] | None = dataclasses.field(default=None, init=False)

    @property
    def ids(self) -> set[str] | None:
        """The ids, None where they are not known; StateError: STATE has something else."""
        if self._ids is None and self._packed is not None:
            try:
                self._ids = unpack(self._packed)
            except ValueError as error:
                raise StateError(
                    f"STATE has ids that cannot be unpacked ({error}): restore the STATE of the"
                    " last run, or remove the stream's part of it to load the stream anew."
                ) from error
            if _SEPARATOR in self._packed:
                self._packed = None
        return self._ids

    def begin(self) -> None:
        """Note that a read of everything begins: it emits every record that there is."""
        if self.ids is None:
            self.learn(set())
        # Of an empty destination both are the same, and need not be kept twice.
        self.seen = set() if self.ids else self.ids

    def learn(self, ids: set[str] | None) -> None:
        """Keep these ids from now on, and none if they are not known or too many."""
        is_kept = ids is not None and (self._most is None or len(ids) <= self._most)
        self._ids, self._packed = ids if is_kept else None, None
        self._added = set()

    def add(self, records: Sequence[Record]) -> bool:
        """Add the ids of records that are emitted next; return whether one is new."""
        ids = self.ids if records else None
        if ids is None:
            return False
        if isinstance(records, Columnar):
            # No tombstones come by columns.
            found = set(records.values(ID))
        else:
            found = {record[ID] for record in records if record.get(DELETED_AT) is None}
        if self.seen is not None and self.seen is not ids:
            self.seen |= found
        new = found - ids
        ids |= new
        self._added |= new
        if self._most is not None and len(ids) > self._most:
            self.learn(None)
            self.seen = None
        return bool(new)

    def remove(self, records: Sequence[Record]) -> None:
        """Remove the ids of tombstones, which have been emitted."""
        ids = None if isinstance(records, Columnar) else self.ids
        if ids is None:
            return
        gone = {record[ID] for record in records if record.get(DELETED_AT) is not None} & ids
        if gone:
            ids -= gone
            self._packed = None

    def settle(self) -> None:
        """Have all ids packed together next: equal ones are then equal in STATE."""
        if (self._added or _SEPARATOR in (self._packed or "")) and self.ids is not None:
            self._packed = None
            self._added = set()

    def packed(self) -> str | None:
        """Return the ids as STATE has them; None where they are not kept."""
        if self._ids is None or (self._packed is not None and not self._added):
            return self._packed
        try:
            if self._packed is None:
                self._packed = pack(self._ids)
            else:
                self._packed += _SEPARATOR + pack(self._added)
        except ValueError:
            # No document says that ids are numbers, though all of them are.
            self.learn(None)
        self._added = set()
        return self._packed


def pack(ids: Collection[str]) -> str:
    """Return ids as text: sorted, each as its distance from the one before, compressed.

    ValueError: one of them is not a whole number of 64 bits without leading zeros.
    """
    digits = "".join(ids)
    # Of texts of digits those with a leading zero are the first.
    first = min(filter("0".__ne__, ids), default="1")
    if (digits and not (digits.isascii() and digits.isdecimal())) or first.startswith("0"):
        raise ValueError("an id is no number")
    numbers = sorted(map(int, ids))
    try:
        distances = array("Q", map(operator.sub, numbers, itertools.chain([0], numbers)))
    except OverflowError as error:
        raise ValueError("an id is too long") from error
    # The first bytes of all, then the second ones: most of the latter are equal.
    content = b"".join(_in_state(distances)[place::_BYTES] for place in range(_BYTES))
    return base64.b64encode(zlib.compress(content)).decode("ascii")


def unpack(text: str) -> set[str]:
    """Return the ids that `pack` made a text of, or several texts; ValueError: it is none."""
    return set(itertools.chain.from_iterable(map(_unpacked, text.split(_SEPARATOR))))


def _unpacked(text: str) -> Iterator[str]:
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
    distances = array("Q", bytes(ordered))
    return map(str, itertools.accumulate(array("Q", _in_state(distances))))


def _in_state(numbers: array[int]) -> bytes:
    """Return numbers as bytes, the least first, whatever the machine's own order is."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()
