"""Columns of a table's rows, whose ids and times are wanted as numbers."""

from __future__ import annotations

import abc
import itertools
from array import array
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from typing_extensions import Self, override

from tap_zohocrm_modules.verify.instants import instant_of, stamp_of
from tap_zohocrm_modules.verify.sorted_runs import Numbers

_GREATEST = 2**64 - 1
_DIGITS = 20  # of the greatest
_MICROSECONDS = 1_000_000


class Columns(abc.ABC):
    """Some rows, as columns; each is named by its place."""

    @abc.abstractmethod
    def __len__(self) -> int:
        """Return how many rows there are."""

    @abc.abstractmethod
    def values(self, place: int) -> Sequence[Any]:
        """Return the values of a column, as drivers return them."""

    @abc.abstractmethod
    def where(self, wanted: Sequence[bool]) -> Self:
        """Return some of the rows."""

    def ids(self, place: int) -> Sequence[int | None]:
        """Return a column of ids as numbers; None for what no id of Zoho's looks like."""
        return [id_number(key_text(value)) for value in self.values(place)]

    def stamps(self, place: int) -> Numbers:
        """Return a column of instants as stamps; IncomparableError: they are not instants."""
        return array("Q", map(stamp_of, self.values(place)))

    def micros(self, place: int) -> Numbers:
        """Return a column of instants in microseconds since 1970, 0 for null and earlier ones."""
        return array("Q", map(micro, self.values(place)))

    def nulls(self, place: int) -> Sequence[bool] | None:
        """Return whether each value of a column is null; None if all are."""
        found = [value is None for value in self.values(place)]
        return None if all(found) else found


class ListedColumns(Columns):
    """Columns of Python's objects."""

    def __init__(self, columns: Sequence[Sequence[Any]]) -> None:
        self._columns = columns

    @override
    def __len__(self) -> int:
        return len(self._columns[0])

    @override
    def values(self, place: int) -> Sequence[Any]:
        return self._columns[place]

    @override
    def where(self, wanted: Sequence[bool]) -> Self:
        return type(self)([[*itertools.compress(column, wanted)] for column in self._columns])


def key_text(value: Any) -> str:
    """Return a key's value as a text, whatever type its column has."""
    if type(value) is str:
        return value
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    return "null" if value is None else str(value)


def id_number(text: str) -> int | None:
    """Return an id as a number; None if no id of Zoho's looks like that."""
    is_plain = text.isascii() and text.isdecimal() and (text[0] != "0" or text == "0")
    if is_plain and (len(text) < _DIGITS or (len(text) == _DIGITS and int(text) < _GREATEST)):
        return int(text)
    return None


def micro(value: Any) -> int:
    """Return an instant in microseconds since 1970; 0 for null and for earlier ones."""
    instant = instant_of(value)
    return 0 if instant is None else max(0, int(instant.timestamp() * _MICROSECONDS))
