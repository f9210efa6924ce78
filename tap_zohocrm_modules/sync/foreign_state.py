"""Tells another tap's STATE by the parts of streams that a run does not read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping
from typing import Any

from tap_zohocrm_modules.sync.state import DeletionsState, ModuleState, StatePart


def check_unread(state: MutableMapping[str, Any], read: Collection[str]) -> None:
    """Make sure that this tap wrote the parts of the streams that a run does not read.

    They are carried on. What another tap wrote shows that the STATE is another's: its streams would
    be unknown here, and this tap's streams begin anew.

    Raises:
        StateError: it did not.
    """
    bookmarks: Mapping[str, Any] = state.get("bookmarks", {})
    for stream in sorted(bookmarks.keys() - read):
        found = bookmarks[stream]
        is_deletions = isinstance(found, dict) and "pending" in found
        part = StatePart(state, stream, DeletionsState if is_deletions else ModuleState)
        key = part.read().replication_key
        # Release 0.1.0 wrote no version; every key by which Zoho's rows are bookmarked is a time.
        if found and "version" not in found and key and not key.lower().endswith("_time"):
            raise part.wrong("replication_key", key, "is no key of this tap's streams")
