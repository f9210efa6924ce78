"""Where the made-up rows of a module lie, without making them, and what a maker of values knows.

Ids and `Created_Time` grow with the row's number. `Modified_Time` doesn't: its order is another
one, worked out by a permutation that can be inverted, so that a page in any of the three orders is
found at once in a module of any size.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property
from math import gcd
from typing import TYPE_CHECKING, Any, TypeAlias
from zlib import crc32

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.records.kinds import Origins
from zohocrm_demo.organisation.records.times import seconds
from zohocrm_demo.organisation.references import Row

if TYPE_CHECKING:
    from zohocrm_demo.organisation import Organisation

ID_STEP = 7

_CREATED_FROM = seconds(datetime(2019, 6, 3, 15, tzinfo=timezone.utc))
_CREATED_UNTIL = seconds(datetime(2023, 12, 29, 23, tzinfo=timezone.utc))
_MODIFIED_FROM = seconds(datetime(2024, 1, 2, 16, 0, 7, tzinfo=timezone.utc))
_MODIFIED_UNTIL = seconds(datetime(2025, 8, 29, 22, tzinfo=timezone.utc))
_GOLDEN = 0.618


@dataclass(frozen=True, slots=True)
class Placement:
    """The rows `0 … count - 1` of one module."""

    count: int
    first_id: int  # the id of row 0
    crowd: int = 0  # how many of them were changed in one and the same second
    unstamped: int = 0  # how many of them have no `Modified_Time`
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
        """The first rank changed at `since` or later, or `count`; the never changed come before."""
        ranks = range(self.unstamped, self.count)
        return self.unstamped + bisect_left(ranks, since, key=self.modified_at)

    def by_change(self, first: int, end: int, *, descending: bool = False) -> Iterator[int]:
        """The rows of the ranks `first … end - 1`: by time of change, within a second by id."""
        runs = self._segments(first, end)
        for begin, until, together in reversed(runs) if descending else runs:
            rows = self._rows_at(range(begin, until)[:: -1 if descending else 1])
            yield from sorted(rows, reverse=descending) if together else rows

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


# Makes a field's value out of the number of a row, the same one every time.
Maker: TypeAlias = Callable[[int], Any]
PHRASES: Mapping[str, Any] = read_file("phrases.yaml")


@dataclass(frozen=True)
class World:
    """The organisation, as far as made-up records refer to it; modules by their first names."""

    organisation: Organisation
    placement: Callable[[str], Placement]  # where a module's made-up rows lie
    # The fields of a module, by its present name, by API name.
    present_fields: Callable[[str], Mapping[str, Row]]
    origins: Origins  # what modules and fields were at first
    # The records of a module that have a value in a field.
    holding: Callable[[str, str, Any], Sequence[Any]]
    seed: int  # makes other values
    plain: bool = False  # whether no value is awkward

    @cached_property
    def users(self) -> Sequence[str]:
        """Ids of the active users."""
        return [user["id"] for user in self.organisation.users if user["status"] == "active"]

    @cached_property
    def territories(self) -> Sequence[str]:
        """Ids of the territories."""
        return [territory["id"] for territory in self.organisation.territories]

    def fields(self, module: str) -> Mapping[str, Row]:
        """The fields of a module by API name."""
        return self.present_fields(self.origins.present_name(module))

    def of_module(self, name: str, key: str, module: str) -> Sequence[str]:
        """The names or ids of a module's `tags` or `layouts`."""
        content = self.organisation.content(name)
        return [row[key] for row in content.get(self.origins.present_name(module), ())]

    def mixer(self, *salt: str) -> Callable[[int], int]:
        """A function from a row's number to one below 2**32 that looks random and never changes."""
        name = "|".join((*salt, str(self.seed)) if self.seed else salt).encode()
        # One multiplication: bulk files have millions of values.
        factor, first = crc32(name) << 32 | crc32(name[::-1]) | 1, crc32(name, 1)
        return lambda row: (row * factor + first) >> 17 & 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Spot:
    """Where values are made."""

    world: World  # the organisation around
    module: str
    field: Row
    mix: Callable[[int], int]  # the field's own numbers

    def awkward(self, values: Sequence[Any]) -> Sequence[Any]:
        """The values, where there are awkward ones."""
        return () if self.world.plain else values

    def one_of(self, values: Sequence[Any]) -> Maker:
        """A maker of one of the values; of None if there are none."""
        mix, count = self.mix, len(values)
        return (lambda row: values[mix(row) % count]) if count else (lambda _: None)

    def record_of(self, module: str) -> Callable[[int], str | None]:
        """A maker of the id of one of a module's records; of None if it has none."""
        mix, placement = self.mix, self.world.placement(module)
        if not placement.count:
            return lambda _: None
        return lambda row: str(placement.id_of(mix(row) % placement.count))


def numbered(make: Callable[[int, int], Any]) -> Callable[[Spot], Maker]:
    """Makers out of the number of a row and the field's own number for it."""

    def maker(spot: Spot) -> Maker:
        mix = spot.mix
        return lambda row: make(row, mix(row))

    return maker
