"""What a run reads of one module: where it begins, and why more than the changes."""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Iterator

import msgspec

from tap_zohocrm_modules.sync.deletions.ids import KnownIds, most_kept
from tap_zohocrm_modules.sync.deletions.known import EVER
from tap_zohocrm_modules.sync.deletions.times import unpack_digests, unpack_times
from tap_zohocrm_modules.sync.module.columns import ColumnChanges, Columns, Selection
from tap_zohocrm_modules.sync.module.emitted import RecentRecords
from tap_zohocrm_modules.sync.module.read import ModuleRead
from tap_zohocrm_modules.sync.module.reconciliation import Reconciliation
from tap_zohocrm_modules.sync.module.start import (
    ReadStart,
    is_due,
    is_known_not_offered,
    reload_for,
)
from tap_zohocrm_modules.sync.module.state import ModuleSaver, begun, narrowed
from tap_zohocrm_modules.sync.privacy import explain as explain_privacy
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import ModuleState
from tap_zohocrm_modules.sync.state_part import StatePart, check_identity
from tap_zohocrm_modules.zoho.records.deletions import UNTRACKED
from tap_zohocrm_modules.zoho.records.model import UNUSED, RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.reading import Page, Source
from tap_zohocrm_modules.zoho.records.refusals import Refusals

logger = logging.getLogger(__name__)

VOLATILE_TYPES = frozenset({"formula", "rollup_summary"})
"""Data types whose values change without a change of the record's `Modified_Time`.

https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""


@dataclasses.dataclass(eq=False)
class ModulePlan:
    """What one run reads of one module; StateError: this tap did not write STATE of it."""

    run: Run
    stream: str
    module: RecordModule
    fields: tuple[RecordField, ...]  # the selected ones
    key: str | None  # the replication key; None to read everything
    makes_version: bool  # the records replace all that the destination has, once complete
    part: StatePart[ModuleState]
    _: dataclasses.KW_ONLY
    emits_tombstones: bool  # deletions are emitted
    # What a table that begins in this run gets as its version; None without versions.
    new_version: int | None

    def __post_init__(self) -> None:
        """Decide by STATE as it is."""
        run, key = self.run, self.key
        settings = run.settings
        self.resumable = not self.makes_version
        self._state = state = self.part.read()
        check_identity(state.module_id, self.stream, self.module)
        bookmark = self.part.bookmark(state, key, lambda: run.cutoff)
        cutoff = run.cutoff
        # Later runs cannot give one to the rows that are there.
        is_new = state.replication_key_value is None and state.position is None
        self._version_begun = self.new_version if is_new else None
        begin = settings.start_date if self.module.has_modified_time else None
        selection = Selection.from_fields(self.fields, begin)
        self.start = ReadStart.from_state(
            # A version is made of one run's records: an unfinished read does not count.
            state if self.resumable else msgspec.structs.replace(state, position=None),
            key=key,
            bookmark=bookmark,
            begin=begin,
            cutoff=cutoff,
            selection=selection,
            stream=self.stream,
            lookback=run.lookback,
        )
        if not self.resumable:
            # What the version lacks goes without tombstones.
            start = self.start
            deletions = dataclasses.replace(start.deletions, tombstones_since=None)
            self.start = dataclasses.replace(start, deletions=deletions)
        is_read_before = key is not None and not self.start.is_first
        self._loaded = Columns.loaded(state.columns, state.types, state.names)
        self.columns = ColumnChanges.between(
            self._loaded if is_read_before else None,
            Columns.from_fields(self.fields),
            Columns.from_fields(self.module.fields),
        )
        self._volatile = [
            field.api_name for field in self.fields if field.data_type in VOLATILE_TYPES
        ]
        self._fills = bool(self.columns.new) and settings.backfill_new_columns
        self._is_refreshed = (
            is_read_before
            and self._is_to_be_refreshed
            and is_due(state.read_whole, settings.refresh_days, cutoff)
        )
        self._sweeps = (
            self.emits_tombstones
            and self.resumable
            # A first read has nothing to compare with, unless an earlier run began it.
            and (key is None or is_read_before or self.start.goes_on)
            and (
                state.sweep is not None
                or is_due(None if key is None else state.swept, settings.delete_sweep_days, cutoff)
            )
        )
        begun, due = state.reload, self._fills or self._is_refreshed
        self._reload = reload_for(begun, selection, cutoff, due=due) if is_read_before else None

    @property
    def state(self) -> ModuleState:
        """What STATE had of the module before this run."""
        return self._state

    @property
    def sweeps(self) -> bool:
        """Whether this run compares the ids that exist with those emitted, as far as is known."""
        deletions = self.start.deletions
        finds_bin = self.read.deletions.is_tracked and not deletions.is_bin_known
        return self._sweeps or (not self.start.is_first and (finds_bin or deletions.lacks_bin))

    @property
    def is_known_not_offered(self) -> bool:
        """Whether Zoho has refused the module lately, and lists it as not viewable still."""
        return is_known_not_offered(self._state.not_offered, self.module, self.run.cutoff)

    @property
    def _is_to_be_refreshed(self) -> bool:
        wanted = self.run.settings.refresh_modules
        return bool(self._volatile) if wanted is None else self.module.api_name in wanted

    @property
    def reads_again(self) -> bool:
        """Whether every record is read once more, after the changes."""
        return self._reload is not None

    @functools.cached_property
    def source(self) -> Source:
        """The module, and what is wanted of it."""
        return Source(
            client=self.run.client,
            module=self.module,
            fields=self.fields,
            stream=self.stream,
            limits=self.run.limits,
            columnar=self.run.settings.batch_config is not None,
            refusals=Refusals(self._state.refused),
        )

    @functools.cached_property
    def read(self) -> ModuleRead:
        """The read of the module."""
        return ModuleRead(
            self.run,
            self.source,
            self.start,
            self._begun,
            Columns.from_fields(self.fields),
            self.columns.loaded,
            self._reload,
            sweeps=self._sweeps,
            emits_tombstones=self.emits_tombstones,
            resumable=self.resumable,
            # Where everything is read each time, nothing is asked for again.
            recent=None if self.key is None else self._recent(),
            version=self.table_version,
        )

    @functools.cached_property
    def ids(self) -> KnownIds:
        """The ids that the destination may have."""
        is_swept = self.run.settings.delete_sweep_days is not None
        most = None if is_swept else most_kept(self.part.size_of_ids(with_own=False))
        return KnownIds(self._state.ids, most, self._state.unsettled)

    @property
    def writes_ids_first(self) -> bool:
        """Whether STATE has ids before the records are emitted, lest a killed run leave some.

        Elsewhere Zoho's list of deletions has what such a run emitted.
        """
        is_swept = self.run.settings.delete_sweep_days is not None
        return is_swept and self.resumable and self.module.kind in UNTRACKED

    @property
    def begins(self) -> bool:
        """Whether a read of everything begins: it emits every record that there is."""
        return self.start.is_first and self.start.checkpoint is None

    @property
    def begins_version(self) -> bool:
        """Whether it begins a version of the table that increments will add to."""
        return self.begins and self.resumable and self._version_begun is not None

    @functools.cached_property
    def _begun(self) -> ModuleState:
        state = msgspec.structs.replace(
            self._state,
            module_id=self.module.module_id or None,
            not_offered=None,
            private=dict(self.module.private) or None,
        )
        if not (self.begins and self.resumable):
            loaded, is_increment = self.columns.loaded, self.resumable and not self.start.is_first
            lacks = bool((state.columns or {}).keys() - loaded.columns.keys())
            return narrowed(state, loaded) if is_increment and lacks else state
        return begun(state, self.start, Columns.from_fields(self.fields), self._version_begun)

    @property
    def table_version(self) -> int | None:
        """The version of the destination's table that the records belong to, if it has versions."""
        if self.new_version is None or not self.resumable:
            return self.new_version
        return self._begun.table_version

    @property
    def activates_version(self) -> bool:
        """Whether the table of the read has only what this version has, once all is emitted.

        A table that is read whole each time gets a new one in each run.
        """
        return self.resumable and self.table_version is not None and self.start.is_whole

    def _recent(self) -> RecentRecords:
        packed = self._state.recent
        known = unpack_times(packed, self.stream)
        # Of other columns the digest is another, whatever has changed in Zoho.
        is_same = self._loaded == Columns.from_fields(self.fields)
        digests = unpack_digests(packed, self.stream) if is_same else {}
        cutoff = self.start.cutoff
        return RecentRecords(known, digests, cutoff - self.run.lookback, cutoff)

    def saver(self) -> ModuleSaver:
        """Return what puts the module's part into STATE as records are emitted."""
        return ModuleSaver(self.part, self.ids, self._state, self._begun, self.resumable)

    def reconcile(self, records: int) -> Iterator[Page]:
        """Compare what was emitted with what Zoho has, and yield what it lacks.

        This run has emitted so many `records`. IncompleteReadError: records are missing.
        """
        read = self.read
        found = Reconciliation(self.run, self.source, self.start, self.ids, read.pages, read.recent)
        return found.pages_left(records)

    def explain(self) -> None:
        """Say what is read besides the changes, and which columns have come and gone."""
        changes, module, kept = self.columns, self.module, self._state.private
        changes.explain(self.stream, module.private, fills=self._fills)
        explain_privacy(self.stream, module, kept, is_first=self.start.is_first)
        unused = [name for name, why in self.module.left_out.items() if why == UNUSED]
        if unused and self.start.is_first:
            logger.info(
                "%s: left out, being on no layout, though Zoho keeps their values: %s.",
                self.stream,
                ", ".join(unused),
            )
        is_new = self.start.deletions.tombstones_since == EVER and self.start.is_whole
        if is_new and not self.activates_version:
            is_listed = self.emits_tombstones and self.read.deletions.is_tracked
            self.run.report.first_reads.setdefault(self.stream, is_listed)
        refresh_days, volatile = self.run.settings.refresh_days, ", ".join(self._volatile)
        if self._reload is not None:
            reasons, resumes = [], self._reload is self._state.reload
            if changes.new:
                reasons.append(f"to fill the new columns {', '.join(changes.new)}")
            if self._is_refreshed:
                what = volatile or "all its fields"
                reasons.append(f"to refresh {what} (refresh_days is {refresh_days})")
            logger.info(
                "%s: after the changes every record is read again%s %s.",
                self.stream,
                ", going on where an earlier run ended," if resumes else "",
                " and ".join(reasons) or "as an earlier run began",
            )
        if self._volatile and self.start.is_first and refresh_days is None and self.key:
            self.run.report.volatile[self.stream] = self._volatile
