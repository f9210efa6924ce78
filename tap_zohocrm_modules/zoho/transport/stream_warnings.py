"""Whom a line of the log is about, so that whoever collects lines need not parse them."""

from __future__ import annotations

import logging
from collections.abc import Mapping

_STREAM = "zohocrm_stream"


def about(stream: str | None) -> Mapping[str, str]:
    """Return what `extra` of a logging call says for a line that is about a stream."""
    return {} if stream is None else {_STREAM: stream}


def stream_of(record: logging.LogRecord) -> str | None:
    """Return which stream a line of the log is about, None for no one stream."""
    stream: str | None = getattr(record, _STREAM, None)
    return stream
