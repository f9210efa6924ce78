"""JSON as the tap writes it: compact, exact, and any text that JSON can hold."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
from singer_sdk.contrib.msgspec import MsgSpecWriter, enc_hook
from singer_sdk.singerlib.json import serialize_json
from singer_sdk.singerlib.messages import Message
from typing_extensions import override

_encoder = msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number")


def json_bytes(value: Any) -> bytes:
    """Return the value as UTF-8 JSON; numbers keep their digits."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        # Half a surrogate pair is no UTF-8, but JSON can spell it.
        return serialize_json(value).encode("ascii")


def json_text(value: Any) -> str:
    """Return the value as JSON text, for columns that hold what has no fixed shape."""
    return json_bytes(value).decode("utf-8")


class MessageWriter(MsgSpecWriter):
    """Writes Singer messages to standard output, one line each."""

    @override
    def write_message(self, message: Message) -> None:
        sys.stdout.buffer.write(json_bytes(message.to_dict()) + b"\n")
        sys.stdout.buffer.flush()
