"""Where the reading of a module begins, by its part of STATE."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tap_zohocrm_modules.sync.state import ModuleState, ReadPosition
from tap_zohocrm_modules.zoho.records.model import RecordField
from tap_zohocrm_modules.zoho.transport.instants import rfc3339


@dataclasses.dataclass(frozen=True, slots=True)
class ReadRequest:
    """What a run wants of a module.

    Attributes:
        key: The replication key; None to read everything.
        begin: The instant before which no changes are wanted.
        cutoff: The run's cutoff.
        selection: A digest of what is to be read.
    """

    key: str | None
    begin: datetime | None
    cutoff: datetime
    selection: str


@dataclasses.dataclass(frozen=True, slots=True)
class ReadStart:
    """Where a read begins.

    Attributes:
        key: The replication key; None to read everything.
        is_first: Nothing has been read to its end before.
        since: The instant from which changes are wanted, None for all records.
        cutoff: The run's cutoff, or a bookmark that is a little later.
        until: The cutoff of the read: the run's, or that of the run which began it.
        checkpoint: Where an earlier run's read goes on, None to begin.
        selection: A digest of what is read.
        deleted_until: From when on deletions concern what other runs have emitted; None if nothing.
        recycled: When records got into the recycle bin, by id.
        is_bin_known: Whether an earlier run has looked at all that is in the recycle bin.
        has_bookmark: Whether an earlier run has read changes, from where increments may go on.
        emitted: How many records the read has emitted in earlier runs.
        ends_first: It goes on, by the bookmark, with a first read that an earlier run began.
    """

    key: str | None
    is_first: bool
    since: datetime | None
    cutoff: datetime
    until: datetime
    checkpoint: Mapping[str, Any] | None
    selection: str
    deleted_until: datetime | None = None
    recycled: Mapping[str, datetime] = dataclasses.field(default_factory=dict)
    is_bin_known: bool = False
    has_bookmark: bool = False
    emitted: int = 0
    ends_first: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every record has been emitted when the read has come to its end."""
        return self.is_first or self.ends_first

    @classmethod
    def from_state(
        cls, part: ModuleState, bookmark: datetime | None, request: ReadRequest
    ) -> ReadStart:
        """Return where a module's read begins.

        Args:
            part: The module's part of STATE.
            bookmark: Its bookmark; None to read everything.
            request: What is wanted.
        """
        position = part.position
        if (
            position is not None
            and position.selection != request.selection
            and position.since is None
        ):
            # It is how far a first read of something else had come.
            bookmark = None
        since = max(filter(None, (bookmark, request.begin)), default=None)
        resumes = (
            position is not None
            and position.selection == request.selection
            and position.since == bookmark
        )
        until = position.cutoff if position is not None and resumes else request.cutoff
        ends_first = bookmark is not None and _is_by_bookmark(position)
        is_first = bookmark is None
        # Deletions are those that no run has emitted, whatever the read is for.
        deleted_until = part.deleted_until or part.replication_key_value
        return cls(
            key=request.key,
            is_first=is_first,
            since=since,
            cutoff=max(request.cutoff, until, bookmark or until),
            until=until,
            checkpoint=position.checkpoint if position is not None and resumes else None,
            selection=request.selection,
            deleted_until=deleted_until or (until if resumes else None),
            recycled=part.recycled or {},
            # A run that did not come to its end may not have looked.
            is_bin_known=not is_first and (part.deleted_until is None or part.recycled is not None),
            has_bookmark=part.replication_key_value is not None,
            emitted=position.emitted if position is not None and (resumes or ends_first) else 0,
            ends_first=ends_first,
        )


def _is_by_bookmark(position: ReadPosition | None) -> bool:
    """Whether a first read is unfinished of which the bookmark says how far it has come."""
    return (
        position is not None
        and position.since is None
        and not position.checkpoint
        # Release 0.1.0 did not count.
        and position.emitted > 0
    )


def digest(fields: Sequence[RecordField], start: datetime | None) -> str:
    """Return a short name for what is read of a module."""
    names = ",".join(sorted(field.api_name for field in fields))
    begin = "" if start is None else rfc3339(start)
    return hashlib.sha256(f"{names};{begin}".encode()).hexdigest()[:12]


def position_of(
    start: ReadStart, bookmark: datetime | None, checkpoint: Mapping[str, Any], emitted: int = 0
) -> ReadPosition:
    """Return what STATE keeps of an unfinished read.

    Args:
        start: Where the read began.
        bookmark: The bookmark that it follows, if it is no first read.
        checkpoint: How far it has come.
        emitted: How many records it has emitted.
    """
    return ReadPosition(
        cutoff=start.until,
        selection=start.selection,
        since=None if start.is_first else bookmark,
        emitted=emitted,
        checkpoint=dict(checkpoint),
    )
