"""What a module's part of STATE becomes while its records are emitted: pure functions.

The thread that reads works out the next part; the main thread puts it in its place once the records
before it have been emitted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from tap_zohocrm_modules.sync.deletions.ids import KnownIds
from tap_zohocrm_modules.sync.deletions.known import EVER, BinSnapshot, Deleted
from tap_zohocrm_modules.sync.module.columns import Columns, loaded_keys
from tap_zohocrm_modules.sync.module.emitted import EmittedCount
from tap_zohocrm_modules.sync.module.start import ReadStart
from tap_zohocrm_modules.sync.state import ModuleState, Reload, SweepPosition
from tap_zohocrm_modules.sync.state_part import StatePart
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.transport.errors import OutOfCreditsError


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """Records to be emitted, and the module's part of STATE after them."""

    records: Records  # or tombstones
    state: ModuleState  # its ids are left to who emits
    saves: bool = False  # STATE is to be written in any case, however few records there are
    only_new: bool = False  # only those of the records are wanted that no run has emitted
    is_whole: bool = False  # every record has been emitted by now, so that counts can be compared
    ends: bool = False  # what was begun is read, so that equal ids are to be equal in STATE
    # What is known of deletions, where the ids that exist are to be compared with those emitted,
    # which the main thread has: other steps take this one's place.
    sweep: Deleted | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class ReadEnd:
    """That every change up to an instant has been emitted."""

    until: datetime  # the instant
    deleted_until: datetime | None = None  # up to which every deletion has been, if it is another
    tombstones_since: datetime | None = None  # from when on tombstones are still due
    recycled: BinSnapshot | None = None  # what is in the bin; None to leave what STATE has
    # The columns that are loaded for every record; None to leave what STATE has.
    columns: Columns | None = None
    # What Zoho refuses by a read path, as STATE keeps it; None to leave what STATE has.
    refused: Mapping[str, list[str]] | None = None
    whole: bool = False  # every record was read
    swept: bool = False  # the ids that exist are those emitted, and what was in the bin is known
    version: int | None = None  # that the table has got; None to leave what STATE has
    unstamped: bool = False  # records without Modified_Time were found
    # What was emitted within the lookback, as STATE has it: records and deletions. None to leave
    # what STATE has.
    recent: tuple[str | None, str | None] | None = None


def begun(
    state: ModuleState, start: ReadStart, columns: Columns, version: int | None
) -> ModuleState:
    """Return the part when a first read begins: what it emits may be deleted from now on.

    `columns` are the selected ones, `version` is the one that the table gets, if any.
    """
    return msgspec.structs.replace(
        state,
        replication_key_value=None if start.key is not None else state.replication_key_value,
        position=start.position(None, {}),
        deleted_until=state.deleted_until or start.deletions.deleted_until or start.until,
        tombstones_since=start.deletions.tombstones_since,
        read_since=start.since or EVER,
        table_version=version or state.table_version,
        # A column that is new before the read has ended is missing in what was emitted.
        reload=None,
        sweep=None,
        **loaded_keys(state, columns),
    )


def narrowed(state: ModuleState, loaded: Columns) -> ModuleState:
    """Return the part when increments begin whose records will lack columns.

    Those `loaded` are loaded for every record, whatever becomes of the run.
    """
    return msgspec.structs.replace(state, **loaded_keys(state, loaded))


def after_page(
    state: ModuleState,
    start: ReadStart,
    watermark: datetime | None,
    checkpoint: Mapping[str, Any] | None,
    count: EmittedCount,
) -> ModuleState:
    """Return the part after a page that ends so, and all before it, which have been counted."""
    position = state.position
    if watermark is not None and start.key is not None:
        if position is not None and start.is_whole:
            # Of a first read the bookmark says how far it is, the position how much it was.
            emitted = count.until(watermark)
            position = msgspec.structs.replace(
                position,
                since=None,
                ends_first=False,
                emitted=emitted,
                settled=0,
                untimed=count.untimed,
                late=0,
                late_since=None,
                checkpoint={},
            )
        return msgspec.structs.replace(
            state,
            replication_key=start.key,
            replication_key_value=watermark,
            deleted_until=state.deleted_until or start.deletions.deleted_until,
            position=position,
        )
    if checkpoint is not None:
        # By another path than before a first read begins anew, and no bookmark says how far it is.
        bookmark = None if start.key is not None and start.is_first else state.replication_key_value
        position = count.position(start, bookmark, checkpoint)
        return msgspec.structs.replace(state, position=position, replication_key_value=bookmark)
    return state


def after_deletions(state: ModuleState, recycled: BinSnapshot) -> ModuleState:
    """Return the part that knows what is in the recycle bin, and so was not read."""
    return msgspec.structs.replace(state, recycled=dict(recycled))


def finished(state: ModuleState, key: str | None, end: ReadEnd) -> ModuleState:
    """Return the part after all records up to an instant, read by this replication key."""
    recycled = state.recycled if end.recycled is None else end.recycled
    changes: dict[str, object] = {
        "position": None,
        "deleted_until": end.deleted_until,
        "tombstones_since": end.tombstones_since,
        "recycled": dict(recycled) if recycled else None,
        "lists": None,
    }
    if key is not None:
        changes |= {"replication_key": key, "replication_key_value": end.until}
    elif end.deleted_until is None:
        changes["deleted_until"] = end.until
    if end.refused is not None:
        changes["refused"] = dict(end.refused)
    if end.columns is not None:
        changes |= loaded_keys(state, end.columns)
    if end.whole:
        changes["read_whole"] = end.until
    if end.swept:
        # What was deleted since an earlier run began to compare may be left for the next time.
        begun = end.until if key is None or state.sweep is None else state.sweep.cutoff
        changes |= {"swept": begun, "sweep": None}
    if end.unstamped:
        changes["unstamped"] = True
    if end.recent is not None:
        changes["recent"], changes["recent_deletions"] = end.recent
    if end.version is not None:
        changes["table_version"] = end.version
    return msgspec.structs.replace(state, **changes)


def sweeping(state: ModuleState, position: SweepPosition) -> ModuleState:
    """Return the part that knows how far a comparison of ids has come."""
    return msgspec.structs.replace(state, sweep=position)


def joined(
    state: ModuleState, start: ReadStart, count: EmittedCount, since: datetime
) -> ModuleState:
    """Return the part after what an earlier run's first read wanted, which has been counted.

    The read is unfinished until what has changed `since` then is emitted, and all is counted.
    """
    bookmark = max(since, state.replication_key_value or since)
    position = start.position(None, {}, count.until(bookmark))
    position = msgspec.structs.replace(position, since=None, untimed=count.untimed)
    return msgspec.structs.replace(
        state, replication_key=start.key, replication_key_value=bookmark, position=position
    )


def anew(state: ModuleState) -> ModuleState:
    """Return the part by which the next run begins an unfinished read once more.

    What is missing lies before the point where it would go on. What was emitted may be deleted
    since, and still is in the destination.
    """
    if state.position is None:
        return state
    if state.position.since is not None and not state.position.ends_first:
        return msgspec.structs.replace(state, position=None)
    return msgspec.structs.replace(
        state,
        replication_key_value=None,
        position=None,
        recycled=None,
        recent=None,
        recent_deletions=None,
        reload=None,
        sweep=None,
    )


def reloading(state: ModuleState, reload: Reload) -> ModuleState:
    """Return the part that knows how far a second read of the whole module has come."""
    return msgspec.structs.replace(state, reload=reload)


def reloaded(
    state: ModuleState,
    since: datetime,
    columns: Columns,
    refused: Mapping[str, list[str]] | None,
) -> ModuleState:
    """Return the part after every record has been emitted once more, with these columns.

    Zoho has `refused` some by a read path, as STATE keeps it; None to leave what STATE has.
    """
    kept = state.refused if refused is None else dict(refused)
    return msgspec.structs.replace(
        state, reload=None, read_whole=since, refused=kept, **loaded_keys(state, columns)
    )


def _place(state: ModuleState) -> tuple[object, ...]:
    """Return how far a module has been read: second reads and sweeps come after the changes."""
    if state.reload is not None or state.sweep is not None:
        return state.reload, state.sweep
    position = state.position
    reached = None if position is None else (position.since, position.emitted, position.checkpoint)
    return reached, state.replication_key_value, state.lists


@dataclasses.dataclass(eq=False)
class ModuleSaver:
    """Puts a module's part into STATE; the main thread only."""

    part: StatePart[ModuleState]
    ids: KnownIds
    before: ModuleState  # when the run began
    now: ModuleState  # after what has been emitted
    resumable: bool  # whether a later run may go on where this one ends
    # Whether records without Modified_Time were found that the thread that reads has not met.
    met_untimed: bool = dataclasses.field(default=False, init=False)
    _saved: ModuleState = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        """Begin with what STATE has."""
        self._saved = self.now

    def reach(self, state: ModuleState, *, ends: bool) -> None:
        """Note that a step's records have been emitted: STATE's part after it, and if it ends."""
        self.now = msgspec.structs.replace(state, unstamped=True) if self.met_untimed else state
        if ends and not self.resumable:
            # The target drops what earlier runs have emitted.
            self.ids.learn(self.ids.seen)
        if ends:
            self.ids.settle()

    def explained(self, error: OutOfCreditsError) -> OutOfCreditsError:
        """Return why a budget ended the read; if it has come no further, with what budget it does.

        To run again would be of no use.
        """
        if error.least is None or _place(self.before) != _place(self.now):
            return error
        return OutOfCreditsError(
            f"{error} {self.part.stream} has come no further in this run: should the next one stop"
            f" here as well, set credit_budget to {error.least} or more."
        )

    def begin_anew(self) -> None:
        """Let the next run begin the read once more."""
        self.now = anew(self.now)

    def save(self) -> None:
        """Put the part into STATE."""
        self._saved = self.now
        self.save_ids()

    def save_ids(self) -> None:
        """Put the ids into STATE, and leave all else as it was put there last."""
        ids, unsettled = self.ids.packed(), self.ids.packed_unsettled()
        self.part.write(msgspec.structs.replace(self._saved, ids=ids, unsettled=unsettled))
