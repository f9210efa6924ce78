"""The records of one module: one class for all modules.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, cast

from singer_sdk import Tap
from singer_sdk.mapper import StreamMap
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, Catalog
from typing_extensions import override

from tap_zohocrm_modules.streams.base import ZohoStream
from tap_zohocrm_modules.streams.record_columns import CatalogColumns, rename_columns
from tap_zohocrm_modules.streams.stream_maps import keep_tombstones
from tap_zohocrm_modules.sync.deletions.ids import records_worth
from tap_zohocrm_modules.sync.module.columns import keeping_names, names_kept
from tap_zohocrm_modules.sync.module.plan import ModulePlan
from tap_zohocrm_modules.sync.module.schema import record_schema
from tap_zohocrm_modules.sync.module.start import is_not_offered
from tap_zohocrm_modules.sync.module.state import ModuleSaver, Step
from tap_zohocrm_modules.sync.privacy import protect
from tap_zohocrm_modules.sync.progress import Progress
from tap_zohocrm_modules.sync.report import LEFT_OUT, StreamOutcome
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import VERSION, LoadedColumns, ModuleState
from tap_zohocrm_modules.sync.state_part import StatePart
from tap_zohocrm_modules.zoho.records.model import (
    DELETED_AT,
    ID,
    MODIFIED_TIME,
    RecordField,
    RecordModule,
)
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import IncompleteReadError
from tap_zohocrm_modules.zoho.records.records import Records, Rows, Shape
from tap_zohocrm_modules.zoho.transport.errors import OutOfCreditsError, ZohoError
from tap_zohocrm_modules.zoho.transport.stream_warnings import about
from tap_zohocrm_modules.zoho.transport.texts import one_line


class RecordStream(ZohoStream):
    """The records of a module."""

    primary_keys = (ID,)
    selected_by_default = False

    def __init__(
        self,
        tap: Tap,
        run: Run,
        name: str,
        module: RecordModule,
        noted: Sequence[RecordField] = (),
    ) -> None:
        """Make a stream of a module, of whose columns a catalog may have noted the fields."""
        self._own_tap, self._asked, self._noted = tap, module, noted
        # Where STATE is wrong, whoever needs it fails, and says why.
        part = StatePart(cast("dict[str, Any]", tap.state), name, ModuleState).glance(LoadedColumns)
        self._kept = {} if part is None else names_kept(part.columns, part.names)
        private = None if part is None else part.private
        self.module = protect(keeping_names(module, self._kept), run.privacy, private)
        run.private[module.api_name] = self.module.private
        schema = record_schema(self.module, tombstones=run.settings.emit_tombstones)
        super().__init__(tap, run, name=name, schema=schema)
        self._planning = threading.Lock()
        self._plan: ModulePlan | None = None
        self.replication_key = MODIFIED_TIME if module.has_modified_time else None

    @override
    def apply_catalog(self, catalog: Catalog) -> None:
        entry, now = catalog.get_stream(self.name), self.schema["properties"]
        fields = self._noted or self._asked.fields
        if entry is not None and rename_columns(entry, fields, self.module, self._kept, now):
            # Stream maps have taken it as it was.
            renamed = Catalog({self.name: entry})
            self._own_tap.mapper.register_raw_streams_from_catalog(renamed)
        super().apply_catalog(catalog)

    @functools.cached_property
    @override
    def stream_maps(self) -> list[StreamMap]:
        """The SDK's, which leave tombstones what they are."""
        maps = super().stream_maps
        definitions = self.config.get("stream_maps") or {}
        keep_tombstones(maps, self.name, self.schema["properties"], self.primary_keys, definitions)
        return maps

    @override
    def settle_replication(self) -> None:
        """Read by `Modified_Time` where the module has it, unless the catalog says FULL_TABLE."""
        self.primary_keys = (ID,)
        asked = self.replication_key
        full = self.forced_replication_method == REPLICATION_FULL_TABLE
        if full or not self.module.has_modified_time:
            self.replication_key, self.forced_replication_method = None, REPLICATION_FULL_TABLE
            return
        self.replication_key, self.forced_replication_method = MODIFIED_TIME, None
        if asked not in {None, MODIFIED_TIME}:
            self._unusable = ZohoError(
                f"replication-key {asked!r}: changes of records can only be asked for by"
                f" {MODIFIED_TIME}. Choose it in the catalog, or FULL_TABLE."
            )

    @override
    def report_failure(self, error: ZohoError) -> None:
        # Without a plan STATE is not what this tap wrote.
        plan, emitted = self._plan, self._outcome.records
        if plan is None or emitted or not is_not_offered(error, self.module, plan.start):
            self.run.report.module_failed(self.name, error)
            return
        is_known = self._part.read().not_offered is not None
        self.run.report.not_offered(self.name, error.refusal, is_known=is_known)
        self._part.write(ModuleState(version=VERSION, not_offered=self.run.cutoff))

    @override
    def parts(self) -> Generator[Records]:
        if self.plan.is_known_not_offered:
            self._outcome.end(LEFT_OUT, "not offered by Zoho")
            return
        yield from super().parts()

    @override
    def emitted_parts(self) -> Iterator[Records]:
        self._columns.check()
        plan = self.plan
        plan.explain()
        if plan.table_version is not None:
            self.begin_version(plan.table_version)
        with self.run.progress.stream(
            self.name, lambda: plan.read.pages.expected, lambda: plan.read.pages.path
        ) as progress:
            yield from self._emitted_parts(plan, progress)

    def _emitted_parts(self, plan: ModulePlan, progress: Progress) -> Iterator[Records]:
        state = plan.saver()
        since_state, most = 0, self.run.limits.records_per_state
        try:
            if plan.begins:
                plan.ids.begin(replaces=plan.begins_version)
            elif plan.start.is_whole:
                plan.ids.go_on()
            if plan.resumable:
                state.save()
                self.write_changed_state()
            for step in progress.awaited(self._steps(plan)):
                if step.is_whole:
                    yield from self._reconciled(plan, state, progress)
                records = plan.ids.unknown(step.records) if step.only_new else step.records
                yield from self._counted(records, plan, state, progress)
                if step.is_whole and plan.activates_version:
                    # Before STATE says that the read has ended.
                    self.announce_batches()
                    self.activate_version()
                since_state += len(step.records)
                state.reach(step.state, ends=step.ends)
                is_due = step.saves or since_state >= max(
                    most, records_worth(plan.part.size_of_ids(with_own=True))
                )
                if self.may_write_state() and plan.resumable and is_due:
                    state.save()
                    self.write_changed_state()
                    since_state = 0
        except IncompleteReadError:
            state.begin_anew()
            raise
        except OutOfCreditsError as error:
            raise state.explained(error) from error
        finally:
            self.announce_batches()
            state.save()
            self.state_changed()
            self._outcome.path = plan.read.pages.path
            self._explain_mismatches()

    def _reconciled(
        self, plan: ModulePlan, state: ModuleSaver, progress: Progress
    ) -> Iterator[Records]:
        """Compare what was emitted with what Zoho counts, and yield what came meanwhile."""
        for page in plan.reconcile(self._outcome.records):
            if self.module.has_modified_time and page.records.untimed():
                state.met_untimed = True
            yield from self._counted(plan.ids.unknown(page.records), plan, state, progress)

    def _steps(self, plan: ModulePlan) -> Iterator[Step]:
        for step in self.run.records_ahead.take(self.name):
            if step.sweep is None:
                yield step
            else:
                yield from plan.read.swept(step, step.sweep, plan.ids)

    def read(self) -> Iterator[Step]:
        """Yield the steps of the read; any thread may do it."""
        return iter(()) if self.plan.is_known_not_offered else self.plan.read.steps()

    @property
    def plan(self) -> ModulePlan:
        """What the run reads of the module, by STATE as it was before the run changed it."""
        # The thread that reads ahead and the main thread must have the same one.
        with self._planning:
            if self._plan is None:
                has_versions = self.run.settings.emit_activate_version_messages
                self._plan = ModulePlan(
                    self.run,
                    self.name,
                    self.module,
                    self._columns.fields(),
                    self.replication_key,
                    self.makes_version,
                    self._part,
                    emits_tombstones=DELETED_AT in self._columns.names,
                    new_version=self.new_version if has_versions else None,
                )
            return self._plan

    @functools.cached_property
    def _outcome(self) -> StreamOutcome:
        return self.run.report.outcome(self.name)

    @functools.cached_property
    def _part(self) -> StatePart[ModuleState]:
        return StatePart(self.whole_state, self.name, ModuleState, self.run.environment)

    @functools.cached_property
    def _columns(self) -> CatalogColumns:
        return CatalogColumns(
            self.name,
            self.module,
            self.schema["properties"],
            self.effective_schema["properties"],
            self.mask,
        )

    @property
    @override
    def shape(self) -> Shape:  # type: ignore[override]
        return self._columns.shape

    @property
    @override
    def sent_columns(self) -> Mapping[str, Any]:
        # Without those whose fields have vanished.
        columns, there = super().sent_columns, {*self._columns.names}
        return {name: column for name, column in columns.items() if name in there}

    def _counted(
        self, records: Records, plan: ModulePlan, state: ModuleSaver, progress: Progress
    ) -> Iterator[Records]:
        """Yield records, and count them once they are emitted."""
        in_files = self.run.settings.batch_config is not None
        existing, tombstones = records.existing(), records.tombstones()
        is_new = plan.ids.add(existing) and plan.writes_ids_first
        # Who is killed before the next STATE may have written these, or not: of what only a sweep
        # finds to be gone, or a role to be there again, no list of Zoho's knows.
        if doubtful := existing if is_new else tombstones if state.now.sweep else ():
            plan.ids.unsettle(doubtful)
            state.save_ids()
            self.write_changed_state()
        if in_files and plan.source.absent:
            raise ZohoError(
                f"Zoho leaves {', '.join(sorted(plan.source.absent))} out of its rows, though asked"
                " for twice, and files have no place for what is neither a value nor null:"
                " deselect these columns."
            )
        yield records
        if plan.ids.unsettled:
            plan.ids.settled(existing)
        plan.ids.remove(tombstones)
        self._outcome.emitted(len(records) - len(tombstones), len(tombstones))
        progress.add(len(records) - len(tombstones))

    @override
    def as_emitted(self, records: Sequence[Record]) -> Rows:
        return super().as_emitted([self.shape.apply(record) for record in records])

    def _explain_mismatches(self) -> None:
        if absent := self.plan.source.absent:
            self.logger.warning(
                "Stream %s: Zoho leaves these fields out of its rows, though asked for twice: %s."
                " They are left out of the records, and the destination keeps their last values.",
                self.name,
                ", ".join(map(one_line, sorted(absent))),
                extra=about(self.name),
            )
        mismatches = self.plan.read.pages.mismatches
        left_out = {name for name in mismatches if name.startswith("$")}
        self.warn_of(mismatches - left_out)
        if left_out:
            self.logger.info(
                "Stream %s: left out, since only Get Records returns them: %s.",
                self.name,
                ", ".join(map(one_line, sorted(left_out))),
            )
