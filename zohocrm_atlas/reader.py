"""Reads the Singer messages: which line is wrong, which streams are complete, the last STATE."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from typing import IO, Any

import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerReader
from typing_extensions import override

from zohocrm_atlas.errors import InputError
from zohocrm_atlas.intake.collector import Collector

_SHOWN = 60


class AtlasReader(GenericSingerReader[bytes]):
    """Hands rows to a collector, and not to the SDK's sinks, which would write tables.

    STATE is held back until the atlas is written: what it vouches for must be there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.collector = Collector()
        self.state: Any = None
        self.extracted_at = ""
        self._line = 0

    @property
    @override
    def default_input(self) -> IO[bytes]:
        return sys.stdin.buffer

    @override
    def process_lines(
        self,
        file_input: IO[Any] | None,
        callbacks: dict[str, Callable[[dict[str, Any]], None]],
    ) -> Counter[str]:
        del callbacks  # The SDK's lead to sinks, which write tables.
        handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "RECORD": self._on_record,
            "SCHEMA": self._on_schema,
            "STATE": self._on_state,
            "ACTIVATE_VERSION": self._on_activate_version,
            "BATCH": self._on_batch,
        }
        try:
            # As bytes, whatever encoding the platform has for text.
            binary = getattr(file_input, "buffer", file_input)
            return super().process_lines(binary, handlers)
        except InputError:
            raise
        except Exception as error:
            raise InputError(
                f"Line {self._line} of the input is not a Singer message that fits what came"
                f" before it: {type(error).__name__}: {_shortened(str(error))}. The atlas is left"
                " as it was; look for what the tap printed, and run it again."
            ) from error

    @override
    def deserialize_json(self, line: bytes) -> dict[str, Any]:
        self._line += 1
        message = msgspec.json.decode(line)
        if not isinstance(message, dict):
            raise TypeError(f"{_shortened(repr(message))} is not an object")
        return message

    def _on_schema(self, message: dict[str, Any]) -> None:
        self.assert_line_requires(message, {"stream", "schema"})
        if not isinstance(message["schema"], dict):
            raise TypeError("its schema is not an object")
        keys = message.get("key_properties") or ()
        self.collector.begin(str(message["stream"]), message["schema"], keys)

    def _on_record(self, message: dict[str, Any]) -> None:
        self.assert_line_requires(message, {"stream", "record"})
        stream, record = message["stream"], message["record"]
        if not isinstance(record, dict):
            raise TypeError("its record is not an object")
        self.collector.add(stream, record)
        self.extracted_at = max(self.extracted_at, message.get("time_extracted") or "")

    def _on_state(self, message: dict[str, Any]) -> None:
        self.assert_line_requires(message, {"value"})
        self.state = message["value"]
        self.collector.note_state(self.state)

    def _on_activate_version(self, message: dict[str, Any]) -> None:
        self.assert_line_requires(message, {"stream"})
        self.collector.complete(str(message["stream"]))

    def _on_batch(self, message: dict[str, Any]) -> None:
        self.assert_line_requires(message, {"stream", "encoding", "manifest"})
        encoding = message["encoding"]
        kind = encoding.get("format", "") if isinstance(encoding, dict) else ""
        manifest = [str(address) for address in message["manifest"]]
        self.collector.add_files(str(message["stream"]), manifest, str(kind))


def _shortened(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."
