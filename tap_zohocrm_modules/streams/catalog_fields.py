"""What a catalog keeps of Zoho's fields, so that a run can be planned without asking for them.

Discovery writes it into the metadata of each column, as the key `zoho-field`; it is in no message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from tap_zohocrm_modules.zoho.records.field_types import TYPES
from tap_zohocrm_modules.zoho.records.model import RecordField

_KEY = "zoho-field"


class _Note(msgspec.Struct, omit_defaults=True, frozen=True):
    """What the planner needs of a field; `RecordField` says what each part means."""

    type: str
    api_name: str = ""
    data_type: str = ""
    field_id: str = ""
    asked_as: str = ""
    missing_on: tuple[str, ...] = ()
    rich: bool = False

    @classmethod
    def of(cls, field: RecordField) -> _Note:
        return cls(
            type=field.type.name,
            api_name="" if field.api_name == field.column else field.api_name,
            data_type=field.data_type,
            field_id=field.field_id,
            asked_as=field.asked_as,
            missing_on=tuple(sorted(field.missing_on)),
            rich=field.rich,
        )

    def field(self, column: str) -> RecordField:
        return RecordField(
            api_name=self.api_name or column,
            column=column,
            type=TYPES[self.type],
            data_type=self.data_type,
            field_id=self.field_id,
            asked_as=self.asked_as,
            missing_on=frozenset(self.missing_on),
            rich=self.rich,
        )


def note_fields(metadata: Iterable[dict[str, Any]], fields: Iterable[RecordField]) -> None:
    """Add to a catalog's metadata of a stream what is known of its fields."""
    columns = {("properties", field.column): field for field in fields}
    for entry in metadata:
        if field := columns.get(tuple(entry["breadcrumb"])):
            entry["metadata"][_KEY] = msgspec.to_builtins(_Note.of(field))


def noted_fields(catalog: Iterable[Mapping[str, Any]]) -> dict[str, tuple[RecordField, ...]]:
    """Return the fields that a catalog's entries know, by stream.

    A stream is missing that an earlier release discovered, or of which somebody changed the notes.
    """
    found = {}
    for stream in catalog:
        try:
            fields = tuple(_fields(stream.get("metadata", ())))
        except (msgspec.ValidationError, KeyError):
            continue
        if fields:
            found[stream["tap_stream_id"]] = fields
    return found


def _fields(metadata: Iterable[Mapping[str, Any]]) -> Iterator[RecordField]:
    for entry in metadata:
        note = entry["metadata"].get(_KEY)
        if note is not None:
            yield msgspec.convert(note, _Note).field(str(entry["breadcrumb"][-1]))
