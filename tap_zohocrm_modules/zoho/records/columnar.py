"""Records that come by columns: none of them is made unless somebody asks for it."""

from __future__ import annotations

import abc
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record

Cells: TypeAlias = Sequence[Sequence[str | None]]
"""The cells of some rows, by columns; empty ones are null or empty texts."""


class OddCsvError(Exception):
    """A CSV file is not what Zoho documents, or may not be; who reads it row by row says in what.

    Args:
        what: What it is or has, as a predicate.
        line: The number of the line where that is seen; 0 where no line is meant.
    """

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.line = line


class Columnar(Sequence[Record], abc.ABC):
    """Records whose columns can be had without them."""

    @abc.abstractmethod
    def values(self, column: str) -> Sequence[Any]:
        """Return the values of a column, as records have them; nulls if there is no such column."""

    @abc.abstractmethod
    def of(self, column: str, values: Collection[str]) -> Sequence[Record]:
        """Return the records that have one of these texts in a column."""

    def numbers(self) -> array[int]:
        """Return the ids as numbers."""
        return array("Q", map(int, self.values(ID)))

    def changed_before(self, until: str) -> Iterable[bool]:
        """Return whether each was last changed before an instant, or does not say when."""
        return [(time or "") < until for time in self.values(MODIFIED_TIME)]

    @abc.abstractmethod
    def replacing(self, records: Mapping[str, Record | None]) -> Columnar:
        """Return the same records, but for those of some ids: these, or none for None."""


class JsonRows(Columnar):
    """Records that can be written as JSON without them."""

    @abc.abstractmethod
    def lines(self, before: bytes, columns: Sequence[str], after: bytes) -> bytes:
        """Return lines, each of a record's object of these columns, and what is around it."""


def column(records: Sequence[Record], name: str) -> Sequence[Any]:
    """Return the values of a column; null for records that lack it."""
    if isinstance(records, Columnar):
        return records.values(name)
    return [record.get(name) for record in records]


def numbers(records: Sequence[Record]) -> array[int]:
    """Return the ids of records as numbers."""
    if isinstance(records, Columnar):
        return records.numbers()
    return array("Q", [int(record[ID]) for record in records])


def changed_before(records: Sequence[Record], until: str) -> Iterable[bool]:
    """Return whether each record was last changed before an instant, or does not say when."""
    if isinstance(records, Columnar):
        return records.changed_before(until)
    return [(record.get(MODIFIED_TIME) or "") < until for record in records]
