"""RECORD messages of many rows at once: the lines that the SDK's messages would be."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

import msgspec
from singer_sdk.mapper import SameRecordTransform, StreamMap

from tap_zohocrm_modules.streams.messages import MessageWriter
from tap_zohocrm_modules.zoho.records.records import Records, Shape
from tap_zohocrm_modules.zoho.transport.json_text import json_bytes


class _Message(msgspec.Struct, gc=False):
    """A RECORD message, its members in the order of the SDK's."""

    type: str
    stream: str
    record: Any
    version: int | msgspec.UnsetType
    time_extracted: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class _RecordForm:
    """How RECORD messages of one stream look; a `LineForm`."""

    stream: str
    shape: Shape
    row: Callable[..., Any]
    version: int | msgspec.UnsetType

    def message(self) -> Callable[[Any], _Message]:
        """Return what makes a message of an object, extracted now."""
        now = datetime.now(timezone.utc)
        return functools.partial(
            _Message, "RECORD", self.stream, version=self.version, time_extracted=now
        )

    def around(self) -> tuple[bytes, bytes]:
        """Return what is before and after the record of a message, extracted now."""
        now = datetime.now(timezone.utc)
        message = json_bytes(_Message("RECORD", self.stream, None, self.version, now))
        before, _, after = message.rpartition(b"null")
        return before, after


class RecordLines:
    """Makes RECORD messages of one stream.

    Args:
        stream: The stream's name.
        shape: The columns that are wanted.
    """

    def __init__(self, stream: str, shape: Shape) -> None:
        self._form = _RecordForm(stream, shape, _row_type(shape.columns), msgspec.UNSET)
        self.rows = 0
        """How many rows have been made lines so far."""

    def from_records(self, records: Records, version: int | None) -> Iterator[bytes]:
        """Yield the lines of records, some at a time.

        Args:
            records: The records.
            version: The version of the stream's table that they belong to, if there are versions.
        """
        number = msgspec.UNSET if version is None else version
        for rows, text in records.lines(dataclasses.replace(self._form, version=number)):
            self.rows += rows
            yield text


@dataclasses.dataclass(frozen=True, slots=True)
class LineWriter:
    """Writes RECORD messages of one stream."""

    lines: RecordLines
    writer: MessageWriter
    version: Callable[[], int | None]  # returns the version that the records belong to now
    wrote: Callable[[int], object]  # is called with the number of all rows that are written by then

    def write(self, records: Records) -> None:
        """Write the lines of records; OutputError: they cannot be written."""
        for text in self.lines.from_records(records, self.version()):
            self.writer.write_lines(text)
            self.wrote(self.lines.rows)


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
