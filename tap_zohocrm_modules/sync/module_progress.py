"""What a module's part of STATE becomes while its records are emitted."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime

import msgspec

from tap_zohocrm_modules.sync.known_ids import KnownIds
from tap_zohocrm_modules.sync.read_start import ReadStart, position_of
from tap_zohocrm_modules.sync.state import ModuleState, ReadPosition, Reload, StatePart
from tap_zohocrm_modules.zoho.records.reading import Page


@dataclasses.dataclass(frozen=True, slots=True)
class ReadResult:
    """That every change up to an instant has been emitted.

    Attributes:
        until: The instant.
        deleted_until: The instant up to which every deletion has been emitted, if it is another.
        recycled: When records got into the recycle bin, by id; None to leave what STATE has.
        columns: The columns that are loaded for every record; None to leave what STATE has.
        whole: Whether every record was read.
        swept: Whether the ids that exist were compared with those emitted.
    """

    until: datetime
    deleted_until: datetime | None = None
    recycled: Mapping[str, datetime] | None = None
    columns: Mapping[str, str] | None = None
    whole: bool = False
    swept: bool = False


class ModuleProgress:
    """One module's part of STATE, changed by the main thread only.

    Args:
        part: Where it is kept.
        start: Where the read began.
        ids: The ids that the destination has.
        columns: The selected columns, with Zoho's id of each field.
        module_id: Zoho's id of the module.
        resumable: Whether a later run may go on where this one ends.
    """

    def __init__(  # noqa: PLR0913 - what STATE has of a module
        self,
        part: StatePart[ModuleState],
        start: ReadStart,
        ids: KnownIds,
        columns: Mapping[str, str],
        *,
        module_id: str,
        resumable: bool,
    ) -> None:
        self._part = part
        self._start = start
        self._ids = ids
        self._columns = columns
        self._resumable = resumable
        self._saved = self._state = msgspec.structs.replace(
            part.read(), module_id=module_id or None
        )
        self._emitted = start.emitted

    def begun(self) -> None:
        """Note that a first read begins: what it emits may be deleted from now on."""
        start = self._start
        if not start.is_first:
            return
        if start.checkpoint is None:
            self._ids.begin()
        if self._resumable and start.checkpoint is None:
            self._change(
                replication_key_value=(
                    None if self._start.key is not None else self._state.replication_key_value
                ),
                position=position_of(start, None, {}),
                deleted_until=self._state.deleted_until or start.deleted_until or start.until,
                # A column that is new before the read has ended is missing in what was emitted.
                columns=dict(self._columns),
                reload=None,
            )

    def reached(self, page: Page) -> None:
        """Note that a page's records have been emitted, and all before them."""
        if not self._resumable:
            return
        self._emitted += len(page.records)
        if page.watermark is not None and self._start.key is not None:
            self._change(
                replication_key=self._start.key,
                replication_key_value=page.watermark,
                deleted_until=self._state.deleted_until or self._start.deleted_until,
                position=self._counted(self._state.position),
            )
        elif page.checkpoint is not None:
            bookmark = self._state.replication_key_value
            position = position_of(self._start, bookmark, page.checkpoint, self._emitted)
            self._change(position=position)

    def _counted(self, position: ReadPosition | None) -> ReadPosition | None:
        """Return where a first read is whose bookmark says so, with what it has emitted."""
        if position is None or not self._start.is_whole:
            return position
        return msgspec.structs.replace(position, emitted=self._emitted)

    def recycled(self, recycled: Mapping[str, datetime]) -> None:
        """Note what is in the recycle bin, and so was not read."""
        if self._resumable:
            self._change(recycled=dict(recycled))

    def finished(self, result: ReadResult) -> None:
        """Note that all records up to an instant have been emitted."""
        changes: dict[str, object] = {"position": None, "deleted_until": result.deleted_until}
        if self._start.key is not None:
            changes |= {"replication_key": self._start.key, "replication_key_value": result.until}
        elif result.deleted_until is None:
            changes["deleted_until"] = result.until
        recycled = self._state.recycled if result.recycled is None else result.recycled
        changes["recycled"] = dict(recycled) if recycled else None
        if result.columns is not None:
            changes["columns"] = dict(result.columns)
        if result.whole:
            changes["read_whole"] = result.until
        if result.whole or result.swept:
            changes["swept"] = result.until
        if not self._resumable:
            # The target drops what earlier runs have emitted.
            self._ids.learn(self._ids.seen)
        self._ids.settle()
        self._change(**changes)

    def reloading(self, reload: Reload) -> None:
        """Note how far a second read of the whole module has come."""
        self._change(reload=reload)

    def reloaded(self, columns: Mapping[str, str], since: datetime) -> None:
        """Note that every record has been emitted once more, with these columns."""
        self._change(reload=None, columns=dict(columns), read_whole=since)

    def save(self) -> None:
        """Put the part into STATE."""
        self._saved = self._state
        self.save_ids()

    def save_ids(self) -> None:
        """Put the ids into STATE, and leave all else as it was put there last."""
        self._part.write(msgspec.structs.replace(self._saved, ids=self._ids.packed()))

    def _change(self, **changes: object) -> None:
        self._state = msgspec.structs.replace(self._state, **changes)
