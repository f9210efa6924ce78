"""Tables as they are loaded: what the tap's SCHEMA messages, or a catalog, say of them."""

from __future__ import annotations

import msgspec

CHILD_KEY = "parent_id"
"""The column by which rows of a list belong to a record of their module."""
TOMBSTONE = "_sdc_deleted_at"
COMPANION = "_module"
"""What ends the name of the column that holds the module of a lookup to several modules."""


class LoadedColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column.

    Attributes:
        kind: string, integer, number, boolean, timestamp, date, time, strings (an array of
            them), array or json.
        words: What the tap says of it.
    """

    name: str
    kind: str = "string"
    words: str = ""


class LoadedTable(msgspec.Struct, frozen=True, omit_defaults=True):
    """A table; `name` is that of the stream."""

    name: str
    keys: tuple[str, ...] = ()
    columns: tuple[LoadedColumn, ...] = ()

    @property
    def is_child(self) -> bool:
        """Whether its rows are of a list of another module's records."""
        return CHILD_KEY in self.keys

    def has(self, column: str) -> bool:
        """Whether there is such a column."""
        return any(each.name == column for each in self.columns)
