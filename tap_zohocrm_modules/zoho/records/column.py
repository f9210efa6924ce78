"""A column of converted values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tap_zohocrm_modules.zoho.records.conversions import AmbiguousValueError, TypeMismatchError

# Few different cells make up most columns.
_REMEMBERED = 4_096


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


def column_converter(
    at_once: Callable[[Any], Any] | None, otherwise: Callable[[Any], Column]
) -> Callable[[Any], Column]:
    """Return what converts a column: all at once if it can be, otherwise by its values.

    Args:
        at_once: Makes the values; ValueError for a column that does not suit. None if there is no
            such way.
        otherwise: Converts any column.
    """
    if at_once is None:
        return otherwise

    def convert(values: Any) -> Column:
        try:
            return Column(at_once(values))
        except ValueError:
            return otherwise(values)

    return convert


def by_value(convert: Callable[[Any], Any]) -> Callable[[Iterable[Any]], Column]:
    """Return what converts a column value by value."""

    def convert_each(values: Iterable[Any]) -> Column:
        try:
            return Column([None if value is None else convert(value) for value in values])
        except (TypeMismatchError, AmbiguousValueError):
            return Column.of_each(values, convert)

    return convert_each


class ByDifferentCell(dict[str | None, Any]):
    """Converts a column of CSV cells, each different one once, when it is met first."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, cell: str | None) -> Any:
        value = self[cell] = self._convert(cell) if cell else None
        return value

    def __call__(self, cells: Sequence[str | None]) -> Column:
        """Return the values of a column."""
        if len(self) > _REMEMBERED:
            self.clear()
        try:
            return Column(list(map(self.__getitem__, cells)))
        except (TypeMismatchError, AmbiguousValueError):
            return Column.of_each(cells, self.__getitem__)


def as_they_are(cells: Sequence[str | None]) -> Column:
    """Return a column of texts."""
    return Column([cell or None for cell in cells] if "" in cells else cells)


def set_aside(names: Iterable[str], columns: Iterable[Column]) -> Mapping[int, dict[str, Any]]:
    """Return what is in no column, under the columns' names and by the numbers of rows."""
    aside: dict[int, dict[str, Any]] = {}
    for name, column in zip(names, columns, strict=False):
        for row, cell in column.mismatches.items():
            aside.setdefault(row, {})[name] = cell
    return aside
