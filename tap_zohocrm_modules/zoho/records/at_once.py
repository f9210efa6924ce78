"""Makes the values of a whole column at once, where it holds only what Zoho documents.

Each function takes a column of JSON values, null for null, or of CSV cells, of which empty ones
become null; and raises ValueError for a column that has to be converted value by value.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records import conversions as to
from tap_zohocrm_modules.zoho.transport.instants import utc_each

Values: TypeAlias = Sequence[Any]

_NOTHING = type(None)
_FEW_CHARACTERS = 18
_day = to.remembering(to.to_date)


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
    except to.TypeMismatchError as error:
        raise ValueError("not only numbers") from error


def days(values: Values) -> Values:
    """Return days."""
    try:
        return [value and _day(value) for value in texts(values)]
    except to.TypeMismatchError as error:
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
    except (InvalidOperation, to.TypeMismatchError) as error:
        raise ValueError("not only numbers") from error
