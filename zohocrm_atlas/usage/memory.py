"""What is known of each record over the runs: its fingerprint, and which columns have a value."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import msgspec

from zohocrm_atlas.errors import AtlasError
from zohocrm_atlas.usage.counter import THERE, Counter, width_of
from zohocrm_atlas.usage.packed import KEY, PARTS, Moved, sums

USAGE = "data/usage"


class Memory(msgspec.Struct, frozen=True):
    """The records of a table: by fingerprints, the bits of its columns that have a value.

    Attributes:
        columns: Behind THERE, each has a bit.
        keys: For each part of `Packed`: its fingerprints, one behind the other.
        bits: For each part: the bits of the same records.
    """

    columns: tuple[str, ...] = ()
    keys: tuple[bytes, ...] = (b"",) * PARTS
    bits: tuple[bytes, ...] = (b"",) * PARTS

    def part(self, number: int, width: int) -> dict[bytes, bytes]:
        """The bits of a part's records, so many bytes for each, by their fingerprints."""
        keys, own = self.keys[number], width_of(self.columns)
        if not keys:
            return {}
        bits, more = self.bits[number], bytes(width - own)
        found = (keys[at : at + KEY] for at in range(0, len(keys), KEY))
        return {key: bits[at * own : (at + 1) * own] + more for at, key in enumerate(found)}


def load_memory(folder: Path, table: str) -> Memory:
    """What earlier runs left; empty if none did.

    Raises:
        AtlasError: The file cannot be read.
    """
    path = folder / USAGE / _file(table)
    if not path.exists():
        return Memory()
    try:
        memory = msgspec.msgpack.decode(path.read_bytes(), type=Memory)
        bits = tuple(map(zlib.decompress, memory.bits))
    except (OSError, msgspec.MsgspecError, zlib.error) as error:
        raise AtlasError(f"{path} cannot be read ({error}): remove it to go on.") from error
    return msgspec.structs.replace(memory, bits=bits)


def save_memory(memory: Memory, folder: Path, table: str) -> None:
    """Writes it into the folder."""
    path = folder / USAGE / _file(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Fingerprints are as long compressed.
    bits = tuple(zlib.compress(each, 1) for each in memory.bits)
    path.write_bytes(msgspec.msgpack.encode(msgspec.structs.replace(memory, bits=bits)))


def merge(memory: Memory, counter: Counter) -> tuple[Memory, int, dict[str, int]]:
    """What is known after a run, how many records there are, and how many have each column."""
    if counter.whole:
        memory = Memory()
    columns = list(dict.fromkeys((*memory.columns, *counter.columns)))
    width = width_of(columns)
    moved = Moved([0, *(columns.index(name) + 1 for name in counter.columns)], width)
    keys, bits, total = [], [], [0] * (8 * width)
    for number in range(PARTS):
        came = counter.records.last(number)
        if not moved.is_same or width > counter.records.width:
            came = {found: moved[mask] for found, mask in came.items()}
        merged = memory.part(number, width) | came
        there = {found: mask for found, mask in merged.items() if mask[0] & THERE}
        joined = b"".join(there.values())
        total = [*map(sum, zip(total, sums(joined, width), strict=True))]
        keys.append(b"".join(there))
        bits.append(joined)
    counts = dict(zip(columns, total[1:], strict=False))
    return Memory(tuple(columns), tuple(keys), tuple(bits)), total[0], counts


def _file(table: str) -> str:
    # File systems may not tell names apart that differ in case only.
    safe = re.sub(r"[^A-Za-z0-9_-]", "-", table)[:80]
    return f"{safe}-{sum(c.isupper() << n for n, c in enumerate(table)):x}.msgpack"
