"""Catalog and state as users hand them over: files that others made, or people changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import IO, Any, Literal

import msgspec
from singer_sdk.singerlib.catalog import Catalog, MetadataMapping

from tap_zohocrm_modules.config.sources import UnreadableFileError, parse_object


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
    catalog = _object("--catalog", file)
    _check("--catalog", file, catalog, _Catalog, "no catalog, as --discover makes one")
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
    state = _object("--state", file)
    # Before the first run there is none.
    if state:
        _check("--state", file, state, _State, "no state, which is the `value` of a STATE message")
    return state


def chosen_streams(catalog: Catalog) -> set[str]:
    """Return the names of the streams that are chosen in a catalog, as the SDK understands it."""
    return {entry.tap_stream_id for entry in catalog.streams if _is_chosen(entry.metadata)}


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


def _is_chosen(metadata: MetadataMapping) -> bool:
    root = metadata.get(())
    return root is None or MetadataMapping({(): root}).resolve_selection()[()]


def _object(option: str, file: IO[str]) -> dict[str, Any]:
    # In bytes, for the file was opened in the encoding of the user's locale.
    return parse_object(option, file.name, file.buffer.read())  # type: ignore[attr-defined]


def _check(option: str, file: IO[str], value: dict[str, Any], kind: type, wrong: str) -> None:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise UnreadableFileError(f"{option} {file.name}: is {wrong}: {error}.") from error
