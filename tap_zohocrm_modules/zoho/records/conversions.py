"""Turns a value as Zoho sends it into the one shape that its field type has.

Get Records and COQL send JSON, Bulk Read sends CSV; a value is the same after either.
Shapes: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias, TypeVar

from tap_zohocrm_modules.zoho.transport.instants import utc
from tap_zohocrm_modules.zoho.transport.json_text import json_text

Convert: TypeAlias = Callable[[Any], Any]
"""Makes a value of its type, or raises TypeMismatchError or AmbiguousValueError."""


class TypeMismatchError(Exception):
    """A value has a shape that its field type does not know."""


class AmbiguousValueError(Exception):
    """This read path cannot decide what a value is; another one can."""


_CELLS_REMEMBERED = 1_024
# Far more than any number of Zoho's has, and few enough to be written out.
_MOST_DIGITS = 400
_MOST_BITS = 1_300
_INTEGER = re.compile(r"[+-]?\d{1,30}", re.ASCII)
# As Zoho writes nearly all numbers: without a sign before, zeros behind, or an exponent.
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(\.\d{0,14}[1-9])?", re.ASCII)
LEAST, GREATEST = -(2**63), 2**63 - 1
_FEW_DIGITS = 18
_OF_REFERENCES = frozenset({"id", "name", "api_name", "display_label", "email", "module"})
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def to_text(value: Any) -> str | None:
    """Return a text; null if it is empty."""
    if type(value) is str:
        return value or None
    if isinstance(value, Decimal):
        return json_text(_bounded(value))
    if isinstance(value, int):
        return json_text(value if isinstance(value, bool) else _bounded(value))
    raise TypeMismatchError


def to_numeral(value: Any) -> str | None:
    """Return the digits of an id or a long integer."""
    if type(value) is str:
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(_bounded(value))
    raise TypeMismatchError


def to_integer(value: Any) -> int:
    """Return an integer of 64 bits at most, the widest that loaders have."""
    if type(value) is str and value.isascii() and value.isdecimal() and len(value) <= _FEW_DIGITS:
        return int(value)
    number = int(value) if type(value) is str and _INTEGER.fullmatch(value) else value
    if type(number) is int and LEAST <= number <= GREATEST:
        return number
    if isinstance(number, str):
        number = to_number(number)
    if isinstance(number, bool) or not isinstance(number, (int, Decimal)):
        raise TypeMismatchError
    if not LEAST <= number <= GREATEST or number != int(number):
        raise TypeMismatchError
    return int(number)


def to_number(value: Any) -> int | Decimal:
    """Return the number with as many digits as it needs, so that 2.50 and 2.5 are one."""
    if type(value) is int:
        return _bounded(value)
    text = str(value) if type(value) is Decimal else value
    if type(text) is str and (plain := _PLAIN_NUMBER.fullmatch(text)):
        return Decimal(text) if plain[1] else int(text)
    if isinstance(value, bool) or not isinstance(value, (str, Decimal)):
        raise TypeMismatchError
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise TypeMismatchError from error
    text = format(_bounded(number), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return Decimal(text) if "." in text else int(text)


_Number = TypeVar("_Number", int, Decimal)


def _bounded(number: _Number) -> _Number:
    """Return the number, if it can be written out in a few hundred digits."""
    if isinstance(number, int):
        is_bounded = number.bit_length() <= _MOST_BITS
    else:
        is_bounded = number.is_finite() and _last_digit(number) >= -_MOST_DIGITS
        is_bounded = is_bounded and number.adjusted() <= _MOST_DIGITS
    if not is_bounded:
        raise TypeMismatchError
    return number


def _last_digit(number: Decimal) -> int:
    """Return the power of ten of the last digit, 0 for the units."""
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def to_boolean(value: Any) -> bool:
    """Return a boolean."""
    if type(value) is bool:
        return value
    found = _BOOLEANS.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise TypeMismatchError
    return found


_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}


def to_date(value: Any) -> str | None:
    """Return a day as `2025-04-24`."""
    if value == "":
        return None
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise TypeMismatchError
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise TypeMismatchError from error


def to_date_time(value: Any) -> str | None:
    """Return an instant in UTC as `2025-04-24T17:32:20Z`."""
    if type(value) is not str:
        raise TypeMismatchError
    if not value:
        return None
    try:
        return utc(value)
    except ValueError as error:
        raise TypeMismatchError from error


def to_reference(value: Any) -> str | None:
    """Return the id of what a lookup leads to."""
    if isinstance(value, dict):
        value = value.get("id")
        if value is None:
            raise TypeMismatchError
    return to_numeral(value)


def to_choice(value: Any) -> str | None:
    """Return one value of a multi-select picklist; taxes come as objects."""
    return to_text(value.get("value", value.get("name")) if isinstance(value, dict) else value)


def to_tag(value: Any) -> str | None:
    """Return a tag's name."""
    return to_text(value.get("name") if isinstance(value, dict) else value)


def list_of(item: Convert) -> Convert:
    """Return what makes a list of a list or of a single value; null if nothing is left."""

    def to_list(value: Any) -> list[str] | None:
        values = [value] if isinstance(value, (str, dict)) else value
        if not isinstance(values, list):
            raise TypeMismatchError
        found = [item(each) for each in values if each is not None]
        return [each for each in found if each is not None] or None

    return to_list


def to_module(value: Any) -> str | None:
    """Return a module's API name."""
    if isinstance(value, dict):
        value = value.get("api_name")
    if not isinstance(value, str):
        raise TypeMismatchError
    return value or None


def to_lookup_module(value: Any) -> str | None:
    """Return the API name of the module that a lookup leads to.

    Raises:
        AmbiguousValueError: the lookup does not say.
    """
    if not isinstance(value, dict) or value.get("module") is None:
        raise AmbiguousValueError
    return to_module(value["module"])


def to_rule(value: Any) -> str | None:
    """Return a recurrence or an alarm as text."""
    if isinstance(value, dict):
        value = value.get("RRULE", value.get("ALARM"))
    if not isinstance(value, str):
        raise TypeMismatchError
    return value or None


def to_json(value: Any) -> str | None:
    """Return JSON text; null for what is empty."""
    return None if value in ([], {}, "") else json_text(value)


def to_object(value: Any) -> str | None:
    """Return the id of what is no more than a reference; JSON text of any other value."""
    if isinstance(value, dict) and value.get("id") is not None and value.keys() <= _OF_REFERENCES:
        return to_reference(value)
    return to_json(value)


def to_unknown(value: Any) -> str | None:
    """Return a text as it is, anything else as an object."""
    return value or None if isinstance(value, str) else to_object(value)


def as_is(cell: str) -> str:
    """Return a cell that is the value."""
    return cell


def undecidable(cell: str) -> Any:
    """Leave a cell to another read path."""
    raise AmbiguousValueError(cell)


def remembering(convert: Convert) -> Convert:
    """Return a converter that keeps its last results: few different cells make up most columns."""
    return functools.lru_cache(_CELLS_REMEMBERED)(convert)
