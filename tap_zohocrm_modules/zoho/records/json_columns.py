"""Makes values of columns of JSON values, by the rules of the one table of field types.

Columns that hold only what Zoho documents are converted all at once, others value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records import field_types as types
from tap_zohocrm_modules.zoho.records.column import Column
from tap_zohocrm_modules.zoho.records.conversions import (
    GREATEST,
    LEAST,
    AmbiguousValueError,
    Convert,
    TypeMismatchError,
)
from tap_zohocrm_modules.zoho.transport.instants import utc_each

Values: TypeAlias = Sequence[Any]

_NOTHING = type(None)
_FEW_CHARACTERS = 18


def converter(type_: types.FieldType, convert: Convert) -> Callable[[Values], Column]:
    """Return what converts the values of a field.

    Args:
        type_: The field's type.
        convert: Makes a value of one that is not null.
    """
    at_once = _AT_ONCE.get(type_)

    def by_column(values: Values) -> Column:
        if at_once is not None:
            try:
                return Column(at_once(values))
            except ValueError:
                pass
        try:
            return Column([None if value is None else convert(value) for value in values])
        except (TypeMismatchError, AmbiguousValueError):
            return Column.of_each(values, convert)

    return by_column


def _only(kind: type, values: Values) -> Values:
    """Return the values, all of which are of a kind or null.

    Raises:
        ValueError: they are not.
    """
    if not {kind, _NOTHING}.issuperset(map(type, values)):
        raise ValueError("of several kinds")
    return values


def _texts(values: Values) -> Values:
    if "" in _only(str, values):
        raise ValueError("an empty text")
    return values


def _ids(values: Values) -> Values:
    try:
        ids = _texts([value if value is None else value["id"] for value in values])
    except (KeyError, TypeError) as error:
        raise ValueError("not only objects with ids") from error
    if ids.count(None) != values.count(None):
        raise ValueError("an object with no id")
    return ids


def _booleans(values: Values) -> Values:
    return _only(bool, values)


def _integers(values: Values) -> Values:
    numbers = [value for value in _only(int, values) if value is not None]
    if numbers and not LEAST <= min(numbers) <= max(numbers) <= GREATEST:
        raise ValueError("too many digits")
    return values


def _numbers(values: Values) -> Values:
    if not {int, Decimal, _NOTHING}.issuperset(map(type, values)):
        raise ValueError("of several kinds")
    texts = list(map(str, values))
    if max(map(len, texts)) > _FEW_CHARACTERS:
        raise ValueError("many digits")
    try:
        return [
            value
            if type(value) is not Decimal or ("." in text and text[-1] != "0" and "E" not in text)
            else types.NUMBER.from_json(value)
            for value, text in zip(values, texts, strict=True)
        ]
    except TypeMismatchError as error:
        raise ValueError("not only numbers") from error


def _days(values: Values) -> Values:
    # Which keeps its last results.
    convert = types.DATE.from_csv
    try:
        return [value and convert(value) for value in _texts(values)]
    except TypeMismatchError as error:
        raise ValueError("not only days") from error


def _instants(values: Values) -> Values:
    return utc_each(_only(str, values))


_AT_ONCE: Mapping[types.FieldType, Callable[[Values], Values]] = {
    types.TEXT: _texts,
    types.NUMERAL: _texts,
    types.REFERENCE: _ids,
    types.BOOLEAN: _booleans,
    types.INTEGER: _integers,
    types.NUMBER: _numbers,
    types.DATE: _days,
    types.DATE_TIME: _instants,
}
