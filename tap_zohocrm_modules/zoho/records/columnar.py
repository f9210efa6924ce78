"""Records that come by columns: none of them is made unless somebody asks for it."""

from __future__ import annotations

import abc
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tap_zohocrm_modules.zoho.records.projection import Record


class Columnar(Sequence[Record], abc.ABC):
    """Records whose columns can be had without them."""

    @abc.abstractmethod
    def values(self, column: str) -> Sequence[Any]:
        """Return the values of a column, as records have them; nulls if there is no such column."""

    @abc.abstractmethod
    def of(self, column: str, values: Collection[str]) -> Sequence[Record]:
        """Return the records that have one of these texts in a column."""

    @abc.abstractmethod
    def lengths(self, column: str) -> Sequence[int | None]:
        """Return the numbers of characters of a column of texts; None for null."""

    @abc.abstractmethod
    def replacing(self, records: Mapping[str, Record | None]) -> Columnar:
        """Return the same records, but for those of some ids: these, or none for None."""


def column(records: Sequence[Record], name: str) -> Sequence[Any]:
    """Return the values of a column; null for records that lack it."""
    if isinstance(records, Columnar):
        return records.values(name)
    return [record.get(name) for record in records]
