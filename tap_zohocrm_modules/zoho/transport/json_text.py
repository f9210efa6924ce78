"""JSON as Zoho sends it, within bounds, and as the tap writes it: exact both ways."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from tap_zohocrm_modules.zoho.transport.connection import Bounds

_BOUNDS = Bounds()
_encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"0" * 9)
_EXPONENT = re.compile(r"[eE][+-]?0*(\d+)$")
_HALVES = re.compile(r"[\ud800-\udfff]")
_MAY_BE_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class ExcessiveError(Exception):
    """A value is complete but beyond all bounds; the text says which."""


def decode_json(
    body: bytes | bytearray, bounds: Bounds = _BOUNDS, mended: Callable[[], object] = lambda: None
) -> Any:
    """Return the JSON value of a body; numbers with a fraction are exact `Decimal`s.

    Half characters (lone surrogates), which no UTF-8 can hold, become U+FFFD; `mended` is called if
    there are any.

    Raises:
        ValueError: not JSON, or cut short.
        ExcessiveError: too many values, too many digits, or nested too deep.
    """
    containers = body.count(b"[") + body.count(b"{")
    if containers > bounds.containers:
        raise ExcessiveError(f"more than {bounds.containers:,} lists and objects")
    if containers + body.count(b",") > bounds.values:
        raise ExcessiveError(f"more than {bounds.values:,} values")
    try:
        value = _decode(body, bounds, mended)
    except RecursionError as error:
        raise ExcessiveError(f"more than {bounds.depth} levels of nesting") from error
    if not _may_be_flat(body, bounds.depth) and _is_deeper(value, bounds.depth):
        raise ExcessiveError(f"more than {bounds.depth} levels of nesting")
    return value


def _decode(body: bytes | bytearray, bounds: Bounds, mended: Callable[[], object]) -> Any:
    most = str(bounds.digits)

    def number(text: str) -> Decimal:
        exponent = _EXPONENT.search(text)
        if exponent and (len(exponent[1]) > len(most) or int(exponent[1]) > bounds.digits):
            raise ExcessiveError(f"a number with an exponent beyond {bounds.digits:,}")
        if len(text) > bounds.digits:
            raise ExcessiveError(f"a number of more than {bounds.digits:,} digits")
        return Decimal(text)

    def whole(text: str) -> int:
        if len(text) > bounds.digits:
            raise ExcessiveError(f"a number of more than {bounds.digits:,} digits")
        return int(text)

    # A long row of digits is mostly a text: the slower reader sees each number.
    long = b"0" * (bounds.digits + 1)
    if len(body) < len(long) or long not in body.translate(_DIGITS_ALIKE):
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
            return msgspec.json.Decoder(float_hook=number).decode(body)
    if len(body) > bounds.body // 2:
        raise ValueError("not JSON")
    # msgspec refuses lone surrogates, which JSON can spell; the slower reader decides.
    text = body.decode("utf-8-sig")
    value = json.loads(text, parse_float=number, parse_int=whole, parse_constant=_refuse_constant)
    if not _MAY_BE_HALF.search(text):
        return value
    whole_value = without_halves(value)
    if whole_value != value:
        mended()
    return whole_value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _may_be_flat(body: bytes | bytearray, most: int) -> bool:
    """Return False unless the brackets alone show that nothing is nested deeper than `most`."""
    brackets = bytes(body).translate(None, _NOT_BRACKETS)
    for _ in range(most):
        if not brackets:
            return True
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return not brackets


def _is_deeper(value: Any, most: int) -> bool:
    """Whether a value is nested deeper than `most`, whatever brackets its texts hold."""
    level = [value]
    for _ in range(most):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def json_bytes(value: Any) -> bytes:
    """Return the value as UTF-8 JSON; numbers keep their digits, half characters become U+FFFD."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(without_halves(value))


def json_lines(values: Sequence[Any]) -> bytes:
    """Return each value as a line of UTF-8 JSON."""
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
