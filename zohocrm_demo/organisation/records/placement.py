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

from zohocrm_demo.organisation.records.times import seconds

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
        rank = row * self._factor % self.count
        return None if rank < self.unstamped else self.modified_at(rank)

    def modified_at(self, rank: int) -> int:
        """`Modified_Time` of the row that is number `rank` in the order of change."""
        slot = rank
        if self.crowd:
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
        for begin, until, together in self._segments(first, end):
            rows = self._rows_at(range(begin, until))
            yield from sorted(rows) if together else rows

    def by_change_descending(self, first: int, end: int) -> Iterator[int]:
        """The same rows the other way round."""
        for begin, until, together in reversed(self._segments(first, end)):
            rows = self._rows_at(range(until - 1, begin - 1, -1))
            yield from sorted(rows, reverse=True) if together else rows

    def _segments(self, first: int, end: int) -> list[tuple[int, int, bool]]:
        # Runs of ranks that share one time of change, or share none.
        crowd = self._crowd_begin
        bounds = (0, self.unstamped, crowd, crowd + self.crowd, self.count)
        runs = zip(bounds, bounds[1:], (True, False, True, False), strict=False)
        inside = [(max(first, begin), min(end, until), same) for begin, until, same in runs]
        return [run for run in inside if run[0] < run[1]]

    def _rows_at(self, ranks: range) -> Iterator[int]:
        inverse, count = self._inverse, self.count
        return (rank * inverse % count for rank in ranks)

    @property
    def _crowd_begin(self) -> int:
        return max(self.unstamped, (self.count - self.crowd) // 2)
