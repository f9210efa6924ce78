"""What a module's part of STATE becomes while its records are emitted."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime

import msgspec

from tap_zohocrm_modules.sync.known_ids import KnownIds
from tap_zohocrm_modules.sync.read_start import ReadStart
from tap_zohocrm_modules.sync.state import ModuleState, Reload, StatePart
from tap_zohocrm_modules.zoho.records.reading import Page


@dataclasses.dataclass(frozen=True, slots=True)
class ReadResult:
    """That every change up to an instant has been emitted."""

    until: datetime  # the instant
    deleted_until: datetime | None = None  # up to which every deletion has been, if it is another
    # When records got into the recycle bin, by id; None to leave what STATE has.
    recycled: Mapping[str, datetime] | None = None
    # The columns that are loaded for every record; None to leave what STATE has.
    columns: Mapping[str, str] | None = None
    whole: bool = False  # every record was read
    swept: bool = False  # the ids that exist are those emitted, and what was in the bin is known


@dataclasses.dataclass(eq=False)
class ModuleProgress:
    """One module's part of STATE, changed by the main thread only."""

    part: StatePart[ModuleState]
    start: ReadStart
    ids: KnownIds
    columns: Mapping[str, str]  # the selected ones, with Zoho's id of each field
    module_id: str
    resumable: bool  # whether a later run may go on where this one ends

    def __post_init__(self) -> None:
        """Begin with what STATE has."""
        self._saved = self._state = msgspec.structs.replace(
            self.part.read(), module_id=self.module_id or None
        )
        self._emitted = self.start.emitted

    def begun(self) -> None:
        """Note that a first read begins: what it emits may be deleted from now on."""
        start = self.start
        if not start.is_first or start.checkpoint is not None:
            return
        self.ids.begin()
        if self.resumable:
            self._change(
                replication_key_value=(
                    None if start.key is not None else self._state.replication_key_value
                ),
                position=start.position(None, {}),
                deleted_until=self._state.deleted_until or start.deleted_until or start.until,
                # A column that is new before the read has ended is missing in what was emitted.
                columns=dict(self.columns),
                reload=None,
            )

    def reached(self, page: Page) -> None:
        """Note that a page's records have been emitted, and all before them."""
        if not self.resumable:
            return
        self._emitted += len(page.records)
        start, position = self.start, self._state.position
        if page.watermark is not None and start.key is not None:
            if position is not None and start.is_whole:
                # Of a first read the bookmark says how far it is, the position how much it was.
                position = msgspec.structs.replace(position, emitted=self._emitted)
            self._change(
                replication_key=start.key,
                replication_key_value=page.watermark,
                deleted_until=self._state.deleted_until or start.deleted_until,
                position=position,
            )
        elif page.checkpoint is not None:
            bookmark = self._state.replication_key_value
            self._change(position=start.position(bookmark, page.checkpoint, self._emitted))

    def recycled(self, recycled: Mapping[str, datetime]) -> None:
        """Note what is in the recycle bin, and so was not read."""
        if self.resumable:
            self._change(recycled=dict(recycled))

    def finished(self, result: ReadResult) -> None:
        """Note that all records up to an instant have been emitted."""
        changes: dict[str, object] = {"position": None, "deleted_until": result.deleted_until}
        if self.start.key is not None:
            changes |= {"replication_key": self.start.key, "replication_key_value": result.until}
        elif result.deleted_until is None:
            changes["deleted_until"] = result.until
        recycled = self._state.recycled if result.recycled is None else result.recycled
        changes["recycled"] = dict(recycled) if recycled else None
        if result.columns is not None:
            changes["columns"] = dict(result.columns)
        if result.whole:
            changes["read_whole"] = result.until
        if result.swept:
            changes["swept"] = result.until
        if not self.resumable:
            # The target drops what earlier runs have emitted.
            self.ids.learn(self.ids.seen)
        self.ids.settle()
        self._change(**changes)

    def reloading(self, reload: Reload) -> None:
        """Note how far a second read of the whole module has come."""
        self._change(reload=reload)

    def reloaded(self, since: datetime) -> None:
        """Note that every record has been emitted once more, with the selected columns."""
        self._change(reload=None, columns=dict(self.columns), read_whole=since)

    def save(self) -> None:
        """Put the part into STATE."""
        self._saved = self._state
        self.save_ids()

    def save_ids(self) -> None:
        """Put the ids into STATE, and leave all else as it was put there last."""
        self.part.write(msgspec.structs.replace(self._saved, ids=self.ids.packed()))

    def _change(self, **changes: object) -> None:
        self._state = msgspec.structs.replace(self._state, **changes)
