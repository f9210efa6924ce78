"""Columns of Arrow, of which no Python object is made where their values are plain."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import Self, override

from tap_zohocrm_modules.verify.columns import Columns
from tap_zohocrm_modules.verify.instants import FIRST
from tap_zohocrm_modules.verify.sorted_runs import Numbers, zeros
from tap_zohocrm_modules.zoho.records.arrow.csv_table import are_of

_DIGITS = 19  # fewer than the greatest number of 64 bits has


class ArrowColumns(Columns):
    """Columns of Arrow, or None for a column that is not there: all null."""

    def __init__(self, columns: Sequence[Any], count: int) -> None:
        self._columns = columns
        self._count = count

    @override
    def __len__(self) -> int:
        return self._count

    @override
    def values(self, place: int) -> Sequence[Any]:
        column = self._columns[place]
        values: list[Any] = [None] * self._count if column is None else column.to_pylist()
        return values

    @override
    def where(self, wanted: Sequence[bool]) -> Self:
        mask = pa.array(wanted, pa.bool_())
        found = [None if column is None else column.filter(mask) for column in self._columns]
        return type(self)(found, sum(wanted))

    @override
    def ids(self, place: int) -> Sequence[int | None]:
        column = self._columns[place]
        with contextlib.suppress(pa.ArrowInvalid):
            if column is not None and not column.null_count and _are_plain(column):
                return _numbers(column.cast(pa.uint64()))
        return super().ids(place)

    @override
    def stamps(self, place: int) -> Numbers:
        seconds = self._since_epoch(place, "s")
        return super().stamps(place) if seconds is None else seconds

    @override
    def micros(self, place: int) -> Numbers:
        micros = self._since_epoch(place, "us")
        return super().micros(place) if micros is None else micros

    def _since_epoch(self, place: int, unit: str) -> Numbers | None:
        """Return a column of instants as stamps, or in microseconds; None if it is not plain."""
        column = self._columns[place]
        if column is None or column.null_count == len(self):
            return zeros(len(self))
        kind = pa.timestamp(unit, "UTC")
        try:
            if pa.types.is_timestamp(column.type):
                kind = pa.timestamp(unit, column.type.tz)
            elif not pa.types.is_string(column.type):
                return None
            numbers = column.cast(kind, safe=False).cast(pa.int64())
        except pa.ArrowInvalid:
            return None
        if pc.min(numbers).as_py() < 0:
            return None  # Fractions of a second were cut off towards 1970.
        if unit == "s":
            numbers = pc.add(numbers, FIRST)
        return _numbers(numbers.cast(pa.uint64()).fill_null(0))

    @override
    def nulls(self, place: int) -> Sequence[bool] | None:
        column = self._columns[place]
        if column is None or column.null_count == len(self):
            return None
        found: list[bool] = column.is_null().to_pylist()
        return found


def _are_plain(column: Any) -> bool:
    """Whether a column has numbers, or texts of digits as Zoho writes ids."""
    if not pa.types.is_string(column.type):
        return bool(pa.types.is_integer(column.type))
    return (
        are_of(column, b"0123456789", _DIGITS) and not pc.any(pc.starts_with(column, "0")).as_py()
    )


def _numbers(column: Any) -> Numbers:
    """Return a column of numbers without a sign, and without nulls."""
    found = array("Q")
    begin, size = column.offset * found.itemsize, len(column) * found.itemsize
    found.frombytes(memoryview(column.buffers()[1])[begin : begin + size])
    return found
