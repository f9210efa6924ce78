"""How a table differs from what Zoho has, as values."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from enum import Enum


class FaultKind(str, Enum):
    """How a row differs from Zoho's record."""

    MISSING = "missing"  # Zoho has the record, and the table has no row of it
    SURPLUS = "surplus"  # the table has a row, and Zoho has no such record
    STALE = "stale"  # the row is that of an earlier change
    DOUBLED = "doubled"  # the table has several rows of one record
    DIFFERENT = "different"  # values differ, though Zoho names no later change


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """One record that the table does not have as Zoho has it."""

    id: str  # the key; of keys of several columns, their values with slashes between
    kind: FaultKind
    fields: tuple[str, ...] = ()  # the columns that differ, where values were compared


@dataclasses.dataclass(slots=True)
class StreamResult:
    """What a comparison of one stream has found."""

    stream: str
    table: str | None = None  # as people would write it; None where there is none
    zoho: int | None = None  # how many records Zoho has; None where not known
    rows: int | None = None  # how many rows the table has, deleted ones not among them
    newest: str | None = None  # the table's last Modified_Time
    credits: int = 0
    faults: Sequence[Fault] = ()  # by id
    pending: int = 0  # differences that the next run of the pipeline is to mend
    sampled: int = 0  # records of which every value was compared
    losses: dict[str, int] = dataclasses.field(default_factory=dict)  # values, by known loss
    absent: tuple[str, ...] = ()  # columns that the table does not have
    problem: str | None = None  # why it could not be compared
    mended: int | None = None  # how many faults what was written mends; None without a repair
    note: str | None = None  # why there is nothing to compare, which is not a problem

    @property
    def is_equal(self) -> bool:
        """Whether the table is known to have what Zoho has."""
        return self.problem is None and not self.faults

    @property
    def is_mended(self) -> bool:
        """Whether the table has what Zoho has once what was written is loaded."""
        return self.problem is None and (self.mended or 0) >= len(self.faults)

    def of_kind(self, kind: FaultKind) -> Iterator[Fault]:
        """Yield the faults of one kind."""
        return (fault for fault in self.faults if fault.kind is kind)


def in_order(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Return faults by id, numbers as numbers."""
    return tuple(sorted(faults, key=lambda fault: (len(fault.id), fault.id, fault.kind.value)))
