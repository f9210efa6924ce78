"""What a run reads of one module: where it begins, and why more than the changes."""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import MutableMapping
from typing import Any

import msgspec

from tap_zohocrm_modules.sync.columns import (
    columns_of,
    compare,
    is_due,
    reload_for,
    volatile,
)
from tap_zohocrm_modules.sync.known_ids import KnownIds, most_kept
from tap_zohocrm_modules.sync.module_progress import ModuleProgress
from tap_zohocrm_modules.sync.module_read import Due, ModuleRead
from tap_zohocrm_modules.sync.read_start import ReadRequest, ReadStart, digest
from tap_zohocrm_modules.sync.reconcile import reconcile
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import ModuleState, StateError, StatePart, check_bookmark
from tap_zohocrm_modules.zoho.records.deletions import UNTRACKED
from tap_zohocrm_modules.zoho.records.model import RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.reading import Source

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class ModuleSelection:
    """What a user selects of a module.

    Attributes:
        stream: The stream's name.
        module: The module.
        fields: The selected fields.
        key: The replication key; None to read everything.
        makes_version: The records replace all that the destination has, once they are complete.
    """

    stream: str
    module: RecordModule
    fields: tuple[RecordField, ...]
    key: str | None
    makes_version: bool


class ModulePlan:
    """What one run reads of one module.

    Args:
        selection: What is wanted.

    Raises:
        StateError: STATE is not what this tap wrote of this module.
    """

    def __init__(
        self, run: Run, selection: ModuleSelection, state: MutableMapping[str, Any]
    ) -> None:
        self._run = run
        self._module = module = selection.module
        self._stream = stream = selection.stream
        self._key = key = selection.key
        self._fields = selection.fields
        self.resumable = not selection.makes_version
        self._whole_state = state
        self._part = StatePart(state, stream, ModuleState)
        self._state = self._part.read()
        self._check_module()
        bookmark = check_bookmark(self._state, stream, key, lambda: run.cutoff)
        begin = run.settings.start_date if module.has_modified_time else None
        # A version is made of one run's records: an unfinished read does not count.
        part = (
            self._state if self.resumable else msgspec.structs.replace(self._state, position=None)
        )
        wanted = columns_of(self._fields)
        request = ReadRequest(key, begin, run.cutoff, digest(self._fields, begin))
        self.start = ReadStart.from_state(part, bookmark, request)
        is_read_before = key is not None and not self.start.is_first
        loaded = self._state.columns if is_read_before else None
        self.columns = compare(loaded, wanted, module)
        self._is_refreshed = is_read_before and is_due(
            self._state.read_whole if volatile(self._fields) else run.cutoff,
            run.settings.refresh_days,
            run.cutoff,
        )
        settings = run.settings
        self._sweeps = (
            settings.emit_tombstones
            and self.resumable
            # What is read whole each time shows for nothing which records are gone.
            and (settings.delete_sweep_days is not None if key is None else is_read_before)
            and is_due(
                None if key is None else self._state.swept, settings.delete_sweep_days, run.cutoff
            )
        )
        due = self._fills or self._is_refreshed
        self._reload = (
            reload_for(self._state, request.selection, run.cutoff, due=due)
            if is_read_before
            else None
        )

    @property
    def _fills(self) -> bool:
        return bool(self.columns.new) and self._run.settings.backfill_new_columns

    @property
    def reads_again(self) -> bool:
        """Whether every record is read once more, after the changes."""
        return self._reload is not None

    @functools.cached_property
    def source(self) -> Source:
        """The module, and what is wanted of it."""
        return Source(
            client=self._run.client,
            module=self._module,
            fields=self._fields,
            stream=self._stream,
            limits=self._run.limits,
            columnar=self._run.settings.batch_config is not None,
        )

    @functools.cached_property
    def read(self) -> ModuleRead:
        """The read of the module."""
        return ModuleRead(
            self._run,
            self.source,
            self.start,
            self.columns.loaded,
            Due(self._reload, self._sweeps),
        )

    @functools.cached_property
    def ids(self) -> KnownIds:
        """The ids that the destination may have."""
        most = None if self._is_swept else most_kept(self._whole_state, self._stream)
        return KnownIds(self._state.ids, most)

    @property
    def writes_ids_first(self) -> bool:
        """Whether STATE has ids before the records are emitted, lest a killed run leave some.

        Elsewhere Zoho's list of deletions has what such a run emitted.
        """
        return self._is_swept and self.resumable and self._module.kind in UNTRACKED

    @property
    def _is_swept(self) -> bool:
        return self._run.settings.delete_sweep_days is not None

    def progress(self) -> ModuleProgress:
        """Return the module's part of STATE, to be changed as records are emitted."""
        return ModuleProgress(
            self._part,
            self.start,
            self.ids,
            columns_of(self._fields),
            module_id=self._module.module_id,
            resumable=self.resumable,
        )

    def reconcile(self, records: int) -> None:
        """Compare what was emitted with what Zoho counts.

        Raises:
            ZohoError: records are missing.
        """
        start, seen = self.start, self.ids.seen
        if start.ends_first:
            # Those of earlier runs are among them.
            seen = self.ids.ids
        emitted = start.emitted + records if seen is None else len(seen)
        resumed = start.checkpoint is not None or start.ends_first
        found = reconcile(self._run, self.source, emitted, self.read.expected, resumed=resumed)
        outcome = self._run.report.outcome(self._stream)
        outcome.counted, outcome.difference = found.counted, found.difference

    def explain(self) -> None:
        """Say what is read besides the changes, and which columns have come and gone."""
        changes = self.columns
        for old, new in changes.renamed.items():
            logger.warning(
                "%s: the field %s is called %s now; the destination keeps the column %s with its"
                " last values.",
                self._stream,
                old,
                new,
                old,
            )
        if changes.vanished:
            logger.warning(
                "%s: Zoho has these fields no more, or hides them: %s. The destination keeps their"
                " last values.",
                self._stream,
                ", ".join(changes.vanished),
            )
        if changes.new and not self._fills:
            logger.warning(
                "%s: %s not loaded for records that have not changed since: %s. Set"
                " backfill_new_columns to true to fill them.",
                self._stream,
                "is" if len(changes.new) == 1 else "are",
                ", ".join(changes.new),
            )
        self._explain_reload()
        if self.start.is_first and self._run.settings.refresh_days is None and self._key:
            self._run.report.note_volatile(self._stream, volatile(self._fields))

    def _explain_reload(self) -> None:
        if self._reload is None:
            return
        reasons = []
        if self.columns.new:
            reasons.append(f"to fill the new columns {', '.join(self.columns.new)}")
        if self._is_refreshed:
            reasons.append(
                f"to refresh {', '.join(volatile(self._fields))} (refresh_days is"
                f" {self._run.settings.refresh_days})"
            )
        resumes = self._reload is self._state.reload
        logger.info(
            "%s: after the changes every record is read again%s %s.",
            self._stream,
            ", going on where an earlier run ended," if resumes else "",
            " and ".join(reasons) or "as an earlier run began",
        )

    def _check_module(self) -> None:
        """Raise an error if STATE is of another module, perhaps of another organisation."""
        known, now = self._state.module_id, self._module.module_id
        if known and now and known != now:
            raise StateError(
                f"STATE bookmarks.{self._stream}.module_id is {known!r}, and the module"
                f" {self._module.api_name} has the id {now!r}: this is the STATE of another"
                " organisation, or the module was deleted and made anew. Use the right STATE, or"
                f" remove bookmarks.{self._stream} to load the stream anew."
            )
