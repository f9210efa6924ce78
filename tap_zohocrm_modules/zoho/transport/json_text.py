"""JSON as the tap writes it: compact, exact, and strict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

_HALVES = re.compile(r"[\ud800-\udfff]")
_encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")


def json_bytes(value: Any) -> bytes:
    """Return the value as UTF-8 JSON; numbers keep their digits, half characters become U+FFFD."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(without_halves(value))


def json_lines(values: Sequence[Any]) -> bytes:
    """Return each value as a line of UTF-8 JSON.

    Raises:
        UnicodeEncodeError: one of them has a text that is no UTF-8.
    """
    return _encoder.encode_lines(values)


def json_text(value: Any) -> str:
    """Return the value as JSON text, for columns that hold what has no fixed shape."""
    return json_bytes(value).decode("utf-8")


def without_halves(value: Any) -> Any:
    """Return a JSON value with each half character (lone surrogate) of its texts as U+FFFD."""
    if isinstance(value, str):
        return _HALVES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {without_halves(key): without_halves(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_halves(one) for one in value]
    return value
