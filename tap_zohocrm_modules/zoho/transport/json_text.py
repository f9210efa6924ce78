"""JSON as the tap writes it: compact, exact, and any text that JSON can hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")


def json_bytes(value: Any) -> bytes:
    """Return the value as UTF-8 JSON; numbers keep their digits."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        # Half a surrogate pair is no UTF-8, but JSON can spell it.
        return _spelt(value).encode("ascii")


def json_lines(values: Sequence[Any]) -> bytes:
    """Return each value as a line of UTF-8 JSON.

    Raises:
        UnicodeEncodeError: one of them has a text that is no UTF-8.
    """
    return _encoder.encode_lines(values)


def json_text(value: Any) -> str:
    """Return the value as JSON text, for columns that hold what has no fixed shape."""
    return json_bytes(value).decode("utf-8")


def _spelt(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{','.join(f'{_spelt(key)}:{_spelt(one)}' for key, one in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(_spelt, value))}]"
    return json.dumps(value) if isinstance(value, str) else _encoder.encode(value).decode("ascii")
