"""Fits Zoho's JSON into a stream's schema without losing any of it.

A schema is compiled once into nested functions. Each takes a value and returns it as its schema
says, together with what the schema has no place for; that remainder keeps the value's own nesting
and ends up in the column `additional_properties`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records.conversions import (
    GREATEST,
    LEAST,
    Convert,
    TypeMismatchError,
    to_date,
    to_date_time,
)
from tap_zohocrm_modules.zoho.records.model import ADDITIONAL_PROPERTIES
from tap_zohocrm_modules.zoho.transport.json_text import json_text
from tap_zohocrm_modules.zoho.transport.texts import one_line

REMAINS_NOTHING = object()
"""Says that a value found its place whole; None cannot, being a value itself."""

# The SDK goes through a record's objects by recursion, several calls a level.
_DEEPEST = 100

Fitted: TypeAlias = tuple[Any, Any]
Fit: TypeAlias = Callable[[Any], Fitted]


class PartialRow(dict[str, Any]):
    """A row of which Zoho has not said everything: the columns that it lacks are left out."""


class RowNormalizer:
    """Makes rows of one schema.

    Every row has every column, in the schema's order, but for what a `PartialRow` lacks. Values of
    another kind than their column, and keys that have no column, are moved to
    `additional_properties`, which is otherwise null.
    """

    def __init__(self, schema: Mapping[str, Any], keys: Sequence[str]) -> None:
        self.extras: set[str] = set()
        """Dotted names of what went to `additional_properties` so far."""
        properties = dict(schema["properties"])
        properties.pop(ADDITIONAL_PROPERTIES)
        self._keys = tuple(keys)
        self._empty: Mapping[str, Any] = dict.fromkeys((*properties, ADDITIONAL_PROPERTIES))
        self._fit = _object(properties, "", self.extras)

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row in the schema's shape.

        Raises:
            TypeMismatchError: no object, a key column absent or not a string, or nested
                deeper than what comes after can follow.
        """
        try:
            values, remainder = self._fit(row)
        except RecursionError as error:
            raise TypeMismatchError("a row nested too deep") from error
        if _is_deeper(remainder, _DEEPEST):
            raise TypeMismatchError("a row nested too deep")
        for key in self._keys:
            if values.get(key) is None:
                raise TypeMismatchError(f"a row without a valid {key}")
        fitted = {**self._empty, **values}
        if isinstance(row, PartialRow):
            known = {*row, ADDITIONAL_PROPERTIES}
            fitted = {name: value for name, value in fitted.items() if name in known}
        if remainder is not REMAINS_NOTHING:
            fitted[ADDITIONAL_PROPERTIES] = remainder
        return fitted


def warn_of_extras(stream: str, extras: set[str], logger: logging.Logger) -> None:
    """Say which columns' values of a stream are kept in `additional_properties`, and why."""
    # BigQuery has no columns of such names: that they are kept there is how it should be.
    internal = {name for name in extras if "$" in {part[:1] for part in name.split(".")}}
    for level, why, names in (
        (logging.INFO, "Zoho's internal names", internal),
        (logging.WARNING, "not as the schema says, and so", extras - internal),
    ):
        if names:
            logger.log(
                level,
                "Stream %s: %s kept in %s: %s.",
                stream,
                why,
                ADDITIONAL_PROPERTIES,
                ", ".join(map(one_line, sorted(names))),
            )


def _compile(schema: Mapping[str, Any], path: str, extras: set[str]) -> Fit:
    kinds = schema["type"]
    kind = next(one for one in ([kinds] if isinstance(kinds, str) else kinds) if one != "null")
    if kind == "object":
        if "properties" not in schema:
            return _open_object
        return _object(schema["properties"], f"{path}.", extras)
    if kind == "array":
        return _array(_compile(schema["items"], f"{path}[]", extras))
    media = schema.get("contentMediaType", "")
    scalar = _SCALARS[media if media in _SCALARS else schema.get("format", kind)]
    return lambda value: (scalar(value), REMAINS_NOTHING)


def _object(properties: Mapping[str, Any], prefix: str, extras: set[str]) -> Fit:
    fits = {name: _compile(of, prefix + name, extras) for name, of in properties.items()}

    def fit(value: Any) -> Fitted:
        if not isinstance(value, dict):
            raise TypeMismatchError
        values: dict[str, Any] = {}
        remainder: dict[str, Any] = {}
        for name, inner in value.items():
            if inner is None and name in fits:
                values[name] = None
                continue
            left = inner
            if name in fits:
                try:
                    values[name], left = fits[name](inner)
                except TypeMismatchError:
                    values[name] = None
            if left is inner:
                extras.add(prefix + name)
            if left is not REMAINS_NOTHING:
                remainder[name] = left
        return values, remainder or REMAINS_NOTHING

    return fit


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_is_deeper(one, levels - 1) for one in inner)


def _open_object(value: Any) -> Fitted:
    if not isinstance(value, dict):
        raise TypeMismatchError
    return value, REMAINS_NOTHING


def _array(fit_item: Fit) -> Fit:
    def fit(value: Any) -> Fitted:
        # Zoho sends some lists of one as the bare object.
        items = [value] if isinstance(value, dict) else value
        if not isinstance(items, list):
            raise TypeMismatchError
        pairs = [fit_item(item) for item in items]
        if all(left is REMAINS_NOTHING for _, left in pairs):
            return [item for item, _ in pairs], REMAINS_NOTHING
        left = [None if left is REMAINS_NOTHING else left for _, left in pairs]
        return [item for item, _ in pairs], left

    return fit


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, Decimal)):
        # Zoho sends 64-bit ids as strings or as numbers, and default values as what they are.
        return json_text(value)
    raise TypeMismatchError


_INTEGER = re.compile(r"-?(0|[1-9]\d{0,18})", re.ASCII)


def _integer(value: Any) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise TypeMismatchError
    # Loaders' integer columns have 64 bits.
    if not LEAST <= value <= GREATEST or value != int(value):
        raise TypeMismatchError
    return int(value)


def _number(value: Any) -> int | float | Decimal:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return value
    raise TypeMismatchError


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeMismatchError


def _unless_empty(convert: Convert) -> Convert:
    def fit(value: Any) -> Any:
        if value == "":
            raise TypeMismatchError
        return convert(value)

    return fit


# By the schema's contentMediaType, where a string holds more than text, or format, or type.
_SCALARS: Mapping[str, Convert] = {
    "application/json": json_text,
    "text/x-date-time": _unless_empty(to_date_time),
    "date-time": _unless_empty(to_date_time),
    "date": _unless_empty(to_date),
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}
