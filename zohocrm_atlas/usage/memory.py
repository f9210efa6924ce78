"""What is known of each record over the runs: its fingerprint, and which columns have a value."""

from __future__ import annotations

import gzip
import re
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

    def unpacked(self) -> dict[int, int]:
        """The bits by fingerprint."""
        width = 8 + (len(self.columns) + 7) // 8
        several = (self.masks[at : at + width] for at in range(0, len(self.masks), width))
        return {int.from_bytes(one[:8], "big"): int.from_bytes(one[8:], "big") for one in several}


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


def merged(memory: Memory, counter: Counter) -> Memory:
    """What is known after a run."""
    columns = list(dict.fromkeys((*memory.columns, *counter.columns)))
    masks = {} if counter.whole else memory.unpacked()
    places = [columns.index(name) for name in counter.columns]
    in_order = places == list(range(len(places)))
    for key, mask in counter.masks.items():
        if mask == GONE:
            masks.pop(key, None)
        else:
            masks[key] = mask if in_order else _moved(mask, places)
    width = (len(columns) + 7) // 8
    packed = (key.to_bytes(8, "big") + mask.to_bytes(width, "big") for key, mask in masks.items())
    return Memory(tuple(columns), b"".join(packed))


def filled(memory: Memory) -> list[int]:
    """How many records have a value in each column.

    The bits are added as numbers, a column a digit: each plane holds one binary place of all sums.
    """
    planes: list[int] = []
    for mask in memory.unpacked().values():
        carry, place = mask, 0
        while carry:
            if place == len(planes):
                planes.append(0)
            planes[place], carry = planes[place] ^ carry, planes[place] & carry
            place += 1
    return [
        sum((plane >> number & 1) << place for place, plane in enumerate(planes))
        for number in range(len(memory.columns))
    ]


def _moved(mask: int, places: list[int]) -> int:
    return sum(1 << place for number, place in enumerate(places) if mask >> number & 1)


def _file(table: str) -> str:
    # File systems may not tell names apart that differ in case only.
    safe = re.sub(r"[^A-Za-z0-9_-]", "-", table)[:80]
    return f"{safe}-{sum(c.isupper() << n for n, c in enumerate(table)):x}.gz"
