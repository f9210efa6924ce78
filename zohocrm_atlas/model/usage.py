"""How full the fields of a table are."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class FieldUsage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column of a table.

    Attributes:
        filled: How many records have a value.
        distinct: How many different values came in the run that read most of them; None: not
            counted, as with private fields.
        many: Whether there are more than that.
        newest: The latest `Modified_Time` (or `Created_Time`) of a record that has a value.
        oldest: The earliest one.
        outside: How many records had a value that the picklist does not have, in a whole read.
        astray: How many ids a lookup had that are none of the module it leads to, in a whole read.
    """

    column: str
    filled: int = 0
    distinct: int | None = None
    many: bool = False
    newest: str = ""
    oldest: str = ""
    outside: int = 0
    astray: int = 0


class TableUsage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A table of records.

    Attributes:
        records: How many there are, tombstones left out.
        read_at: When the last of them came.
        fields: Its columns.
        by_increments: Whether the last run brought changes only, so that the dates and numbers of
            different values may be those of records that are gone or were other once.
    """

    records: int = 0
    read_at: str = ""
    fields: tuple[FieldUsage, ...] = ()
    by_increments: bool = False

    @property
    def by_column(self) -> Mapping[str, FieldUsage]:
        """Its columns by their names."""
        return {each.column: each for each in self.fields}

    def share(self, field: FieldUsage) -> float:
        """The share of records with a value, from 0 to 1."""
        return field.filled / self.records if self.records else 0.0
