"""Records as fingerprints of their keys, each followed by bits: one a column, set for a value."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

KEY = 8
"""Bytes of a fingerprint."""
GROUP = 8
"""Bits come in groups of so many bytes."""
PARTS = 256
_ROOM = 500_000


def fingerprint(key: bytes) -> bytes:
    """What stands for a key, and from which the key cannot be read."""
    return hashlib.blake2b(key, digest_size=KEY).digest()


def fingerprint_of(key: Iterable[str]) -> bytes:
    """The same of a key of several texts."""
    return fingerprint("\x1f".join(key).encode())


class Packed:
    """Entries by fingerprints; the last one of a fingerprint counts.

    They lie in parts by the first byte of the fingerprint, since a part at a time can be put in
    order in little memory.

    Attributes:
        width: Bytes of bits in each entry.
        parts: For each first byte: fingerprints, each followed by its bits.
        entries: How many there are, those included that no longer count.
        room: With more entries than these, those that no longer count are taken away.
    """

    def __init__(self, width: int = 0) -> None:
        self.width = width
        self.parts = [bytearray() for _ in range(PARTS)]
        self.entries = 0
        self.room = _ROOM

    def add(self, found: bytes, bits: bytes = b"") -> None:
        """Puts an entry behind the others."""
        self.parts[found[0]] += found + bits
        self.entries += 1
        if self.entries > self.room:
            self._compact()

    def add_all(self, several: Sequence[bytes], bits: bytes = b"") -> None:
        """Puts entries behind the others; their bits follow one another."""
        parts, width = self.parts, self.width
        for number, found in enumerate(several):
            parts[found[0]] += found + bits[number * width : (number + 1) * width]
        self.entries += len(several)
        if self.entries > self.room:
            self._compact()

    def widen(self, width: int) -> None:
        """Gives each entry so many bytes of bits; those behind its own are not set."""
        if width > self.width:
            more = bytes(width - self.width)
            kept = [
                [found + bits + more for found, bits in self.last(n).items()] for n in range(PARTS)
            ]
            self.parts, self.width = [bytearray(b"".join(each)) for each in kept], width

    def _compact(self) -> None:
        for number in range(PARTS):
            last = self.last(number)
            self.parts[number] = bytearray(b"".join(found + bits for found, bits in last.items()))
        self.entries = sum(map(len, self.parts)) // (KEY + self.width)
        self.room = max(_ROOM, 2 * self.entries)

    def last(self, number: int) -> dict[bytes, bytes]:
        """The bits that count, by the fingerprints of a part."""
        step, part = KEY + self.width, bytes(self.parts[number])
        return {part[at : at + KEY]: part[at + KEY : at + step] for at in range(0, len(part), step)}

    def missing(self, others: Packed) -> int:
        """How many of these fingerprints the others do not have, or as gone."""
        total = 0
        for number in range(PARTS):
            there = {found for found, bits in others.last(number).items() if bits[0]}
            total += len(self.last(number).keys() - there)
        return total


class Moved(dict[bytes, bytes]):
    """By the bits as one has them, those as another has them."""

    def __init__(self, places: list[int], width: int) -> None:
        super().__init__()
        self._places, self._width = places, width
        self.is_same = places == [*range(len(places))]

    def __missing__(self, bits: bytes) -> bytes:
        mask = int.from_bytes(bits, "little")
        moved = sum(1 << place for number, place in enumerate(self._places) if mask >> number & 1)
        return self.setdefault(bits, moved.to_bytes(self._width, "little"))


def sums(bits: bytes, width: int) -> list[int]:
    """For each bit: how many records have it, whose bits follow one another."""
    found, several = [], len(bits) // width
    for place in range(width):
        column = int.from_bytes(bits[place::width], "little")
        for bit in range(8):
            ones = int.from_bytes(bytes([1 << bit]) * several, "little")
            found.append((column & ones).bit_count())
    return found
