"""The texts of an Arrow column, without Python objects of them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def content(cells: pa.Array) -> bytes:
    """Return the texts of all cells, one after the other."""
    _, offsets, texts = cells.buffers()
    if not len(cells) or texts is None:
        return b""
    ends = memoryview(offsets).cast("i")
    begin, end = ends[cells.offset], ends[cells.offset + len(cells)]
    return bytes(memoryview(texts)[begin:end])


def lengths(cells: pa.Array) -> tuple[int | None, int | None]:
    """Return the least and the greatest number of bytes of a cell; None where all are null."""
    found = pc.min_max(pc.binary_length(cells)).as_py()
    return found["min"], found["max"]


def are_of(cells: pa.Array, signs: bytes, most: int | None = None) -> bool:
    """Whether all cells are of these signs, and none has more than `most` of them."""
    if content(cells).translate(None, signs):
        return False
    return most is None or (lengths(cells)[1] or 0) <= most


def all_match(cells: pa.Array, shape: str) -> bool:
    """Whether all cells that are not null match a regular expression."""
    return pc.all(pc.match_substring_regex(cells, shape)).as_py() is not False
