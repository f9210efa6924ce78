"""What goes wrong in `stream_maps`, by the setting's name and the stream's."""

from __future__ import annotations

import traceback

from tap_zohocrm_modules.zoho.transport.texts import one_line

_MAPPER = "singer_sdk.mapper"


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
