"""Where the reading of a module begins, by its part of STATE."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from typing_extensions import TypeIs

from tap_zohocrm_modules.sync.deletions.known import EVER, DeletionStart
from tap_zohocrm_modules.sync.deletions.times import unpack_times
from tap_zohocrm_modules.sync.module.columns import Selection
from tap_zohocrm_modules.sync.state import ModuleState, ReadPosition, Reload
from tap_zohocrm_modules.zoho.records.model import RecordModule
from tap_zohocrm_modules.zoho.transport.errors import (
    ApiError,
    PermissionRefusedError,
    UnavailableError,
    ZohoError,
)

# In silence: it may be offered by now.
_ASKED_AGAIN_AFTER = timedelta(days=30)


@dataclasses.dataclass(frozen=True, slots=True)
class ReadStart:
    """Where a read begins."""

    key: str | None  # the replication key; None to read everything
    is_first: bool  # nothing has been read to its end before
    since: datetime | None  # from when on changes are wanted; None for all records
    cutoff: datetime  # the run's cutoff, or a bookmark that is a little later
    until: datetime  # the cutoff of the read: the run's, or that of the run which began it
    checkpoint: Mapping[str, Any] | None  # where an earlier run's read goes on; None to begin
    selection: str  # a digest of what is read
    deletions: DeletionStart  # where its deletions begin
    has_bookmark: bool = False  # an earlier run has read changes: increments may go on from there
    was_read: bool = False  # an earlier run has read something of it
    goes_on: bool = False  # an earlier run has not come to its end
    emitted: int = 0  # how many records the read has emitted in earlier runs
    settled: int = 0  # so many of them before `since`, where a first read goes on by the bookmark
    late: int = 0  # so many of them were changed at `rest_since` or later
    untimed: int = 0  # so many of them have no `Modified_Time`
    # From when on changes are read besides what an earlier run's cutoff ends.
    rest_since: datetime | None = None
    ends_first: bool = False  # it goes on, by the bookmark, with an earlier run's first read
    is_whole: bool = False  # every record has been emitted when the read has come to its end
    begin: datetime | None = None  # records changed before it have not been read; None: all have

    @classmethod
    def from_state(  # noqa: PLR0913 - what a run wants of a module
        cls,
        part: ModuleState,
        *,
        key: str | None,
        bookmark: datetime | None,
        begin: datetime | None,
        cutoff: datetime,
        selection: Selection,
        stream: str,
        lookback: timedelta,
    ) -> ReadStart:
        """Return where a module's read begins, by its part of STATE and the bookmark of that.

        Changes before the instant `begin` are not wanted.
        """
        position = part.position
        resumes = False
        if position is not None:
            is_same = selection.is_of(position.selection)
            if not is_same and (position.since is None or position.ends_first):
                # It is how far a first read of something else had come.
                bookmark = None
            resumes = is_same and position.since == bookmark
        begun = position if resumes else None
        until = cutoff if begun is None else begun.cutoff
        # Of a first read that is unfinished the bookmark says how far it has come.
        ends_first = (
            bookmark is not None
            and position is not None
            and (position.ends_first and resumes if position.checkpoint else position.since is None)
            # Release 0.1.0 did not count.
            and position.emitted is not None
        )
        back = timedelta(0) if ends_first else lookback
        earliest = _earliest(begin, part.read_since)
        late_since = until if begun is None else begun.late_since or until
        return cls(
            key=key,
            is_first=bookmark is None,
            since=_since(bookmark, earliest, back),
            cutoff=max(cutoff, until, bookmark or until),
            until=until,
            checkpoint=None if begun is None else begun.checkpoint,
            selection=selection.now,
            deletions=_deletions(
                part, stream, until if resumes else None, is_first=bookmark is None
            ),
            has_bookmark=part.replication_key_value is not None,
            goes_on=position is not None or part.deleted_until is not None,
            was_read=part.replication_key_value is not None or part.read_whole is not None,
            emitted=_counted(position) if resumes or ends_first else 0,
            settled=_settled(position) if ends_first else 0,
            late=0 if begun is None else begun.late,
            untimed=position.untimed if position is not None and (resumes or ends_first) else 0,
            rest_since=min(until - lookback, late_since),
            ends_first=ends_first,
            is_whole=bookmark is None or ends_first,
            begin=earliest,
        )

    def position(
        self,
        bookmark: datetime | None,
        checkpoint: Mapping[str, Any],
        emitted: int | None = None,
    ) -> ReadPosition:
        """Return what STATE keeps of the read while it is unfinished.

        The bookmark is the one that it follows, if it is not a first read.
        """
        return ReadPosition(
            cutoff=self.until,
            selection=self.selection,
            since=None if self.is_first else bookmark,
            ends_first=self.ends_first and bookmark is not None,
            emitted=emitted,
            settled=0 if bookmark is None else self.settled,
            checkpoint=dict(checkpoint),
        )


def _deletions(
    part: ModuleState, stream: str, begun: datetime | None, *, is_first: bool
) -> DeletionStart:
    """Return where the deletions begin.

    Args:
        part: The module's part of STATE.
        stream: Its stream, for errors.
        begun: The cutoff of the unfinished read that goes on, if one does.
        is_first: No read has come to its end.
    """
    # Deletions are those that no run has emitted, whatever the read is for.
    until = part.deleted_until or part.replication_key_value or begun
    # A run without STATE does not know which rows a table has.
    is_new = is_first and until is None
    return DeletionStart(
        deleted_until=until,
        tombstones_since=EVER if is_new else part.tombstones_since,
        recycled=part.recycled or {},
        recent=unpack_times(part.recent_deletions, stream),
        swept=part.swept,
        has_surplus=part.sweep is not None and part.sweep.surplus,
        # A run that did not come to its end may not have looked.
        is_bin_known=not is_first and (part.deleted_until is None or part.recycled is not None),
        lacks_bin=(
            part.deleted_until is not None and part.read_whole is not None and part.swept is None
        ),
    )


def _counted(position: ReadPosition | None) -> int:
    """Return how many records an unfinished read has emitted, as far as they were counted."""
    return 0 if position is None else position.emitted or 0


def _settled(position: ReadPosition | None) -> int:
    """Return how many of them come before the point where another path begins anew."""
    if position is None or not position.checkpoint:
        return _counted(position)
    return position.settled


def reload_for(
    begun: Reload | None, selection: Selection, cutoff: datetime, *, due: bool
) -> Reload | None:
    """Return the second read of a whole module that goes on, or begins if due; None for none."""
    if begun is not None and selection.is_of(begun.selection):
        return begun
    # One of other columns begins anew: what it was for is not all read.
    return Reload(cutoff=cutoff, selection=selection.now) if due or begun else None


def is_due(last: datetime | None, days: int | None, cutoff: datetime) -> bool:
    """Whether what happens every so many days is due; never without a number of days."""
    return days is not None and (last is None or last + timedelta(days=days) <= cutoff)


def _earliest(begin: datetime | None, read_since: datetime | None) -> datetime | None:
    """Return from when on changes are wanted: a later `start_date` does not shorten the lookback.

    Records changed since `read_since` have been read before; None where that is not known.
    """
    return begin if begin is None or read_since is None else min(begin, read_since)


def _since(
    bookmark: datetime | None, begin: datetime | None, lookback: timedelta
) -> datetime | None:
    """Return from when on changes are wanted; None for all records.

    A `begin` later than the bookmark skips nothing: the bookmark would pass what it left out.
    """
    if bookmark is None or begin is None:
        return begin if bookmark is None else bookmark - lookback
    return max(bookmark - lookback, min(begin, bookmark))


def is_not_offered(error: ZohoError, module: RecordModule, start: ReadStart) -> TypeIs[ApiError]:
    """Whether an error means that Zoho offers a module to nobody, whatever its list says.

    Some modules are listed as supported and not viewable, and refused by various codes; others of
    that kind can be read. One that was read before has been taken away, which is a failure.
    """
    is_refusal = isinstance(error, (PermissionRefusedError, UnavailableError))
    return is_refusal and not module.viewable and not start.was_read


def is_known_not_offered(refused: datetime | None, module: RecordModule, now: datetime) -> bool:
    """Whether Zoho last refused a module lately, if ever, and lists it as not viewable still."""
    return refused is not None and not module.viewable and now < refused + _ASKED_AGAIN_AFTER
