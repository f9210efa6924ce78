"""The records of one module: rows made up on demand, and over them what a run has changed."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import merge
from typing import Any, ClassVar, Literal, TypeAlias

from zohocrm_demo.organisation.records.makers import Makers
from zohocrm_demo.organisation.records.spot import Placement


@dataclass(slots=True, eq=False)  # not frozen: that makes a million of them take twice as long
class MadeRecord:
    """A record nobody has touched, by its number in the module: values are worked out if asked."""

    row: int
    placement: Placement
    makers: Makers
    approved: ClassVar[bool] = True  # nobody has put it up for approval

    @property
    def id(self) -> int:
        """Its id."""
        return self.placement.id_of(self.row)

    @property
    def created(self) -> int:
        """`Created_Time`."""
        return self.placement.created(self.row)

    @property
    def modified(self) -> int | None:
        """`Modified_Time`; None where it was never set."""
        return self.placement.modified(self.row)

    def value(self, field: str) -> Any:
        """The value of a field; None for unknown ones."""
        maker = self.makers.get(field)
        return None if maker is None else maker(self.row)


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record inserted or changed during the run, or waiting. A change makes a new one."""

    id: int
    created: int
    modified: int | None
    values: Mapping[str, Any]
    approved: bool = True

    def value(self, field: str) -> Any:
        """The value of a field; None for unknown ones."""
        return self.values.get(field)


# Times are whole seconds since 1970.
Record: TypeAlias = MadeRecord | KeptRecord


By: TypeAlias = Literal["id", "Created_Time", "Modified_Time"]
SortKey: TypeAlias = tuple[int, int]

# Rows without Modified_Time sort before all others.
NEVER = -(10**15)
_FEW = 200_000


class Table:
    """One module's records. The store guards it with its lock, scans work on a snapshot."""

    def __init__(self, placement: Placement, makers: Makers) -> None:
        self.placement = placement
        self._makers = makers
        self._touched: set[int] = set()
        # Whether somebody reads by the present set, so that it must not change any more.
        self._is_read = False
        self._kept: dict[int, KeptRecord] = {}
        # Numbers of made-up rows by value, for the fields that somebody has searched.
        self._rows_by_value: dict[str, dict[Any, array[int]]] = {}

    @property
    def count(self) -> int:
        """How many records there are."""
        return self.placement.count - len(self._touched) + len(self._kept)

    def find(self, record_id: int) -> Record | None:
        """The record with this id; None if there is none (any more)."""
        kept = self._kept.get(record_id)
        if kept is not None:
            return kept
        row = self.placement.row_of(record_id)
        return None if row is None or row in self._touched else self._made(row)

    def keep(self, record: KeptRecord) -> None:
        """Put a record in, in place of the one with the same id."""
        self._touch(record.id)
        self._kept[record.id] = record

    def drop(self, record_id: int) -> None:
        """Take a record out."""
        self._touch(record_id)
        self._kept.pop(record_id, None)

    def materialised(self, record: Record) -> dict[str, Any]:
        """All stored values of a record, to be changed and kept."""
        if isinstance(record, KeptRecord):
            return dict(record.values)
        row = self.placement.row_of(record.id)
        return {} if row is None else self._makers.values(row)

    def snapshot(self) -> Table:
        """The same records, but for what happens to them from now on."""
        copy = Table(self.placement, self._makers)
        copy._touched, copy._kept = set(self._touched), dict(self._kept)
        return copy

    def rewrite(self, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
        """Change the values of every record that is kept, and nothing else about it."""
        self._kept = {
            key: replace(record, values=change(record.values)) for key, record in self._kept.items()
        }

    def remake(self, makers: Makers) -> None:
        """Let untouched rows get their values from other makers."""
        self._makers = makers
        self._rows_by_value = {}

    def holding(self, name: str, value: Any) -> list[Record]:
        """The records that have this value, as it is kept, in a field; in order of ids."""
        rows = self._index(name).get(value, ())
        found: list[Record] = [self._made(row) for row in rows if row not in self._touched]
        kept = [record for record in self._kept.values() if record.value(name) == value]
        return sorted([*found, *kept], key=lambda record: record.id) if kept else found

    def _index(self, name: str) -> dict[Any, array[int]]:
        known = self._rows_by_value.get(name)
        if known is None:
            known, make = {}, self._makers.get(name)
            for row in range(self.placement.count if make else 0):
                value = make(row) if make else None
                if value is not None:
                    known.setdefault(value, array("L")).append(row)
            self._rows_by_value[name] = known
        return known

    def maker(self, name: str) -> Callable[[int], Any] | None:
        """Makes a field's values out of the numbers of made-up rows; None for `id` and others."""
        if name == "Created_Time":
            return self.placement.created
        if name == "Modified_Time":
            return self.placement.modified
        return self._makers.get(name)

    def scan(
        self,
        by: By = "id",
        *,
        descending: bool = False,
        low: int | None = None,
        high: int | None = None,
    ) -> Iterator[Record]:
        """The records in order of a key, within a second in order of ids."""
        key = _KEYS[by]
        kept = [
            record
            for record in self._kept.values()
            if (low is None or key(record)[0] >= low)
            and (high is None or key(record)[0] < high)
            and (low is high is None or key(record)[0] != NEVER)
        ]
        kept.sort(key=key, reverse=descending)
        touched, self._is_read = self._touched, True
        rows = self._rows(by, low, high, descending=descending)
        made = (self._made(row) for row in rows if row not in touched)
        if not kept:
            return made
        return merge(made, kept, key=key, reverse=descending)

    def changed_since(self, since: int, by: By, *, descending: bool) -> Iterator[Record]:
        """The records changed at `since` or later, in order of a key."""
        if by == "Modified_Time":
            return self.scan(by, descending=descending, low=since)
        if self.placement.count - self.placement.first_rank(since) <= _FEW:
            found = list(self.scan("Modified_Time", low=since))
            return iter(sorted(found, key=_KEYS[by], reverse=descending))
        everything = self.scan(by, descending=descending)
        return (row for row in everything if row.modified is not None and row.modified >= since)

    def _rows(
        self, by: By, low: int | None, high: int | None, *, descending: bool
    ) -> Iterator[int]:
        placement = self.placement
        if by == "Modified_Time":
            unbounded = low is high is None
            least = 0 if unbounded else placement.unstamped
            first = least if low is None else placement.first_rank(low)
            end = placement.count if high is None else placement.first_rank(high)
            return placement.by_change(first, end, descending=descending)
        find = placement.first_row_from if by == "id" else placement.first_row_created
        first = 0 if low is None else find(low)
        end = placement.count if high is None else find(high)
        return iter(range(end - 1, first - 1, -1) if descending else range(first, end))

    def _made(self, row: int) -> Record:
        return MadeRecord(row, self.placement, self._makers)

    def _touch(self, record_id: int) -> None:
        row = self.placement.row_of(record_id)
        if row is not None and row not in self._touched:
            if self._is_read:
                self._touched, self._is_read = set(self._touched), False
            self._touched.add(row)


def sort_key(record: Record, by: By) -> SortKey:
    """Where a record stands in an order: the key and the id."""
    return _KEYS[by](record)


def _by_change(record: Record) -> SortKey:
    modified = record.modified
    return (NEVER if modified is None else modified), record.id


_KEYS: dict[By, Callable[[Record], SortKey]] = {
    "id": lambda record: (record.id, record.id),
    "Created_Time": lambda record: (record.created, record.id),
    "Modified_Time": _by_change,
}
