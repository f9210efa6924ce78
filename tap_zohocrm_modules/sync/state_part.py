"""One stream's part of STATE: read, checked and written here and nowhere else."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from datetime import datetime, timedelta, timezone
from typing import Any, Generic, TypeVar

import msgspec

from tap_zohocrm_modules.sync.state import (
    VERSION,
    AuditLogState,
    ChildState,
    DeletionsState,
    ModuleState,
    ReadPosition,
    Reload,
    StateError,
    StreamState,
    SweepPosition,
    Walk,
)
from tap_zohocrm_modules.zoho.records.model import RecordModule
from tap_zohocrm_modules.zoho.transport.instants import rfc3339

_SDK_KEYS = frozenset({"starting_replication_value", "replication_key_signpost"})
_FREE, _LONGEST_SHOWN = frozenset({"pending", "checkpoint"}), 60

_WITH_CUTOFF = (ReadPosition, Reload, SweepPosition, Walk)

TOLERANCE = timedelta(minutes=5)
"""A bookmark may be so much later than a cutoff: clocks are read to the second, and runs lag."""

S = TypeVar("S", bound=StreamState)
K = TypeVar("K", bound=msgspec.Struct)


@dataclasses.dataclass(eq=False)
class StatePart(Generic[S]):
    """One stream's part of STATE, which is changed in place."""

    state: MutableMapping[str, Any]
    stream: str
    kind: type[S]  # what the part holds
    environment: str | None = None  # the run's; None where nobody asks whose STATE it is

    @property
    def _bookmarks(self) -> dict[str, Any]:
        bookmarks: dict[str, Any] = self.state.setdefault("bookmarks", {})
        return bookmarks

    def glance(self, kind: type[K]) -> K | None:
        """Return some keys of the part; None where STATE has none, or not as this tap writes it."""
        try:
            return msgspec.convert(self.state.get("bookmarks", {}).get(self.stream), kind)
        except msgspec.ValidationError:
            return None

    def read(self) -> S:
        """Return the part, a new one where STATE has none.

        StateError: it is not this tap's, or of another environment.
        """
        found = self._bookmarks.get(self.stream) or {}
        if not isinstance(found, dict):
            raise self.wrong("", found, "is not an object")
        version = found.get("version", 0)
        if not isinstance(version, int) or isinstance(version, bool) or version < 0:
            raise self.wrong("version", version, "is not a version of this tap's STATE")
        if version > VERSION:
            raise StateError(
                f"STATE bookmarks.{self.stream}.version is {version}, and this release reads"
                f" versions up to {VERSION}: install the release that wrote it, or a later one."
            )
        part = found if version else _upgraded(found)
        if null := next(_nulls(part), None):
            raise self.wrong(null, None, "is nothing that this tap writes there")
        try:
            converted: S = _in_utc(msgspec.convert(part, self.kind))
        except msgspec.ValidationError as error:
            raise self._explained(str(error), found) from error
        except OverflowError as error:
            raise self.wrong("", found, f"has a date-time out of range ({error})") from error
        return self._checked(converted)

    def _checked(self, part: S) -> S:
        known = part.environment  # a copy for tests has the ids of the original
        if known and self.environment and known != self.environment:
            raise StateError(
                f"STATE bookmarks.{self.stream} is of the environment {known!r}, and this run reads"
                f" {self.environment!r}: its rows are another organisation's. Use the STATE of this"
                f" environment, or remove bookmarks.{self.stream} to load the stream anew into a"
                " table of its own."
            )
        return part

    def bookmark(
        self, part: StreamState, key: str | None, cutoff: Callable[[], datetime]
    ) -> datetime | None:
        """Return the bookmark of what the part holds; None without one, or to read everything.

        Args:
            part: What the part holds.
            key: The replication key of the run; None to read everything.
            cutoff: Returns the run's cutoff, which is asked for only where STATE has instants.

        Raises:
            StateError: the bookmark is of another replication key, or STATE has instants that are
                later than the cutoff.
        """
        for name in part.__struct_fields__:
            value = getattr(part, name)
            instant = value.cutoff if isinstance(value, _WITH_CUTOFF) else value
            if isinstance(instant, datetime) and instant > cutoff() + TOLERANCE:
                raise StateError(
                    f"STATE bookmarks.{self.stream}.{name} is {rfc3339(instant)}, which is later"
                    f" than this run's cutoff {rfc3339(cutoff())}: changes in between would never"
                    " be read. Check the clocks, and set it to an instant up to which the"
                    f" destination is complete, or remove bookmarks.{self.stream} to load the"
                    " stream anew."
                )
        bookmark = part.replication_key_value
        if key is None or bookmark is None:
            return None
        if part.replication_key not in {None, key}:
            raise StateError(
                f"STATE bookmarks.{self.stream}.replication_key is {_shown(part.replication_key)},"
                f" and the stream's replication key is {key!r}: this is another tap's STATE, or"
                f" another selection's. Choose the same key, or remove bookmarks.{self.stream} to"
                " load the stream anew."
            )
        return bookmark

    def write(self, part: S) -> None:
        """Replace the part at once, for a signal may write STATE at any time."""
        if self.environment:
            part = msgspec.structs.replace(part, environment=self.environment)
        self._bookmarks[self.stream] = msgspec.to_builtins(_in_utc(part))

    def size_of_ids(self, *, with_own: bool) -> int:
        """Return how many characters the ids of all streams take in STATE, or of all others."""
        parts = self.state.get("bookmarks", {}).items()
        found = (part.get("ids") for name, part in parts if with_own or name != self.stream)
        return sum(len(ids) for ids in found if isinstance(ids, str))

    def _explained(self, error: str, found: Mapping[str, Any]) -> StateError:
        what, _, where = error.partition(" - at `$")
        key = where.rstrip("`").replace("[...]", ".*").lstrip(".")
        problem = f"is wrong ({what})"
        if unknown := re.search(r"unknown field `(.*?)`", what):
            key = f"{key}.{unknown[1]}".lstrip(".")
            problem = "is not a key of this tap's STATE"
        value: Any = found
        for name in filter(None, key.split(".")):
            value = value.get(name) if isinstance(value, dict) else None
        return self.wrong(key, value, problem)

    def wrong(self, key: str, value: object, what: str) -> StateError:
        """Return the error that a value of the part is."""
        name = ".".join(filter(None, ("bookmarks", self.stream, key)))
        seen = "" if isinstance(value, (dict, list)) else f" {_shown(value)}"
        return StateError(
            f"STATE has{seen} in {name}, which {what}: correct it, or remove"
            f" bookmarks.{self.stream} to load the stream anew."
        )


def last_version(state: Mapping[str, Any], stream: str) -> int:
    """Return the version of a stream's table; 0 if STATE has none."""
    found = state.get("bookmarks", {}).get(stream)
    version = found.get("table_version") if isinstance(found, dict) else None
    return version if isinstance(version, int) else 0


def keep_version(state: MutableMapping[str, Any], stream: str, version: int) -> None:
    """Have a stream's part say which version its table has got."""
    bookmarks = state.setdefault("bookmarks", {})
    found = bookmarks.get(stream) or {}
    bookmarks[stream] = {**found, "version": VERSION, "table_version": version}


def _in_utc(part: Any) -> Any:
    """Return a struct or mapping whose instants are in UTC, to the second."""
    if isinstance(part, datetime):
        return part.astimezone(timezone.utc).replace(microsecond=0)
    if isinstance(part, dict):
        return {key: _in_utc(value) for key, value in part.items()}
    if isinstance(part, msgspec.Struct):
        fields = {name: _in_utc(getattr(part, name)) for name in part.__struct_fields__}
        return type(part)(**fields)
    return part


def _nulls(part: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys whose value is null, which would pass for a key that is not there."""
    for key, value in part.items():
        if value is None:
            yield key
        elif isinstance(value, dict) and key not in _FREE:
            yield from (f"{key}.{inner}" for inner in _nulls(value))


def _shown(value: object) -> str:
    """Return a value as errors show it."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def check_unread(state: MutableMapping[str, Any], read: Collection[str]) -> None:
    """Make sure that this tap wrote the parts of the streams that a run does not read.

    They are carried on. What another tap wrote shows that the STATE is another's: its streams would
    be unknown here, and this tap's streams begin anew. StateError: it did not.
    """
    bookmarks: Mapping[str, Any] = state.get("bookmarks", {})
    for stream in sorted(bookmarks.keys() - read):
        found = bookmarks[stream]
        part = StatePart(state, stream, _kind_of(found))
        key = part.read().replication_key
        # Release 0.1.0 wrote no version; every key by which Zoho's rows are bookmarked is a time.
        if found and "version" not in found and key and not key.lower().endswith("_time"):
            raise part.wrong("replication_key", key, "is not a key of this tap's streams")


def _kind_of(found: object) -> type[StreamState]:
    if not isinstance(found, dict):
        return ModuleState
    if "pending" in found or isinstance(found.get("recent"), dict):
        return DeletionsState
    if "work" in found or "read_until" in found:
        return AuditLogState
    return ChildState if "child_list" in found else ModuleState


def check_identity(known: str | None, stream: str, module: RecordModule) -> None:
    """Raise a StateError if the id that STATE has is another module's, or organisation's."""
    now = module.module_id
    if known and now and known != now:
        raise StateError(
            f"STATE bookmarks.{stream}.module_id is {known!r}, and the module"
            f" {module.api_name} has the id {now!r}: this is the STATE of another"
            " organisation, or the module was deleted and made anew. Use the right STATE, or"
            f" remove bookmarks.{stream} to load the stream anew."
        )


def _upgraded(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part that release 0.1.0 wrote, which had no version, as one of this version."""
    found = {key: value for key, value in part.items() if key not in _SDK_KEYS}
    if isinstance(found.get("progress_markers"), dict):
        del found["progress_markers"]
    if "untold" in found:
        found["pending"] = found.pop("untold")
    position = found.get("position")
    if isinstance(position, dict):
        checkpoint = dict(position)
        renamed = {"cut": "cutoff", "of": "selection", "since": "since"}
        kept = {new: checkpoint.pop(old) for old, new in renamed.items() if old in checkpoint}
        found["position"] = {**kept, "checkpoint": checkpoint}
    return {**found, "version": VERSION}
