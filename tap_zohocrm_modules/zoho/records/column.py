"""Makes a column of values: all at once where it holds only what Zoho documents, or one by one.

What makes the values of a whole column at once takes a column of JSON values, null for null, or of
CSV cells, of which empty ones become null; and raises ValueError for a column that has to be
converted value by value.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records import conversions as to
from tap_zohocrm_modules.zoho.records.conversions import AmbiguousValueError, TypeMismatchError
from tap_zohocrm_modules.zoho.transport.instants import utc_each

Values: TypeAlias = Sequence[Any]

# Few different cells make up most columns.
_REMEMBERED = 4_096
_NOTHING = type(None)
_FEW_CHARACTERS = 18
_ID_DIGITS = 19  # ids are 64-bit numbers
_day = to.remembering(to.to_date)


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


def are_ids(texts: Sequence[str | None]) -> bool:
    """Whether all of these are ids, by which reads go on."""
    there = [text for text in texts if text]
    return (
        len(there) == len(texts)
        and all(map(str.isdecimal, there))
        and max(map(len, there)) <= _ID_DIGITS
    )


def _only(kind: type, values: Values) -> Values:
    """Return the values, all of which are of a kind or null.

    Raises:
        ValueError: they are not.
    """
    if not {kind, _NOTHING}.issuperset(map(type, values)):
        raise ValueError("of several kinds")
    return values


def texts(values: Values) -> Values:
    """Return texts, none of which is empty."""
    if "" in _only(str, values):
        raise ValueError("an empty text")
    return values


def ids(values: Values) -> Values:
    """Return the ids of objects."""
    try:
        ids = texts([value if value is None else value["id"] for value in values])
    except (KeyError, TypeError) as error:
        raise ValueError("not only objects with ids") from error
    if ids.count(None) != values.count(None):
        raise ValueError("an object with no id")
    return ids


def booleans(values: Values) -> Values:
    """Return booleans."""
    return _only(bool, values)


def integers(values: Values) -> Values:
    """Return integers of 64 bits."""
    numbers = [value for value in _only(int, values) if value is not None]
    if numbers and not to.LEAST <= min(numbers) <= max(numbers) <= to.GREATEST:
        raise ValueError("too many digits")
    return values


def numbers(values: Values) -> Values:
    """Return numbers without idle zeros."""
    if not {int, Decimal, _NOTHING}.issuperset(map(type, values)):
        raise ValueError("of several kinds")
    texts = list(map(str, values))
    if max(map(len, texts)) > _FEW_CHARACTERS:
        raise ValueError("many digits")
    try:
        return [
            value
            if type(value) is not Decimal or ("." in text and text[-1] != "0" and "E" not in text)
            else to.to_number(value)
            for value, text in zip(values, texts, strict=True)
        ]
    except TypeMismatchError as error:
        raise ValueError("not only numbers") from error


def days(values: Values) -> Values:
    """Return days."""
    try:
        return [value and _day(value) for value in texts(values)]
    except TypeMismatchError as error:
        raise ValueError("not only days") from error


def instants(values: Values) -> Values:
    """Return instants in UTC."""
    return utc_each(_only(str, values))


def integer_cells(cells: Sequence[str | None]) -> Sequence[int | None]:
    """Return the integers in cells, null for empty ones.

    Raises:
        ValueError: a cell has more than a sign and a few digits.
    """
    there = [*filter(None, cells)]
    digits = "".join(there).replace("-", "")
    is_plain = digits.isascii() and digits.isdecimal()
    if there and (not is_plain or max(map(len, there)) > _FEW_CHARACTERS):
        raise ValueError("not only digits")
    return [int(cell) if cell else None for cell in cells]


def number_cells(cells: Sequence[str | None]) -> Sequence[int | Decimal | None]:
    """Return the numbers in cells, null for empty ones.

    Raises:
        ValueError: a cell has more than a sign, a point and a few digits.
    """
    there = [*filter(None, cells)]
    others = "".join(there).encode().translate(None, b"0123456789.-")
    if others or max(map(len, there), default=0) > _FEW_CHARACTERS:
        raise ValueError("not only digits")
    try:
        return [
            None
            if not cell
            else int(cell)
            if "." not in cell
            else Decimal(cell)
            if cell[-1] not in "0."
            else to.to_number(cell)
            for cell in cells
        ]
    except (InvalidOperation, TypeMismatchError) as error:
        raise ValueError("not only numbers") from error
