"""What connectors write, whatever they speak: Singer, Airbyte's protocol, or lines of JSON.

https://hub.meltano.com/singer/spec, https://docs.airbyte.com/platform/understanding-airbyte/airbyte-protocol
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias


class UnreadableOutputError(Exception):
    """The connector wrote what can't be kept; the text says what."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record."""

    stream: str
    values: Mapping[str, Any]
    version: int | None = None  # of the table


@dataclass(frozen=True, slots=True)
class Described:
    """What a stream says of its records."""

    stream: str
    keys: tuple[str, ...]
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """From where the next run goes on; the latest one of each part counts."""

    part: str
    value: Any


@dataclass(frozen=True, slots=True)
class Version:
    """All rows of other versions are gone."""

    stream: str
    version: int


@dataclass(frozen=True, slots=True)
class Failure:
    """The connector says that it has failed."""

    text: str


Message: TypeAlias = "Row | Described | State | Version | Failure"


@dataclass(slots=True)
class Reader:
    """Reads a connector's lines by their shape; `only` is the stream of lines that name none."""

    only: str = ""
    foreign: list[str] = field(default_factory=list)  # lines that are not messages, the first few

    def read(self, lines: Iterable[bytes]) -> Iterator[Message]:
        """Yield the messages; UnreadableOutputError: rows come in a way that can't be kept."""
        for line in lines:
            if not line.strip():
                continue
            try:
                content = json.loads(line, parse_float=Decimal)
            except ValueError:
                content = None
            found = None if not isinstance(content, dict) else self._message(content)
            if found is not None:
                yield from found
            elif len(self.foreign) < 3:  # noqa: PLR2004 (enough to see what it is)
                self.foreign.append(line[:200].decode("utf-8", "replace").strip())

    def _message(self, content: dict[str, Any]) -> list[Message] | None:
        kind = content.get("type")
        if kind == "BATCH":
            raise UnreadableOutputError("BATCH messages aren't read: let it write records")
        if kind == "RECORD" and isinstance(content.get("record"), dict):
            return [_record(content)]
        by_kind = _SINGER.get(str(kind)) or _AIRBYTE.get(str(kind))
        if by_kind is not None:
            try:
                return by_kind(content)
            except (LookupError, TypeError) as error:
                raise UnreadableOutputError(f"a {kind} message lacks {error}") from error
        if kind is None and "state" in content:
            return [State("", content["state"])]
        return self._line(content) if kind is None else None

    def _line(self, content: dict[str, Any]) -> list[Message] | None:
        stream = next((content[key] for key in _STREAM_KEYS if key in content), None)
        values = next((content[key] for key in _ROW_KEYS if key in content), None)
        if isinstance(stream, str) and isinstance(values, dict):
            return [Row(stream, values)]
        return [Row(self.only, content)] if self.only and "id" in content else None


_STREAM_KEYS = ("stream", "module", "table")
_ROW_KEYS = ("record", "data", "row")


def _record(content: Mapping[str, Any]) -> Row:
    record = content["record"]
    if "stream" not in content and isinstance(record.get("data"), dict):
        return Row(record["stream"], record["data"])
    return Row(content["stream"], record, content.get("version"))


def _state(content: Mapping[str, Any]) -> list[Message]:
    # Singer's has a value. Airbyte's is of a stream, or the oldest kind: of everything.
    if "value" in content:
        return [State("", content["value"])]
    state = content["state"]
    if state.get("type") == "STREAM":
        return [State(json.dumps(state["stream"]["stream_descriptor"], sort_keys=True), state)]
    return [State("", state if state.get("type") else state["data"])]


_SINGER: Mapping[str, Callable[[Mapping[str, Any]], list[Message]]] = {
    "SCHEMA": lambda content: [
        Described(content["stream"], tuple(content.get("key_properties") or ()), content["schema"])
    ],
    "STATE": _state,
    "ACTIVATE_VERSION": lambda content: [Version(content["stream"], content["version"])],
}


def _trace(content: Mapping[str, Any]) -> list[Message]:
    trace = content["trace"]
    return [Failure(str(trace["error"].get("message")))] if trace["type"] == "ERROR" else []


_AIRBYTE: Mapping[str, Callable[[Mapping[str, Any]], list[Message]]] = {
    "TRACE": _trace,
    "LOG": lambda _: [],
    "CONTROL": lambda _: [],
    "SPEC": lambda _: [],
}
