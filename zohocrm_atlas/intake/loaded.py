"""SCHEMA messages and catalogs into tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from singer_sdk.singerlib.catalog import MetadataMapping

from zohocrm_atlas.errors import AtlasError
from zohocrm_atlas.model.loaded import LoadedColumn, LoadedTable

_FORMATS = {"date-time": "timestamp", "date": "date", "time": "time"}
_SCALARS = {"integer", "number", "boolean"}


class _Streams(msgspec.Struct):
    """A catalog, whose streams are read one by one: the schemas of hundreds are large."""

    streams: list[msgspec.Raw]


def table_of(
    stream: str, schema: Mapping[str, Any], keys: Iterable[str], without: Iterable[str] = ()
) -> LoadedTable:
    """The table that a loader makes of this schema, but for some columns."""
    left_out = frozenset(without)
    properties = schema.get("properties")
    columns = tuple(
        LoadedColumn(name, _kind(column), str(column.get("description", "")))
        for name, column in (properties if isinstance(properties, dict) else {}).items()
        if name not in left_out and isinstance(column, dict)
    )
    return LoadedTable(stream, tuple(str(key) for key in keys), columns)


def tables_of_catalog(path: Path) -> tuple[tuple[LoadedTable, bool], ...]:
    """The tables of a catalog's streams, and whether it selects them.

    Those that it selects are without the columns that it leaves out.

    Raises:
        AtlasError: The file is not a Singer catalog.
    """
    try:
        streams = msgspec.json.decode(path.read_bytes(), type=_Streams).streams
        return tuple(map(_table, streams))
    except (OSError, msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
        raise AtlasError(
            f"catalog is {path}, which cannot be read as a Singer catalog"
            f" ({type(error).__name__}: {error}): make one with the tap's --discover."
        ) from error


def _table(stream: msgspec.Raw) -> tuple[LoadedTable, bool]:
    entry = msgspec.json.decode(stream)
    schema = entry.get("schema", {})
    mask = MetadataMapping.from_iterable(entry.get("metadata", ())).resolve_selection()
    chosen = mask[()]
    names = schema.get("properties", ())
    without = [name for name in names if chosen and not mask["properties", name]]
    name = entry.get("stream") or entry["tap_stream_id"]
    return table_of(name, schema, entry.get("key_properties") or (), without), chosen


def _kind(column: Mapping[str, Any]) -> str:
    types = column.get("type", ())
    kinds = {types} if isinstance(types, str) else set(types)
    kinds.discard("null")
    if len(kinds) != 1:
        return "json"
    (kind,) = kinds
    if kind == "string":
        return _FORMATS.get(column.get("format", ""), "string")
    if kind == "array":
        items = column.get("items")
        of_texts = isinstance(items, dict) and "string" in str(items.get("type"))
        return "strings" if of_texts else "array"
    return kind if kind in _SCALARS else "json"
