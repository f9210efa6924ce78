"""Singer messages on standard output."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from typing import Any

from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.singerlib.messages import Message, SingerMessageType
from typing_extensions import override

from tap_zohocrm_modules.zoho.transport.json_text import json_bytes


class OutputError(Exception):
    """Standard output takes no more: nothing that is read can reach a destination."""


@dataclasses.dataclass(slots=True)
class BatchMessage(Message):
    """Says which files hold the next rows of a stream."""

    stream: str
    format: str  # `arrow` or `parquet`
    manifest: Sequence[str]  # URLs of the files, in the order of their rows
    version: int | None = None  # of the stream's table that the rows belong to, if it has versions

    def __post_init__(self) -> None:
        """Say what it is."""
        self.type = SingerMessageType.BATCH

    @override
    def to_dict(self) -> dict[str, Any]:
        version = {} if self.version is None else {"version": self.version}
        return {
            "type": "BATCH",
            "stream": self.stream,
            "encoding": {"format": self.format},
            "manifest": list(self.manifest),
            **version,
        }


class MessageWriter(MsgSpecWriter):
    """Writes Singer messages to standard output, one line each."""

    @override
    def write_message(self, message: Message) -> None:
        self.write_lines(json_bytes(message.to_dict()) + b"\n")

    def write_lines(self, lines: bytes) -> None:
        """Write whole messages; OutputError: they cannot be written."""
        try:
            sys.stdout.buffer.write(lines)
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
