"""The SDK's stream maps: tombstones pass filters and `__else__` as they are, errors name the map.

https://sdk.meltano.com/en/latest/stream_maps.html
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from singer_sdk.mapper import CustomStreamMap, StreamMap

from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.zoho.records.model import DELETED_AT
from tap_zohocrm_modules.zoho.transport.texts import one_line

_MAPPER = "singer_sdk.mapper"


def keep_tombstones(
    maps: Iterable[StreamMap],
    stream: str,
    columns: Mapping[str, Any],
    keys: Sequence[str],
    definitions: Mapping[str, Any],
) -> None:
    """Let the SCHEMA of each map have the column that makes a row a tombstone.

    Args:
        maps: The maps of the stream.
        stream: Its name.
        columns: The JSON Schema of its columns.
        keys: Its keys.
        definitions: The setting `stream_maps`.

    Raises:
        SettingsError: a map makes other keys than those that a tombstone has.
    """
    for each in maps:
        if DELETED_AT in columns and isinstance(each, CustomStreamMap):
            _check_keys(stream, keys, definitions)
            each.transformed_schema["properties"][DELETED_AT] = columns[DELETED_AT]


def mapped(stream_map: StreamMap, record: dict[str, Any]) -> dict[str, Any] | None:
    """Return a record as a stream map makes it; None: it is filtered out."""
    if record.get(DELETED_AT) is None or not isinstance(stream_map, CustomStreamMap):
        return stream_map.transform(record)
    return {name: record[name] for name in (*(stream_map.raw_key_properties or ()), DELETED_AT)}


def _check_keys(stream: str, keys: Sequence[str], definitions: Mapping[str, Any]) -> None:
    for name, definition in definitions.items():
        if isinstance(definition, Mapping) and definition.get("__source__", name) == stream:
            for key in sorted({*keys, "__key_properties__"} & definition.keys()):
                if definition[key] not in {key, f"record['{key}']"}:
                    text = (
                        f"stream_maps: {name} changes {key}, by which a destination finds the rows"
                        " of deleted records: leave it, or set emit_tombstones to false"
                    )
                    raise SettingsError([text])


def mapped_stream(error: BaseException) -> str | None:
    """Return the stream whose map in `stream_maps` an error comes from; None for other errors."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    own = [frame.f_locals for frame in frames if frame.f_globals.get("__name__") == _MAPPER]
    names = [
        str(held.get("stream_name") or getattr(held.get("self"), "stream_name", "")) for held in own
    ]
    return next(filter(None, names), "*") if own else None


def map_problem(stream: str, error: Exception) -> str:
    """Return what is wrong with the map of a stream."""
    reason = error.__cause__ or error
    return (
        f"stream_maps, at the stream {stream}: {one_line(str(error)).rstrip('.')}"
        f" ({type(reason).__name__}: {one_line(str(reason))}). Correct the map of this stream."
    )
