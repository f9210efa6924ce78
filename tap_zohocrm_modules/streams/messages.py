"""Singer messages on standard output."""

from __future__ import annotations

import sys

from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.singerlib.messages import Message
from typing_extensions import override

from tap_zohocrm_modules.zoho.transport.json_text import json_bytes


class MessageWriter(MsgSpecWriter):
    """Writes Singer messages to standard output, one line each."""

    @override
    def write_message(self, message: Message) -> None:
        sys.stdout.buffer.write(json_bytes(message.to_dict()) + b"\n")
        sys.stdout.buffer.flush()
