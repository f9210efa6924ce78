"""Where the made-up rows of a module lie among the ids and in time, without making them.

Ids and `Created_Time` grow with the row's number. `Modified_Time` doesn't: its order is another
one, worked out by a permutation that can be inverted, so that a page in any of the three orders is
found at once in a module of any size.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import datetime, timezone
from math import gcd
from typing import TYPE_CHECKING

from tap_zohocrm_modules.demo.records.times import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

ID_STEP = 7

_CREATED_FROM = seconds(datetime(2019, 6, 3, 15, tzinfo=timezone.utc))
_CREATED_UNTIL = seconds(datetime(2023, 12, 29, 23, tzinfo=timezone.utc))
_MODIFIED_FROM = seconds(datetime(2024, 1, 2, 16, 0, 7, tzinfo=timezone.utc))
_MODIFIED_UNTIL = seconds(datetime(2025, 8, 29, 22, tzinfo=timezone.utc))
_GOLDEN = 0.618


@dataclass(frozen=True, slots=True)
class Placement:
    """The rows `0 … count - 1` of one module.

    Attributes:
        count: How many rows there are.
        first_id: The id of row 0.
        crowd: How many of them were changed in one and the same second.
        unstamped: How many of them have no `Modified_Time`.
    """

    count: int
    first_id: int
    crowd: int = 0
    unstamped: int = 0
    _factor: int = field(init=False, default=1)
    _inverse: int = field(init=False, default=1)

    def __post_init__(self) -> None:
        """Choose the permutation."""
        factor = max(1, int(self.count * _GOLDEN))
        while gcd(factor, self.count) != 1 and self.count:
            factor += 1
        object.__setattr__(self, "_factor", factor)
        object.__setattr__(self, "_inverse", pow(factor, -1, self.count) if self.count else 1)

    def id_of(self, row: int) -> int:
        """The id of a row."""
        return self.first_id + ID_STEP * row

    def row_of(self, record_id: int) -> int | None:
        """The row with this id, if there is one."""
        row, rest = divmod(record_id - self.first_id, ID_STEP)
        return row if rest == 0 and 0 <= row < self.count else None

    def first_row_from(self, record_id: int) -> int:
        """The first row with this id or a greater one; `count` if there is none."""
        return min(self.count, max(0, -((self.first_id - record_id) // ID_STEP)))

    def created(self, row: int) -> int:
        """`Created_Time` of a row."""
        return _CREATED_FROM + row * (_CREATED_UNTIL - _CREATED_FROM) // self.count

    def first_row_created(self, since: int) -> int:
        """The first row created at `since` or later; `count` if there is none."""
        return bisect_left(range(self.count), since, key=self.created)

    def modified(self, row: int) -> int | None:
        """`Modified_Time` of a row; None for the few that have none."""
        rank = self._rank(row)
        return None if rank < self.unstamped else self.modified_at(rank)

    def modified_at(self, rank: int) -> int:
        """`Modified_Time` of the row that is number `rank` in the order of change."""
        begin = self._crowd_begin
        slot = begin if begin <= rank < begin + self.crowd else rank
        return _MODIFIED_FROM + slot * (_MODIFIED_UNTIL - _MODIFIED_FROM) // self.count

    def first_rank(self, since: int) -> int:
        """The first rank changed at `since` or later; `count` if there is none.

        Rows without `Modified_Time` have the first ranks and are never among them.
        """
        ranks = range(self.unstamped, self.count)
        return self.unstamped + bisect_left(ranks, since, key=self.modified_at)

    def by_change(self, first: int, end: int) -> Iterator[int]:
        """The rows of the ranks `first … end - 1`: by time of change, within a second by id."""
        rank = first
        while rank < end:
            until = self._same_second_end(rank)
            if until == rank + 1:
                yield self._row_at(rank)
            else:
                yield from sorted(map(self._row_at, range(rank, min(until, end))))
            rank = until

    def by_change_descending(self, first: int, end: int) -> Iterator[int]:
        """The same rows the other way round."""
        rank = end
        while rank > first:
            begin = self._same_second_begin(rank - 1)
            rows = map(self._row_at, range(max(begin, first), rank))
            yield from sorted(rows, reverse=True)
            rank = begin

    @property
    def _crowd_begin(self) -> int:
        return max(self.unstamped, (self.count - self.crowd) // 2)

    def _same_second_end(self, rank: int) -> int:
        begin = self._crowd_begin
        if rank < self.unstamped:
            return self.unstamped
        return begin + self.crowd if begin <= rank < begin + self.crowd else rank + 1

    def _same_second_begin(self, rank: int) -> int:
        begin = self._crowd_begin
        if rank < self.unstamped:
            return 0
        return begin if begin <= rank < begin + self.crowd else rank

    def _rank(self, row: int) -> int:
        return row * self._factor % self.count

    def _row_at(self, rank: int) -> int:
        return rank * self._inverse % self.count
