"""RECORD messages of many rows at once: the lines that the SDK's messages would be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

import msgspec
from singer_sdk.mapper import SameRecordTransform, StreamMap

from tap_zohocrm_modules.zoho.records.columnar import JsonRows
from tap_zohocrm_modules.zoho.records.value_table import ValueTable
from tap_zohocrm_modules.zoho.transport.json_text import json_bytes, json_lines

_ROWS_AT_ONCE = 125


class _Message(msgspec.Struct, gc=False):
    """A RECORD message, its members in the order of the SDK's."""

    type: str
    stream: str
    record: Any
    version: int | msgspec.UnsetType
    time_extracted: datetime


class RecordLines:
    """Makes RECORD messages of one stream.

    Args:
        stream: The stream's name.
        columns: The columns of a table's rows that are wanted, in their order.
    """

    def __init__(self, stream: str, columns: Sequence[str]) -> None:
        self._stream = stream
        self._columns = tuple(columns)
        self._row = _row_type(self._columns)
        self.rows = 0
        """How many rows have been made lines so far."""

    def of(self, rows: Sequence[dict[str, Any]], version: int | None) -> Iterator[bytes]:
        """Yield the lines of rows, some at a time.

        Args:
            rows: The rows; those of no table have the wanted columns only.
            version: The version of the stream's table that they belong to, if there are versions.
        """
        number = msgspec.UNSET if version is None else version
        if isinstance(rows, JsonRows):
            now = datetime.now(timezone.utc)
            message = json_bytes(_Message("RECORD", self._stream, None, number, now))
            before, _, after = message.rpartition(b"null")
            self.rows += len(rows)
            yield rows.lines(before, self._columns, after)
            return
        for some in self._parts(rows):
            now = datetime.now(timezone.utc)
            messages = [_Message("RECORD", self._stream, row, number, now) for row in some]
            self.rows += len(messages)
            yield json_lines(messages)

    def _parts(self, rows: Sequence[dict[str, Any]]) -> Iterator[Iterable[Any]]:
        if isinstance(rows, ValueTable):
            for some in rows.rows(self._columns):
                yield (self._row(*row) for row in some)
            return
        for begin in range(0, len(rows), _ROWS_AT_ONCE):
            yield rows[begin : begin + _ROWS_AT_ONCE]


def are_as_read(maps: Sequence[StreamMap]) -> bool:
    """Whether these maps make of each record one message with the record as it is."""
    return [type(each) for each in maps] == [SameRecordTransform] and not maps[0].flattening_enabled


def _row_type(columns: Sequence[str]) -> Callable[..., Any]:
    """Return what makes a row of its values; structs are made and written faster than dicts."""
    names = {f"c{at}": column for at, column in enumerate(columns)}
    try:
        return msgspec.defstruct("Row", list(names), rename=names, gc=False)
    except ValueError:
        # A column's name has a sign that JSON would have to spell.
        return lambda *row: dict(zip(columns, row, strict=True))
