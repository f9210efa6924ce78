"""What a destination has to hold after the messages of some runs."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from support.batches import as_records

DELETED_AT = "_sdc_deleted_at"
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)?")

Record = dict[str, Any]
Rows = dict[tuple[str, ...], Record]


@dataclasses.dataclass(frozen=True)
class Messages:
    """The Singer messages of one run, by stream; rows in files are records like others."""

    path: Path

    @functools.cached_property
    def lines(self) -> list[bytes]:
        return [line for line in as_records(self.path.read_bytes()).split(b"\n") if line]

    @functools.cached_property
    def all(self) -> list[dict[str, Any]]:
        """The messages with exact numbers."""
        return [json.loads(line, parse_float=Decimal) for line in self.lines]

    def of_kind(self, kind: str, stream: str) -> list[dict[str, Any]]:
        return [m for m in self.all if m["type"] == kind and m["stream"] == stream]

    @functools.cached_property
    def schemas(self) -> dict[str, dict[str, Any]]:
        """The properties of each stream."""
        found = [message for message in self.all if message["type"] == "SCHEMA"]
        return {message["stream"]: message["schema"]["properties"] for message in found}

    @functools.cached_property
    def keys(self) -> dict[str, tuple[str, ...]]:
        found = [message for message in self.all if message["type"] == "SCHEMA"]
        return {message["stream"]: tuple(message["key_properties"]) for message in found}

    def rows(self, stream: str) -> Rows:
        """The stream's records by key, the last one of each."""
        records = [message["record"] for message in self.of_kind("RECORD", stream)]
        return {tuple(record[key] for key in self.keys[stream]): record for record in records}

    def only(self, streams: Sequence[str], path: Path) -> Messages:
        """The messages of these streams, and all STATE, in a file of their own."""
        wanted = {None, *streams}
        pairs = zip(self.lines, self.all, strict=True)
        kept = [line for line, message in pairs if message.get("stream") in wanted]
        path.write_bytes(b"\n".join(kept) + b"\n")
        return Messages(path)

    @property
    def last_state(self) -> dict[str, Any]:
        states: list[dict[str, Any]] = [m["value"] for m in self.all if m["type"] == "STATE"]
        return states[-1]


def merged(
    runs: Sequence[Messages], stream: str, *, removing: bool, burying: bool
) -> tuple[Rows, Rows]:
    """The rows after all runs, and the tombstones among them.

    Args:
        runs: What the tap said.
        stream: Of which stream.
        removing: Whether the loader removes what a later ACTIVATE_VERSION does not cover.
        burying: Whether it removes the row that a tombstone is for.
    """
    rows: Rows = {}
    for run in runs:
        if removing and run.of_kind("ACTIVATE_VERSION", stream):
            rows = {}
        rows |= run.rows(stream)
    tombs = {key: row for key, row in rows.items() if row.get(DELETED_AT) is not None}
    if burying:
        rows = {key: row for key, row in rows.items() if key not in tombs}
    return rows, tombs


def kind(spec: Mapping[str, Any]) -> str:
    """A property's type in one word: a JSON type, a string's format, or `array of ...`."""
    types = [spec["type"]] if isinstance(spec["type"], str) else spec["type"]
    (name,) = (each for each in types if each != "null")
    if name == "array":
        return f"array of {kind(spec['items'])}"
    return str(spec.get("format", name))


def comparable(value: Any, spec: Mapping[str, Any]) -> Any:
    """A value so that equal ones are equal, however a tap or a database spells them."""
    if value is None:
        return None
    match kind(spec):
        case "date-time":
            return instant(value)
        case "number" | "integer":
            return Decimal(str(value))
        case _:
            return value


def instant(text: str) -> datetime:
    """A date-time as it stands in JSON; without offset it is UTC."""
    # fromisoformat() knows no Z and, before Python 3.11, only fractions of 3 or 6 digits.
    base, dot, rest = text.replace("Z", "+00:00").partition(".")
    if dot:
        digits, sign, offset = rest.partition("+") if "+" in rest else rest.partition("-")
        base += f".{digits:0<6.6}{sign}{offset}"
    found = datetime.fromisoformat(base)
    return found.replace(tzinfo=found.tzinfo or timezone.utc).astimezone(timezone.utc)


def as_kept(value: Any) -> Any:
    """A value of the organisation or of a destination, in one spelling."""
    found = value
    match value:
        case bool() | None:
            pass
        case int() | float() | Decimal():
            found = float(value)
        case datetime():
            found = value.astimezone(timezone.utc)
        case str() if INSTANT.fullmatch(value):
            found = instant(value)
        case {"id": lookup}:  # A row elsewhere, whose id the tap emits.
            found = lookup
        case "" | []:  # Zoho and some loaders have null for either.
            found = None
    return found
