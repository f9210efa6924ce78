"""A column of converted values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tap_zohocrm_modules.zoho.records.conversions import AmbiguousValueError, TypeMismatchError


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """A converted column.

    Attributes:
        values: The values: a sequence, or an Arrow array.
        mismatches: What is of another type, by the number of its row.
        ambiguous: The numbers of rows whose value another read path has to decide.
    """

    values: Any
    mismatches: Mapping[int, Any] = dataclasses.field(default_factory=dict)
    ambiguous: frozenset[int] = frozenset()

    @classmethod
    def of_each(cls, values: Iterable[Any], convert: Callable[[Any], Any]) -> Column:
        """Return values converted one by one, null for null."""
        found: list[Any] = []
        mismatches: dict[int, Any] = {}
        ambiguous: set[int] = set()
        for row, value in enumerate(values):
            one = None
            try:
                one = None if value is None else convert(value)
            except TypeMismatchError:
                mismatches[row] = value
            except AmbiguousValueError:
                ambiguous.add(row)
            found.append(one)
        return cls(found, mismatches, frozenset(ambiguous))
