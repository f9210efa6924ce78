"""How connectors are asked what they have, and told what to read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from typing_extensions import override

from zohocrm_conformance.messages import Described, Message, Row, UnreadableOutputError

_VARIANT, _IDENTITY = "__v_", "__id"
Wanted = Callable[[str], bool]  # whether a stream is one that the case reads


class Language(Protocol):
    """What one family of connectors has in common."""

    def discovery(self, command: tuple[str, ...]) -> tuple[str, ...] | None:
        """The command that tells which streams there are; None if there is no such thing."""

    def choice(self, discovered: str, is_wanted: Wanted) -> Any:
        """The catalog that chooses these streams; UnreadableOutputError: there is none in it."""

    def described(self, discovered: str) -> Mapping[str, Described]:
        """What the discovered streams say of themselves, by name."""

    def state(self, parts: Mapping[str, Any]) -> Any:
        """The content of the file of state."""

    def files(self, folder: Path) -> Iterator[Message] | None:
        """The messages in the files that it wrote; None if it writes to standard output."""


class Lines:
    """A command that writes lines of JSON, a record each."""

    def discovery(self, command: tuple[str, ...]) -> tuple[str, ...] | None:
        """There is none."""
        del command
        return None

    def choice(self, discovered: str, is_wanted: Wanted) -> Any:
        """There is none."""
        del discovered, is_wanted
        return {}

    def described(self, discovered: str) -> Mapping[str, Described]:
        """Nothing."""
        del discovered
        return {}

    def state(self, parts: Mapping[str, Any]) -> Any:
        """What the last line `{"state": …}` had."""
        return parts.get("", {})

    def files(self, folder: Path) -> Iterator[Message] | None:
        """None."""
        del folder
        return None


class Singer(Lines):
    """A Singer tap."""

    @override
    def discovery(self, command: tuple[str, ...]) -> tuple[str, ...] | None:
        return (*without(command, "{catalog}", "{state}"), "--discover")

    @override
    def choice(self, discovered: str, is_wanted: Wanted) -> Any:
        catalog = _parsed(discovered)
        for stream in catalog["streams"]:
            is_chosen = is_wanted(stream["stream"])
            stream["selected"] = stream["schema"]["selected"] = is_chosen
            for entry in stream.get("metadata", []):
                if not entry["breadcrumb"]:
                    entry["metadata"]["selected"] = is_chosen
                elif is_chosen and entry["metadata"].get("inclusion") != "unsupported":
                    entry["metadata"]["selected"] = True
        return catalog

    @override
    def described(self, discovered: str) -> Mapping[str, Described]:
        return {
            one["stream"]: Described(one["stream"], tuple(_singer_keys(one)), one["schema"])
            for one in _parsed(discovered)["streams"]
        }


class Airbyte(Lines):
    """An Airbyte source."""

    @override
    def discovery(self, command: tuple[str, ...]) -> tuple[str, ...] | None:
        words = without(command, "{catalog}", "{state}")
        return tuple("discover" if word == "read" else word for word in words)

    @override
    def choice(self, discovered: str, is_wanted: Wanted) -> Any:
        streams = [one for one in _airbyte(discovered) if is_wanted(one["name"])]
        return {"streams": [_configured(one) for one in streams]}

    @override
    def described(self, discovered: str) -> Mapping[str, Described]:
        return {
            one["name"]: Described(one["name"], _airbyte_keys(one), one["json_schema"])
            for one in _airbyte(discovered)
        }

    @override
    def state(self, parts: Mapping[str, Any]) -> Any:
        if set(parts) == {""}:
            whole = parts[""]
            return [whole] if whole.get("type") else whole
        return list(parts.values())


class Dlt(Lines):
    """A dlt pipeline whose destination is the file system, with files of JSON lines."""

    @override
    def files(self, folder: Path) -> Iterator[Message] | None:
        return _loaded(folder)


LANGUAGES: Mapping[str, Language] = {
    "singer": Singer(),
    "airbyte": Airbyte(),
    "dlt": Dlt(),
    "lines": Lines(),
}


def language_of(command: tuple[str, ...]) -> str:
    """What a command speaks, going by the words that it wants to have filled in."""
    text = " ".join(command)
    if "{output}" in text:
        return "dlt"
    if "{catalog}" not in text:
        return "lines"
    return "airbyte" if "read" in command else "singer"


def without(command: tuple[str, ...], *places: str) -> tuple[str, ...]:
    """The command without the words that are these places, nor the options before them."""
    kept: list[str] = []
    for word in command:
        if word in places and kept and kept[-1].startswith("-"):
            kept.pop()
        elif not any(word.endswith(f"={place}") or word == place for place in places):
            kept.append(word)
    return tuple(kept)


def _parsed(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
        if isinstance(content["streams"], list):
            return dict(content)
    except (ValueError, LookupError, TypeError):
        pass
    raise UnreadableOutputError("it wrote no catalog when it was asked for one")


def _singer_keys(stream: Mapping[str, Any]) -> list[str]:
    entries = [one["metadata"] for one in stream.get("metadata", []) if not one["breadcrumb"]]
    root: Mapping[str, Any] = entries[0] if entries else {}
    return list(stream.get("key_properties") or root.get("table-key-properties") or ())


def _airbyte(text: str) -> list[dict[str, Any]]:
    for line in text.splitlines():
        try:
            content = json.loads(line)
        except ValueError:
            continue
        if isinstance(content, dict) and content.get("type") == "CATALOG":
            return list(content["catalog"]["streams"])
    raise UnreadableOutputError("it wrote no catalog when it was asked for one")


def _airbyte_keys(stream: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(path[0] for path in stream.get("source_defined_primary_key") or ())


def _configured(stream: dict[str, Any]) -> dict[str, Any]:
    increments = "incremental" in stream["supported_sync_modes"]
    return {
        "stream": stream,
        "sync_mode": "incremental" if increments else "full_refresh",
        "destination_sync_mode": "append_dedup" if increments else "overwrite",
        "cursor_field": stream.get("default_cursor_field") or [],
        "primary_key": stream.get("source_defined_primary_key") or [["id"]],
    }


def _loaded(folder: Path) -> Iterator[Message]:
    files = [path for end in ("jsonl", "jsonl.gz") for path in folder.rglob(f"*.{end}")]
    # A file is called after the load that it is of, which is a time.
    for path in sorted(files, key=lambda file: file.name):
        table = path.parent.name
        if table.startswith("_dlt"):
            continue
        content = path.read_bytes()
        is_packed = content[:2] == b"\x1f\x8b"
        for line in (gzip.decompress(content) if is_packed else content).splitlines():
            yield Row(table, _joined(json.loads(line)))


def _joined(row: dict[str, Any]) -> dict[str, Any]:
    # A value of another type than the column's is in a column beside it, as is the id of an object.
    joined = {name: value for name, value in row.items() if _VARIANT not in name}
    for name, value in row.items():
        column = name.partition(_VARIANT)[0].removesuffix(_IDENTITY)
        if joined.get(column) is None:
            joined[column] = value
    return joined
