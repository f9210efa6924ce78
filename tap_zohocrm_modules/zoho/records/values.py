"""From what Zoho gives to the one shape of each kind of value.

Get Records and COQL give JSON, Bulk Read gives CSV; a value is the same after either.
Shapes: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records.kinds import Kind
from tap_zohocrm_modules.zoho.transport.instants import utc
from tap_zohocrm_modules.zoho.transport.json_text import json_text

Convert: TypeAlias = Callable[[Any], Any]


class TypeMismatchError(Exception):
    """A value is of no shape that its kind is known to have."""


class AmbiguousValueError(Exception):
    """A value cannot be told from this way of reading; another one tells."""


def from_json(kind: Kind) -> Convert:
    """Return what makes a value of this kind out of a JSON value that is not null.

    It raises TypeMismatchError for a value of another kind.
    """
    return _JSON[kind]


def from_csv(kind: Kind, choices: frozenset[str]) -> Convert:
    """Return what makes a value of this kind out of the text of a CSV cell that is not empty.

    It raises TypeMismatchError for a value of another kind, AmbiguousValueError for several
    values in one cell that cannot be told apart by the picklist's known `choices`.
    """
    if kind is Kind.CHOICES:
        # A picklist has few values, and they are chosen in few ways.
        split = functools.lru_cache(_WAYS_REMEMBERED)(lambda cell: _split_choices(cell, choices))
        return lambda cell: list(split(cell))
    return _CSV[kind]


_WAYS_REMEMBERED = 1_024
_INTEGER = re.compile(r"[+-]?\d{1,30}", re.ASCII)
# As Zoho writes nearly all numbers: without a sign before, zeros behind, or an exponent.
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(\.\d{0,14}[1-9])?", re.ASCII)
_LEAST, _GREATEST = -(2**63), 2**63 - 1
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _text(value: Any) -> str | None:
    if type(value) is str:
        return value or None
    if isinstance(value, (bool, int, Decimal)):
        return json_text(value)
    raise TypeMismatchError


def _numeral(value: Any) -> str | None:
    if type(value) is str:
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeMismatchError


def _integer(value: Any) -> int:
    number = int(value) if type(value) is str and _INTEGER.fullmatch(value) else value
    if type(number) is int and _LEAST <= number <= _GREATEST:
        return number
    if isinstance(number, str):
        number = _number(number)
    if isinstance(number, bool) or not isinstance(number, (int, Decimal)):
        raise TypeMismatchError
    # Loaders' integer columns have 64 bits.
    if not _LEAST <= number <= _GREATEST or number != int(number):
        raise TypeMismatchError
    return int(number)


def _number(value: Any) -> int | Decimal:
    """Return the number with as many digits as it needs, so that 2.50 and 2.5 are one."""
    if type(value) is str and (plain := _PLAIN_NUMBER.fullmatch(value)):
        return Decimal(value) if plain[1] else int(value)
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, (str, Decimal)):
        raise TypeMismatchError
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise TypeMismatchError from error
    if not number.is_finite():
        raise TypeMismatchError
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return Decimal(text) if "." in text else int(text)


def _boolean(value: Any) -> bool:
    if type(value) is bool:
        return value
    told = _BOOLEANS.get(value.lower()) if isinstance(value, str) else None
    if told is None:
        raise TypeMismatchError
    return told


_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}


def _date(value: Any) -> str | None:
    if value == "":
        return None
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise TypeMismatchError
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise TypeMismatchError from error


def _date_time(value: Any) -> str | None:
    if type(value) is not str:
        raise TypeMismatchError
    if not value:
        return None
    try:
        return utc(value)
    except ValueError as error:
        raise TypeMismatchError from error


def _reference(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("id")
        if value is None:
            raise TypeMismatchError
    return _numeral(value)


def _references(value: Any) -> list[str] | None:
    return _list(value, _reference)


def _choice(value: Any) -> str | None:
    # Taxes are listed as choices, and come as objects.
    return _text(value.get("value", value.get("name")) if isinstance(value, dict) else value)


def _choices(value: Any) -> list[str] | None:
    return _list(value, _choice)


def _tag(value: Any) -> str | None:
    return _text(value.get("name") if isinstance(value, dict) else value)


def _tags(value: Any) -> list[str] | None:
    return _list(value, _tag)


def _list(value: Any, item: Callable[[Any], str | None]) -> list[str] | None:
    values = [value] if isinstance(value, (str, dict)) else value
    if not isinstance(values, list):
        raise TypeMismatchError
    found = [item(each) for each in values if each is not None]
    return [each for each in found if each is not None] or None


def _module(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("api_name")
    if not isinstance(value, str):
        raise TypeMismatchError
    return value or None


def _rule(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("RRULE", value.get("ALARM"))
    if not isinstance(value, str):
        raise TypeMismatchError
    return value or None


def _json(value: Any) -> str | None:
    return None if value in ([], {}, "") else json_text(value)


def _unknown(value: Any) -> str | None:
    return value or None if isinstance(value, str) else json_text(value)


_JSON: Mapping[Kind, Convert] = {
    Kind.TEXT: _text,
    Kind.NUMERAL: _numeral,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.DATE_TIME: _date_time,
    Kind.REFERENCE: _reference,
    Kind.REFERENCES: _references,
    Kind.CHOICES: _choices,
    Kind.TAGS: _tags,
    Kind.MODULE: _module,
    Kind.RULE: _rule,
    Kind.JSON: _json,
    Kind.UNKNOWN: _unknown,
}


def as_it_is(cell: str) -> str:
    """Return a cell that is the value."""
    return cell


def _split_tags(cell: str) -> list[str] | None:
    return [tag for tag in (part.strip() for part in cell.split(",")) if tag] or None


def _never(cell: str) -> Any:
    raise AmbiguousValueError(cell)


_CSV: Mapping[Kind, Convert] = {
    **_JSON,
    # There are but a few ways to write these.
    Kind.BOOLEAN: functools.lru_cache(_WAYS_REMEMBERED)(_boolean),
    Kind.DATE: functools.lru_cache(_WAYS_REMEMBERED)(_date),
    Kind.DATE_TIME: functools.lru_cache(_WAYS_REMEMBERED)(_date_time),
    Kind.TEXT: as_it_is,
    Kind.NUMERAL: as_it_is,
    Kind.REFERENCE: as_it_is,
    Kind.TAGS: _split_tags,
    Kind.REFERENCES: _never,
    Kind.MODULE: _never,
    Kind.JSON: _never,
}

_SEPARATORS = ";,"


def _split_choices(cell: str, choices: frozenset[str]) -> list[str]:
    """Return the values in a cell; Zoho does not document what stands between them.

    Raises:
        AmbiguousValueError: the cell can be read as different lists, or holds a value that the
            picklist does not list beside others.
    """
    if cell in choices and not any(sign in cell for sign in _SEPARATORS):
        return [cell]
    readings = [
        reading
        for sign in _SEPARATORS
        if sign in cell
        for reading in _readings(cell.split(sign), sign, choices)
    ]
    if cell in choices:
        readings.append([cell])
    if len(readings) == 1:
        return readings[0]
    if not readings and not any(sign in cell for sign in _SEPARATORS):
        return [cell]
    raise AmbiguousValueError(cell)


def _readings(parts: list[str], sign: str, choices: frozenset[str]) -> list[list[str]]:
    """Return up to two ways to put the parts together to known values."""
    # ways[n]: how the first n parts can be read.
    ways: list[list[list[str]]] = [[[]]]
    for end in range(1, len(parts) + 1):
        found: list[list[str]] = []
        for begin in range(end):
            value = sign.join(parts[begin:end])
            known = value if value in choices else value.strip()
            if known in choices:
                found += [[*way, known] for way in ways[begin]]
        ways.append(found[:2])
    return [way for way in ways[-1] if len(way) > 1]
