"""What every kind of warehouse offers: its tables, found by stream, and their rows."""

from __future__ import annotations

import abc
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Protocol, TypeAlias

from tap_zohocrm_modules.verify.columns import Columns, ListedColumns

Rows: TypeAlias = Sequence[tuple[Any, ...]]
"""Some rows, each with the values of the columns that were asked for."""


class Table(Protocol):
    """One table; its methods raise WarehouseError where it cannot be read."""

    name: str
    """As people would write it."""
    columns: Sequence[str]
    """The names of its columns."""
    keeps_history: bool = False
    """Whether rows are added only, so that the last row of a key counts."""

    @abc.abstractmethod
    def rows(self, columns: Sequence[str]) -> Iterator[Rows]:
        """Yield all rows, some at a time; where history is kept, in the order of their writing."""

    def columns_of_all(self, columns: Sequence[str]) -> Iterator[Columns]:
        """Yield the same as columns."""
        return (ListedColumns([*zip(*rows, strict=True)]) for rows in self.rows(columns) if rows)

    @abc.abstractmethod
    def rows_of(self, key: str, values: Collection[str], columns: Sequence[str]) -> Iterator[Rows]:
        """Yield the rows that have one of these texts in the column `key`."""


class Warehouse(Protocol):
    """Where the tables are. To be closed."""

    label: str
    """What it is, for people, without a password."""

    @abc.abstractmethod
    def table(self, stream: str, others: Collection[str]) -> Table:
        """Return the table of a stream; `others` are the names of all streams.

        Raises:
            WarehouseError: there is none, or more than one might be it.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Let go of connections."""
