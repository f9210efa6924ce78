"""Whether STATE is this tap's, and fits to a run: what is checked before anything is read by it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any

from tap_zohocrm_modules.sync.state import (
    AuditLogState,
    ChildState,
    DeletionsState,
    ModuleState,
    ReadPosition,
    Reload,
    StateError,
    StatePart,
    StreamState,
    SweepPosition,
    Walk,
    shown,
)
from tap_zohocrm_modules.zoho.records.model import RecordModule
from tap_zohocrm_modules.zoho.transport.instants import rfc3339

TOLERANCE = timedelta(minutes=5)
"""A bookmark may be so much later than a cutoff: clocks are read to the second, and runs lag."""


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


def check_bookmark(
    part: StreamState, stream: str, key: str | None, cutoff: Callable[[], datetime]
) -> datetime | None:
    """Return the bookmark of a stream's part of STATE; None without one, or to read everything.

    Args:
        part: The stream's part of STATE.
        stream: The stream's name.
        key: The replication key of the run; None to read everything.
        cutoff: Returns the run's cutoff, which is asked for only where STATE has instants.

    Raises:
        StateError: the bookmark is of another replication key, or STATE has instants that are later
            than the cutoff.
    """
    for name in part.__struct_fields__:
        value = getattr(part, name)
        instant = (
            value.cutoff
            if isinstance(value, (ReadPosition, Reload, SweepPosition, Walk))
            else value
        )
        if isinstance(instant, datetime) and instant > cutoff() + TOLERANCE:
            raise StateError(
                f"STATE bookmarks.{stream}.{name} is {rfc3339(instant)}, which is later than this"
                f" run's cutoff {rfc3339(cutoff())}: changes in between would never be read. Check"
                " the clocks, and set it to an instant up to which the destination is complete,"
                f" or remove bookmarks.{stream} to load the stream anew."
            )
    bookmark = part.replication_key_value
    if key is None or bookmark is None:
        return None
    if part.replication_key not in {None, key}:
        raise StateError(
            f"STATE bookmarks.{stream}.replication_key is {shown(part.replication_key)}, and the"
            f" stream's replication key is {key!r}: this is another tap's STATE, or another"
            f" selection's. Choose the same key, or remove bookmarks.{stream} to load the stream"
            " anew."
        )
    return bookmark


def check_identity(part: ModuleState, stream: str, module: RecordModule) -> None:
    """Raise a StateError if a part is of another module or organisation."""
    known, now = part.module_id, module.module_id
    if known and now and known != now:
        raise StateError(
            f"STATE bookmarks.{stream}.module_id is {known!r}, and the module"
            f" {module.api_name} has the id {now!r}: this is the STATE of another"
            " organisation, or the module was deleted and made anew. Use the right STATE, or"
            f" remove bookmarks.{stream} to load the stream anew."
        )
