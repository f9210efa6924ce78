"""What is known of each record over the runs: its fingerprint, and which columns have a value."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from zohocrm_atlas.errors import AtlasError
from zohocrm_atlas.usage.counter import GONE, Counter

USAGE = "data/usage"


class Memory(msgspec.Struct, frozen=True):
    """The records of a table: by fingerprints, the bits of its columns that have a value.

    Attributes:
        masks: Fingerprints of eight bytes, each followed by `(len(columns) + 7) // 8` bytes.
    """

    columns: tuple[str, ...] = ()
    masks: bytes = b""

    @property
    def records(self) -> int:
        """How many there are."""
        return len(self.masks) // (8 + (len(self.columns) + 7) // 8)

    def unpacked(self) -> Iterator[tuple[int, int]]:
        """Each fingerprint with its bits."""
        width = 8 + (len(self.columns) + 7) // 8
        for at in range(0, len(self.masks), width):
            one = self.masks[at : at + width]
            yield int.from_bytes(one[:8], "big"), int.from_bytes(one[8:], "big")


def load_memory(folder: Path, table: str) -> Memory:
    """What earlier runs left; empty if none did.

    Raises:
        AtlasError: The file cannot be read.
    """
    path = folder / USAGE / _file(table)
    if not path.exists():
        return Memory()
    try:
        return msgspec.msgpack.decode(gzip.decompress(path.read_bytes()), type=Memory)
    except (OSError, EOFError, msgspec.MsgspecError) as error:
        raise AtlasError(f"{path} cannot be read ({error}): remove it to go on.") from error


def save_memory(memory: Memory, folder: Path, table: str) -> None:
    """Writes it into the folder."""
    path = folder / USAGE / _file(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(msgspec.msgpack.encode(memory), 1, mtime=0))


def merge(memory: Memory, counter: Counter) -> tuple[Memory, list[int]]:
    """What is known after a run, and how many records have a value in each column.

    The counter's own records become part of it, for there is no room for all of them twice.
    """
    columns = list(dict.fromkeys((*memory.columns, *counter.columns)))
    masks = counter.masks
    places = [columns.index(name) for name in counter.columns]
    if places != list(range(len(places))):
        masks = {key: mask if mask == GONE else _moved(mask, places) for key, mask in masks.items()}
    if not counter.whole:
        for key, mask in memory.unpacked():
            masks.setdefault(key, mask)
    width = (len(columns) + 7) // 8
    packed, sums = bytearray(), Sums()
    for key, mask in masks.items():
        if mask != GONE:
            packed += key.to_bytes(8, "big") + mask.to_bytes(width, "big")
            sums.add(mask)
    return Memory(tuple(columns), bytes(packed)), sums.of(len(columns))


class Sums:
    """Adds bits as numbers, a column a digit: each plane holds one binary place of all sums."""

    def __init__(self) -> None:
        self._planes: list[int] = []

    def add(self, mask: int) -> None:
        """A record has a value in these columns."""
        planes, carry, place = self._planes, mask, 0
        while carry:
            if place == len(planes):
                planes.append(0)
            planes[place], carry = planes[place] ^ carry, planes[place] & carry
            place += 1

    def of(self, columns: int) -> list[int]:
        """How many records have a value in each column."""
        return [
            sum((plane >> number & 1) << place for place, plane in enumerate(self._planes))
            for number in range(columns)
        ]


def _moved(mask: int, places: list[int]) -> int:
    return sum(1 << place for number, place in enumerate(places) if mask >> number & 1)


def _file(table: str) -> str:
    # File systems may not tell names apart that differ in case only.
    safe = re.sub(r"[^A-Za-z0-9_-]", "-", table)[:80]
    return f"{safe}-{sum(c.isupper() << n for n, c in enumerate(table)):x}.gz"
