"""Singer messages on standard output."""

from __future__ import annotations

import sys

from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.singerlib.messages import Message
from typing_extensions import override

from tap_zohocrm_modules.zoho.transport.json_text import json_bytes


class OutputError(Exception):
    """Standard output takes no more: nothing that is read can reach a destination."""


class MessageWriter(MsgSpecWriter):
    """Writes Singer messages to standard output, one line each."""

    @override
    def write_message(self, message: Message) -> None:
        line = json_bytes(message.to_dict()) + b"\n"
        try:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        except (OSError, ValueError, AttributeError) as error:
            raise output_error(error) from error


def output_error(error: Exception) -> OutputError:
    """Return what an error of writing means; Python has no standard output if it was closed."""
    if isinstance(error, BrokenPipeError):
        return OutputError(
            "The target closed the pipe before the tap was done: see the target's log."
        )
    reason = error.strerror if isinstance(error, OSError) else "it is closed"
    return OutputError(
        f"The output cannot be written ({reason}): make room for it, or send it elsewhere, and run"
        " again from the last STATE."
    )
