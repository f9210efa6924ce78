"""Where the reading of a module's records stands: kept page by page, so that any STATE resumes."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from singer_sdk import Stream

from tap_zohocrm_modules.zoho.records.model import RecordField
from tap_zohocrm_modules.zoho.records.reading import Page
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339

RECYCLED = "recycled"
DELETED_UNTIL = "deleted_until"
POSITION = "position"

_KEY = "replication_key"
_VALUE = "replication_key_value"
_CUT, _OF, _SINCE = "cut", "of", "since"


@dataclasses.dataclass(frozen=True, slots=True)
class ReadStart:
    """Where a read begins.

    Attributes:
        is_first: Nothing has been read to its end before.
        since: The instant from which changes are wanted, None for all records.
        until: The cut of the read: the run's, or that of the run which began it.
        position: Where an earlier run's read goes on, None to begin.
        of: What is read; another run's position counts only if it was of the same.
        deleted_until: From when on deletions concern what other runs have given; None if nothing.
        recycled: The deletions that are remembered, by id.
        is_bin_known: Whether an earlier run has looked at all that is in the recycle bin.
        has_bookmark: Whether an earlier run has read changes, from where increments may go on.
    """

    is_first: bool
    since: datetime | None
    until: datetime
    position: Mapping[str, Any] | None
    of: str
    deleted_until: datetime | None = None
    recycled: Mapping[str, str] = dataclasses.field(default_factory=dict)
    is_bin_known: bool = False
    has_bookmark: bool = False

    @classmethod
    def told(
        cls,
        state: Mapping[str, Any],
        key: str | None,
        start: datetime | None,
        cut: datetime,
        of: str,
    ) -> ReadStart:
        """Return what a stream's part of STATE tells.

        Args:
            state: It.
            key: The replication key; None to read everything each time.
            start: The date-time before which nothing is wanted.
            cut: This run's cut.
            of: What is to be read.

        Raises:
            ZohoError: it is nothing that this tap has written.
        """
        found = state.get(POSITION)
        position = found if isinstance(found, dict) else None
        is_same = position is not None and position.get(_OF) == of
        bookmark = state.get(_VALUE) if key is not None else None
        if position is not None and not is_same and _SINCE not in position:
            # It is how far a first read had come, of something else.
            bookmark = None
        known = [instant_of(bookmark)] if bookmark is not None else []
        since = max([*known, *([start] if start is not None else [])], default=None)
        if position is None or not is_same or position.get(_SINCE) != bookmark:
            standing = cls(bookmark is None, since, cut, None, of)
        else:
            standing = cls(bookmark is None, since, instant_of(position.get(_CUT)), position, of)
        return standing._with_deletions(state)

    def _with_deletions(self, state: Mapping[str, Any]) -> ReadStart:
        recycled = state.get(RECYCLED)
        # Whatever the read is for, these are the deletions that no run has given.
        until = None if self.position is None else self.until
        if DELETED_UNTIL in state:
            until = instant_of(state[DELETED_UNTIL])
        elif state.get(_VALUE) is not None:
            until = instant_of(state[_VALUE])
        return dataclasses.replace(
            self,
            deleted_until=until,
            recycled=recycled if isinstance(recycled, dict) else {},
            has_bookmark=state.get(_VALUE) is not None,
            # One that did not come to its end may not have done so.
            is_bin_known=not self.is_first and (DELETED_UNTIL not in state or RECYCLED in state),
        )


def instant_of(told: object) -> datetime:
    """Return the date-time that a part of STATE tells.

    Raises:
        ZohoError: it is none.
    """
    try:
        return parse(str(told))
    except ValueError as error:
        raise ZohoError(
            f"STATE has {str(told)[:40]!r} where this tap writes a date-time such as"
            " 2026-01-31T00:00:00Z: correct it, or remove the stream's part to load it anew."
        ) from error


@dataclasses.dataclass(frozen=True, slots=True)
class BinSnapshot:
    """Deletions to be remembered from then on, by id, whatever becomes of the run."""

    recycled: Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Checkpoint:
    """That every change up to an instant has been given.

    Attributes:
        until: The instant.
        deleted_until: The instant up to which every deletion has been given, if it is another.
        recycled: The deletions to be remembered from then on, by id; None to leave them.
    """

    until: datetime
    deleted_until: datetime | None = None
    recycled: Mapping[str, str] | None = None


class RecordState:
    """One stream's part of STATE, to be written by the main thread only.

    `replication_key_value` is the instant up to which every change has been given. `position`,
    while a first read is under way, tells where it goes on, of what, and up to which cut.
    `deleted_until` is the instant up to which every deletion has been given, where that is not the
    bookmark: the latter moves page by page, while deletions are asked for at the end.

    Args:
        stream: The stream.
        key: Its replication key; None to read everything each time.
        standing: Where the read began.
        emits_tombstones: Whether it gives deletions.
    """

    def __init__(
        self,
        stream: Stream,
        key: str | None,
        standing: ReadStart,
        *,
        emits_tombstones: bool = False,
    ) -> None:
        self._stream = stream
        self._buries = emits_tombstones
        self._state: dict[str, Any] = stream.get_context_state(None)
        self._key = key
        self._standing = standing

    def begun(self) -> None:
        """Note that a first read begins, and its cut: what it emits may be deleted from then on."""
        if self._standing.is_first and self._standing.position is None:
            if self._key is not None:
                self._state.pop(_VALUE, None)
            self._place({})
            self._keep_deletions(self._standing.deleted_until or self._standing.until)

    def reached(self, page: Page) -> None:
        """Note that a page's records have been emitted, and all before them."""
        if page.watermark is not None and self._key is not None:
            if self._standing.deleted_until is not None:
                self._keep_deletions(self._standing.deleted_until)
            self._state.update({_KEY: self._key, _VALUE: page.watermark})
        elif page.position is not None:
            self._place(page.position)
        else:
            return
        self._stream.state_manager.is_flushed = False

    def _place(self, position: Mapping[str, Any]) -> None:
        read = {_CUT: rfc3339(self._standing.until), _OF: self._standing.of}
        if not self._standing.is_first:
            # It is good for what follows this bookmark only.
            read[_SINCE] = self._state[_VALUE]
        self._state[POSITION] = {**position, **read}
        self._stream.state_manager.is_flushed = False

    def _keep_deletions(self, since: datetime) -> None:
        if self._buries:
            self._state.setdefault(DELETED_UNTIL, rfc3339(since))

    def noticed(self, noticed: BinSnapshot) -> None:
        """Note what was in the bin, and so was not read, before any page's end is noted."""
        self._state[RECYCLED] = dict(noticed.recycled)
        self._stream.state_manager.is_flushed = False

    def settled(self, settled: Checkpoint) -> None:
        """Note that all records up to an instant have been emitted."""
        told: dict[str, Any] = {}
        if self._key is not None:
            told.update({_KEY: self._key, _VALUE: rfc3339(settled.until)})
        if self._buries and (settled.deleted_until is not None or self._key is None):
            told[DELETED_UNTIL] = rfc3339(settled.deleted_until or settled.until)
        if settled.recycled is not None:
            told[RECYCLED] = dict(settled.recycled)
        # At once, for a signal may write STATE at any time; what is left over then does no harm.
        self._state.update(told)
        self._state.pop(POSITION, None)
        if DELETED_UNTIL not in told:
            self._state.pop(DELETED_UNTIL, None)
        if not self._state.get(RECYCLED):
            self._state.pop(RECYCLED, None)
        self._stream.state_manager.is_flushed = False


def digest(fields: Sequence[RecordField], start: datetime | None) -> str:
    """Return a short name for what is read of a module."""
    names = ",".join(sorted(field.api_name for field in fields))
    text = f"{names};{'' if start is None else rfc3339(start)}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
