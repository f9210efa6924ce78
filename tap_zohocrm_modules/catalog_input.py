"""Catalog and state as users hand them over, and what discovery notes in a catalog for plans."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import IO, Any, Literal

import msgspec
from singer_sdk.singerlib.catalog import Catalog, MetadataMapping

from tap_zohocrm_modules.config.sources import UnreadableFileError, parse_object
from tap_zohocrm_modules.zoho.records.field_types import TYPES
from tap_zohocrm_modules.zoho.records.model import RecordField

_FIELD_KEY = "zoho-field"


class _ColumnSchema(msgspec.Struct):
    type: str | list[str] | None = None
    format: str | None = None
    items: _ColumnSchema | None = None
    properties: dict[str, _ColumnSchema] | None = None


class _Schema(msgspec.Struct):
    properties: dict[str, _ColumnSchema]


class _Choices(msgspec.Struct, rename="kebab"):
    selected: bool | None = None
    selected_by_default: bool | None = None
    inclusion: Literal["automatic", "available", "unsupported"] | None = None
    replication_key: str | None = None
    replication_method: str | None = None
    forced_replication_method: str | None = None
    valid_replication_keys: list[str] | None = None
    table_key_properties: list[str] | None = None


class _Metadata(msgspec.Struct):
    breadcrumb: list[str]
    metadata: _Choices


class _Stream(msgspec.Struct):
    tap_stream_id: str
    schema: _Schema
    stream: str | None = None
    stream_alias: str | None = None
    metadata: list[_Metadata] = []
    key_properties: list[str] | None = None
    replication_key: str | None = None
    replication_method: str | None = None


class _Catalog(msgspec.Struct):
    streams: list[_Stream]


class _State(msgspec.Struct):
    bookmarks: dict[str, dict[str, Any]]


def read_catalog(file: IO[str] | None) -> dict[str, Any] | None:
    """Return the catalog that a file holds, None for no file.

    The metadata's `replication-method`, which the SDK passes over, counts: it is the user's choice,
    and wins over the method that discovery wrote beside it.

    Raises:
        UnreadableFileError: it holds something else.
    """
    if file is None:
        return None
    catalog = _read("--catalog", file, _Catalog, "not a catalog, as --discover makes one")
    for entry in catalog["streams"]:
        # Streams have one name here, by which the SDK also looks for their maps.
        entry["stream"] = entry["tap_stream_id"]
        for item in entry.get("metadata", ()):
            method = item["metadata"].get("replication-method")
            if not item["breadcrumb"] and method:
                item["metadata"].setdefault("forced-replication-method", method)
                entry.pop("replication_method", None)
    return catalog


def read_state(file: IO[str] | None) -> dict[str, Any] | None:
    """Return the state that a file holds, None for no file.

    Raises:
        UnreadableFileError: it holds something else, so that a run would begin anew unasked.
    """
    if file is None:
        return None
    return _read("--state", file, _State, "not a state, which is the `value` of a STATE message")


def chosen_streams(catalog: Catalog) -> set[str]:
    """Return the names of the streams that are chosen in a catalog, as the SDK understands it."""
    roots = {entry.tap_stream_id: entry.metadata.get(()) for entry in catalog.streams}
    return {
        stream
        for stream, root in roots.items()
        if root is None or MetadataMapping({(): root}).resolve_selection()[()]
    }


def has_increments(catalog: Catalog, streams: Collection[str]) -> bool:
    """Whether some of these streams may be read by increments, by a catalog."""
    return any(
        entry.tap_stream_id in streams
        and (
            entry.replication_key is not None
            or getattr(entry.metadata.get(()), "replication_key", None) is not None
        )
        for entry in catalog.streams
    )


def _read(option: str, file: IO[str], kind: type, wrong: str) -> dict[str, Any]:
    # In bytes, for the file was opened in the encoding of the user's locale.
    value = parse_object(option, file.name, file.buffer.read())  # type: ignore[attr-defined]
    # Before the first run there is no state.
    if value or kind is not _State:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            raise UnreadableFileError(f"{option} {file.name}: is {wrong}: {error}.") from error
    return value


class _Note(msgspec.Struct, omit_defaults=True, frozen=True):
    """What a catalog keeps of a field, so that a run can be planned without asking Zoho.

    Discovery writes it into the metadata of each column; it is in no message. `RecordField` says
    what each part means.
    """

    type: str
    api_name: str = ""
    data_type: str = ""
    field_id: str = ""
    asked_as: str = ""
    missing_on: tuple[str, ...] = ()
    rich: bool = False


def note_fields(metadata: Iterable[dict[str, Any]], fields: Iterable[RecordField]) -> None:
    """Add to a catalog's metadata of a stream what is known of its fields."""
    columns = {("properties", field.column): field for field in fields}
    for entry in metadata:
        if field := columns.get(tuple(entry["breadcrumb"])):
            note = _Note(
                type=field.type.name,
                api_name="" if field.api_name == field.column else field.api_name,
                data_type=field.data_type,
                field_id=field.field_id,
                asked_as=field.asked_as,
                missing_on=tuple(sorted(field.missing_on)),
                rich=field.rich,
            )
            entry["metadata"][_FIELD_KEY] = msgspec.to_builtins(note)


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
        if (found := entry["metadata"].get(_FIELD_KEY)) is not None:
            note, column = msgspec.convert(found, _Note), str(entry["breadcrumb"][-1])
            yield RecordField(
                api_name=note.api_name or column,
                column=column,
                type=TYPES[note.type],
                data_type=note.data_type,
                field_id=note.field_id,
                asked_as=note.asked_as,
                missing_on=frozenset(note.missing_on),
                rich=note.rich,
            )
