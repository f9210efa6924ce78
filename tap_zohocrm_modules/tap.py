"""The tap: discovery, and the life of one run."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, cast

from singer_sdk import Stream, Tap
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TapCapabilities
from typing_extensions import override

from tap_zohocrm_modules.catalog_input import chosen_streams, has_increments, note_fields
from tap_zohocrm_modules.cli import TerminatedError, end_soon
from tap_zohocrm_modules.command_line import CommandLineTap
from tap_zohocrm_modules.config.batch import obstacles
from tap_zohocrm_modules.config.choices import Environment
from tap_zohocrm_modules.config.parsing import SettingsError, check_names
from tap_zohocrm_modules.config.settings import NUMBERS, Settings, settings_schema
from tap_zohocrm_modules.plan.metadata import opening_line
from tap_zohocrm_modules.streams.audit_log import AuditLogStream
from tap_zohocrm_modules.streams.base import RunStoppedError
from tap_zohocrm_modules.streams.children import ChildStream
from tap_zohocrm_modules.streams.deleted_records import DeletedRecordsStream
from tap_zohocrm_modules.streams.messages import MessageWriter
from tap_zohocrm_modules.streams.metadata import MetadataStream
from tap_zohocrm_modules.streams.records import RecordStream
from tap_zohocrm_modules.streams.stream_maps import map_problem, mapped_stream
from tap_zohocrm_modules.streams.sync_report import SYNC_REPORT, SyncReportStream
from tap_zohocrm_modules.sync.children.empty_lists import EmptyLists
from tap_zohocrm_modules.sync.children.lists import ChildLists
from tap_zohocrm_modules.sync.record_modules import (
    check_record_modules,
    discover_record_modules,
    missing_streams,
    why_missing,
)
from tap_zohocrm_modules.sync.rows.deleted import DELETED_RECORDS
from tap_zohocrm_modules.sync.run import Run, Schedule
from tap_zohocrm_modules.sync.state_part import check_unread
from tap_zohocrm_modules.zoho.audit_log.exports import AUDIT_LOG
from tap_zohocrm_modules.zoho.records.model import RecordModule
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.stream_warnings import about
from tap_zohocrm_modules.zoho.transport.texts import one_line

_NOTHING_SELECTED = (
    "Nothing is selected in the catalog: select streams by its metadata (under Meltano: with"
    " select, whose patterns have to match names that discovery finds)."
)
_OTHERS: Mapping[str, Callable[[Tap, Run], Stream]] = {
    AUDIT_LOG: AuditLogStream,
    DELETED_RECORDS: DeletedRecordsStream,
    SYNC_REPORT: SyncReportStream,
}


class TapZohoCRMModules(CommandLineTap):
    """Reads Zoho CRM v8: the organisation's modules and everything around them, complete or a clear error."""  # noqa: E501 - `--about` shows it as it stands

    name = "tap-zohocrm-modules"
    dynamic_catalog = True
    config_jsonschema: ClassVar[dict[str, Any]] = settings_schema()
    message_writer_class = MessageWriter
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        TapCapabilities.TEST,
        # Where later releases of the SDK have it; this one has it in both places.
        PluginCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.ABOUT,
        PluginCapabilities.BATCH,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    undescribed: Mapping[str, Exception] = MappingProxyType({})

    @functools.cached_property
    @override
    def this_run(self) -> Run:
        self._say_whose_data_it_is()
        catalog, chosen = self.input_catalog, self.chosen
        return Run(
            self.settings,
            self.options,
            chosen=None if chosen is None else frozenset(chosen),
            has_increments=catalog is not None
            and has_increments(catalog, self.options.endpoints.keys()),
        )

    @override
    def setup_mapper(self) -> None:
        try:
            super().setup_mapper()
        except Exception as error:
            if (stream := mapped_stream(error)) is None:
                raise
            raise SettingsError([map_problem(stream, error)]) from error

    def _say_whose_data_it_is(self) -> None:
        if self.settings.environment is Environment.DEMO:
            self.logger.info("environment is demo: this is the sample organisation, not Zoho.")

    @property
    def chosen(self) -> set[str] | None:
        """The streams that are chosen in a catalog, None without one."""
        return None if self.input_catalog is None else chosen_streams(self.input_catalog)

    @override
    def typed_settings(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        # First: what is misspelt may be what is missing.
        errors, warnings = check_names(config, self.config_jsonschema["properties"])
        for warning in warnings:
            self.logger.warning(warning)
        if errors:
            raise SettingsError(errors)
        self.settings = Settings.parse(config)
        if self.settings.batch_config and (problems := obstacles(config)):
            raise SettingsError(problems)
        # The SDK's own check knows no numbers that are written as text.
        numbers = {key: getattr(self.settings, key) for key in NUMBERS if key in config}
        return {**config, **numbers}

    @functools.cached_property
    @override
    def streams(self) -> dict[str, Stream]:
        """The streams by name, in the order of their emission; what reports on all is the last."""
        streams = super().streams
        if SYNC_REPORT in streams:
            streams[SYNC_REPORT] = streams.pop(SYNC_REPORT)
        selected = [stream for stream in streams.values() if stream.selected]
        self.this_run.schedule(
            Schedule(
                [stream.name for stream in selected if isinstance(stream, MetadataStream)],
                {s.name: s.read for s in selected if isinstance(s, RecordStream)},
            )
        )
        return streams

    @override
    def discover_streams(self) -> Sequence[Stream]:
        # A catalog says all: what is not chosen in it needs no stream.
        run, chosen = self.this_run, self.chosen
        if chosen is None or not chosen <= run.endpoints.keys():
            check_record_modules(run)
        return [
            *(
                MetadataStream(self, run, endpoint)
                for name, endpoint in run.endpoints.items()
                if chosen is None or name in chosen
            ),
            *(
                kind(self, run)
                for name, kind in _OTHERS.items()
                if chosen is None or name in chosen
            ),
            *self._record_streams(chosen),
            *self._child_streams(chosen),
        ]

    def _child_streams(self, chosen: Collection[str] | None) -> Iterator[Stream]:
        run = self.this_run
        is_described = chosen is not None or self.options.describes_records
        if not run.settings.child_lists or not is_described:
            return
        empty_lists = EmptyLists()
        found = ChildLists(run).find({*run.endpoints, *_OTHERS})
        if chosen is None:
            found.check()
        else:
            self.undescribed = {**found.why_missing(chosen), **self.undescribed}
        for name, parents in found.streams.items():
            if chosen is None or name in chosen:
                yield ChildStream(self, run, name, parents, empty_lists)

    def _record_streams(self, chosen: Collection[str] | None) -> list[Stream]:
        run = self.this_run
        if chosen is None and not self.options.describes_records:
            return []
        others = {*run.endpoints, *_OTHERS}
        records = None if chosen is None else set(chosen) - others
        if records == set() or not run.settings.record_modules:
            return []
        found = discover_record_modules(run, others, records, self.options.known_fields)
        self.undescribed = {name: one for name, one in found.items() if isinstance(one, Exception)}
        modules = {name: one for name, one in found.items() if isinstance(one, RecordModule)}
        return [
            RecordStream(self, run, name, module, self.noted.get(name, ()))
            for name, module in modules.items()
        ]

    @property
    @override
    def catalog_dict(self) -> dict[str, Any]:
        """The catalog that discovery writes, with what plans need of Zoho's fields."""
        catalog = super().catalog_dict
        for entry in catalog["streams"]:
            stream = self.streams[entry["tap_stream_id"]]
            if isinstance(stream, RecordStream):
                note_fields(entry["metadata"], stream.module.fields)
        return catalog

    @override
    def described_streams(self) -> tuple[Sequence[Stream], Mapping[str, Exception]]:
        self.setup_mapper()
        return [*self.streams.values()], dict(self._missing())

    def _missing(self) -> Iterator[tuple[str, Exception]]:
        """Yield the streams that are chosen in the catalog and do not exist, and why."""
        catalog = self.input_catalog
        if catalog is None:
            return
        run, state = self.this_run, cast("dict[str, Any]", self.state)
        for name in sorted(chosen_streams(catalog) - self.streams.keys()):
            keys = catalog[name].key_properties or ()
            yield name, self.undescribed.get(name) or why_missing(run, state, name, keys)

    @override
    def run(self) -> None:
        """Read all chosen streams and say what it cost.

        Raises:
            RunFailedError: something is not whole; all that could be read was emitted.
            SettingsError: nothing is selected.
            StateError: STATE is another tap's.
        """
        if self.chosen == set():
            raise SettingsError([_NOTHING_SELECTED])
        run, state = self.this_run, cast("dict[str, Any]", self.state)
        check_unread(state, self.streams.keys())
        self._name_missing_streams(run, state)
        if line := opening_line(run, self.streams.values()):
            self.logger.info(line)
        selected = {stream.name for stream in self.streams.values() if stream.selected}
        run.progress.expect(len(selected))
        for name, error in self._missing():
            run.report.module_failed(name, error)
        self._refuse_without_scopes()
        try:
            self.sync_all()
        except RunStoppedError:
            report = self.streams.get(SYNC_REPORT)
            if isinstance(report, SyncReportStream) and report.selected and not report.is_emitted:
                report.sync()
            self.write_last_state()
        if not self.streams and not self.state:
            # Otherwise it has been written: every run ends with one.
            self.state_writer.write_state(self.state)
        run.progress.close()
        try:
            run.report.finish(run.client.credits, selected)
        finally:
            self._say_whose_data_it_is()

    def _refuse_without_scopes(self) -> None:
        """Say at once which lists of children the token does not open."""
        # Without a token the first stream says why, and is the last.
        with contextlib.suppress(ZohoError):
            for stream in self.streams.values():
                if stream.selected and isinstance(stream, ChildStream):
                    stream.refuse_without_scopes()

    def _name_missing_streams(self, run: Run, state: Mapping[str, Any]) -> None:
        """Warn of what the settings or STATE name, and the catalog does not know."""
        if self.input_catalog is None:
            return
        for name in missing_streams(run, self.input_catalog):
            self.logger.warning(
                "%s: not read: record_modules names it, and the catalog has no stream of it. Run"
                " discovery again (under Meltano: with --refresh-catalog).",
                name,
                extra=about(name),
            )
        if lost := sorted(state.get("bookmarks", {}).keys() - {*self.input_catalog}):
            self.logger.warning(
                "STATE has bookmarks of streams that the catalog lacks, which are not read: %s. Run"
                " discovery again (under Meltano: with --refresh-catalog), or remove them from"
                " STATE.",
                ", ".join(map(one_line, lost)),
            )

    @override
    def handle_signal(self, signum: int) -> None:
        code = 128 + signum
        end_soon(code)
        if not self.options.writes_state:
            raise TerminatedError(code)
        try:
            self.write_state_and_exit(signum)
        except SystemExit:
            # The SDK ends with exit code 0, which schedulers take for a complete run.
            raise TerminatedError(code) from None
