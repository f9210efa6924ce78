"""Makes values of columns of CSV cells, by the rules of the one table of field types.

Numbers and instants in the shape that Zoho documents are converted all at once. Other cells are
converted by their field type, each different one once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tap_zohocrm_modules.zoho.records import conversions as to
from tap_zohocrm_modules.zoho.records.column import Column
from tap_zohocrm_modules.zoho.records.conversions import (
    AmbiguousValueError,
    Convert,
    TypeMismatchError,
)
from tap_zohocrm_modules.zoho.records.field_types import DATE_TIME, INTEGER, NUMBER, FieldType
from tap_zohocrm_modules.zoho.records.projection import Projection, Record
from tap_zohocrm_modules.zoho.transport.instants import utc_each

# Few different cells make up most columns.
_REMEMBERED = 4_096
_AT_ONCE: Mapping[FieldType, Callable[[Sequence[str | None]], Sequence[Any]]] = {
    INTEGER: to.to_integers,
    NUMBER: to.to_numbers,
    DATE_TIME: utc_each,
}


def converter(type_: FieldType, convert: Convert) -> Callable[[Sequence[str | None]], Column]:
    """Return what converts the cells of a field; those that are empty or null become null.

    Args:
        type_: The field's type.
        convert: Makes a value of one cell that is not empty.
    """
    if convert is to.as_is:
        return lambda cells: Column([cell or None for cell in cells] if "" in cells else cells)
    values = _Values(convert)
    at_once = _AT_ONCE.get(type_)

    def by_column(cells: Sequence[str | None]) -> Column:
        if at_once is not None:
            try:
                return Column(at_once(cells))
            except ValueError:
                pass
        return values.of(cells)

    return by_column


def set_aside(projection: Projection, columns: Iterable[Column]) -> Mapping[int, Record]:
    """Return what is in no column, by the number of its row.

    Args:
        projection: Whose columns they are, in their order; learns which have mismatches.
        columns: The columns.
    """
    aside: dict[int, Record] = {}
    for name, column in zip(projection.columns, columns, strict=False):
        for row, cell in column.mismatches.items():
            aside.setdefault(row, {})[name] = cell
            projection.mismatches.add(name)
    return aside


class _Values(dict[str | None, Any]):
    """The values of cells, each made when it is asked for first."""

    def __init__(self, convert: Convert) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, cell: str | None) -> Any:
        value = self[cell] = self._convert(cell) if cell else None
        return value

    def of(self, cells: Sequence[str | None]) -> Column:
        """Return the values of a column."""
        if len(self) > _REMEMBERED:
            self.clear()
        try:
            return Column(list(map(self.__getitem__, cells)))
        except (TypeMismatchError, AmbiguousValueError):
            return Column.of_each(cells, self.__getitem__)
