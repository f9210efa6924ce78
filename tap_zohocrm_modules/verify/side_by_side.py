"""Lays two sides beside each other, both in the order of ids: by blocks, then id by id."""

from __future__ import annotations

import bisect
import dataclasses
from array import array
from collections.abc import Iterator

from tap_zohocrm_modules.verify.sorted_runs import Block, is_strict


@dataclasses.dataclass(frozen=True, slots=True)
class Beside:
    """All that both sides have of some ids: the ids, and the stamps."""

    zoho: Block
    rows: Block

    def are_equal(self, *, but_for_stamps: bool) -> bool:
        """Whether each record has one row, of the same stamp if these count."""
        (ids, stamps), (row_ids, row_stamps) = self.zoho, self.rows
        if len(ids) != len(row_ids) or ids != row_ids:
            return False
        return (but_for_stamps or stamps == row_stamps) and is_strict(ids)

    def one_by_one(self) -> Iterator[tuple[int, int | None, list[int]]]:
        """Yield each id with its record's stamp, None without one, and with those of its rows."""
        # One that changes while it is read may come twice; the last time is the later one.
        records: dict[int, int] = dict(zip(*self.zoho, strict=True))
        rows: dict[int, list[int]] = {}
        for number, stamp in zip(*self.rows, strict=True):
            rows.setdefault(number, []).append(stamp)
        for number in sorted({*records, *rows}):
            yield number, records.get(number), rows.get(number, [])


def side_by_side(zoho: Iterator[Block], rows: Iterator[Block]) -> Iterator[Beside]:
    """Yield what both sides have; each is in the order of ids, those of one id in one block."""
    nothing: Block = (array("Q"), array("Q"))
    here, there = next(zoho, nothing), next(rows, nothing)
    while here[0] and there[0]:
        end = min(here[0][-1], there[0][-1])
        (some, here), (others, there) = _cut(here, end), _cut(there, end)
        yield Beside(some, others)
        here = here if here[0] else next(zoho, nothing)
        there = there if there[0] else next(rows, nothing)
    while here[0]:
        yield Beside(here, nothing)
        here = next(zoho, nothing)
    while there[0]:
        yield Beside(nothing, there)
        there = next(rows, nothing)


def _cut(block: Block, end: int) -> tuple[Block, Block]:
    """Return what a block has up to an id, and what it has behind it."""
    ids = block[0]
    if ids[-1] <= end:
        return block, tuple(array("Q") for _ in block)
    place = bisect.bisect_right(ids, end)
    return tuple(c[:place] for c in block), tuple(c[place:] for c in block)
