"""The tap: discovery, and the life of one run."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import IO, Any, ClassVar, cast

import click
from singer_sdk import Stream
from singer_sdk.cli import plugin_cli
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TapCapabilities
from singer_sdk.tap_base import CliTestOptionValue
from typing_extensions import Self, override

from tap_zohocrm_modules.access_check import (
    UNKNOWN_HOST_TIME,
)
from tap_zohocrm_modules.catalog_input import (
    chosen_streams,
    has_increments,
    note_fields,
    noted_fields,
    read_catalog,
    read_state,
)
from tap_zohocrm_modules.cli import (
    TerminatedError,
    ZohoCommand,
    check_log_level,
    end_soon,
    set_up_log,
)
from tap_zohocrm_modules.commands import check, probe_account, set_up_account
from tap_zohocrm_modules.config.batch import obstacles
from tap_zohocrm_modules.config.choices import Environment
from tap_zohocrm_modules.config.parsing import SettingsError, check_names
from tap_zohocrm_modules.config.settings import NUMBERS, Settings, settings_schema
from tap_zohocrm_modules.config.sources import read_config
from tap_zohocrm_modules.options import asks_to_verify
from tap_zohocrm_modules.plan.metadata import opening_line
from tap_zohocrm_modules.streams.base import RunStoppedError
from tap_zohocrm_modules.streams.children import ChildStream
from tap_zohocrm_modules.streams.deleted_records import DeletedRecordsStream
from tap_zohocrm_modules.streams.map_errors import map_problem, mapped_stream
from tap_zohocrm_modules.streams.messages import MessageWriter
from tap_zohocrm_modules.streams.metadata import MetadataStream
from tap_zohocrm_modules.streams.records import RecordStream
from tap_zohocrm_modules.streams.sdk import SdkTap
from tap_zohocrm_modules.streams.sync_report import SYNC_REPORT, SyncReportStream
from tap_zohocrm_modules.sync.children.lists import ChildLists
from tap_zohocrm_modules.sync.record_modules import (
    check_record_modules,
    discover_record_modules,
    missing_streams,
    why_missing,
)
from tap_zohocrm_modules.sync.rows.deleted import DELETED_RECORDS
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state_checks import check_unread
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import RecordField, RecordModule
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from tap_zohocrm_modules.zoho.transport.texts import one_line

_NOTHING_SELECTED = (
    "Nothing is selected in the catalog: select streams by its metadata (under Meltano: with"
    " select, whose patterns have to match names that discovery finds)."
)
_OTHERS = {DELETED_RECORDS: DeletedRecordsStream, SYNC_REPORT: SyncReportStream}


class TapZohoCRMModules(SdkTap):
    """Reads Zoho CRM v8: the organisation's modules and everything around them, complete or a clear error."""  # noqa: E501 - `--about` shows it as it stands

    name = "tap-zohocrm-modules"
    dynamic_catalog = True
    config_jsonschema: ClassVar[dict[str, Any]] = settings_schema()
    message_writer_class = MessageWriter
    retry_policy: RetryPolicy = RetryPolicy()
    limits: ClassVar[Limits] = Limits()
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

    settings: Settings
    call_seconds: float | None = None  # how long all calls together may take; None for no bound
    describes_records = True  # whether discovery without a catalog describes records of modules
    # The fields of modules by stream, where a catalog's are good enough; None to ask Zoho.
    known_fields: Mapping[str, tuple[RecordField, ...]] | None = None
    writes_no_state = False  # what is written says nothing of how far a run has come
    undescribed: Mapping[str, Exception] = MappingProxyType({})  # why modules have no stream

    @functools.cached_property
    def this_run(self) -> Run:
        """What the streams have in common."""
        self._say_whose_data_it_is()
        return Run(
            self.settings,
            self.retry_policy,
            self.limits,
            seconds=self.call_seconds,
            chosen=self.input_catalog is not None,
            has_increments=self.input_catalog is not None
            and has_increments(self.input_catalog, ENDPOINTS.keys()),
            order=lambda: [
                stream.name
                for stream in self.streams.values()
                if isinstance(stream, MetadataStream) and stream.selected
            ],
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.this_run.close()

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

    @property
    @override
    def streams(self) -> dict[str, Stream]:
        """The streams by name, in the order of their emission; what reports on all is the last."""
        streams = super().streams
        if SYNC_REPORT in streams and next(reversed(streams)) != SYNC_REPORT:
            streams[SYNC_REPORT] = streams.pop(SYNC_REPORT)
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
        is_described = chosen is not None or self.describes_records
        if not run.settings.child_lists or not is_described:
            return
        for name, parents in ChildLists(run).streams({*run.endpoints, *_OTHERS}).items():
            if chosen is None or name in chosen:
                yield ChildStream(self, run, name, parents)

    def _record_streams(self, chosen: Collection[str] | None) -> list[Stream]:
        run = self.this_run
        if chosen is None and not self.describes_records:
            return []
        run.chosen_endpoints = frozenset(chosen or ()) & run.endpoints.keys()
        others = {*run.endpoints, *_OTHERS}
        records = None if chosen is None else set(chosen) - others
        if records == set() or not run.settings.record_modules:
            return []
        run.record_reads = lambda: {
            stream.name: stream.read
            for stream in self.streams.values()
            if isinstance(stream, RecordStream) and stream.selected
        }
        found = discover_record_modules(run, others, records, self.known_fields)
        self.undescribed = {name: one for name, one in found.items() if isinstance(one, Exception)}
        modules = {name: one for name, one in found.items() if isinstance(one, RecordModule)}
        return [RecordStream(self, run, name, module) for name, module in modules.items()]

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

    def described_streams(self) -> tuple[Sequence[Stream], Mapping[str, Exception]]:
        """Return the streams, in the order of their emission, and why chosen ones are not there."""
        self.setup_mapper()
        return [*self.streams.values()], dict(self._missing())

    def _missing(self) -> Iterator[tuple[str, Exception]]:
        """Yield the streams that are chosen in the catalog and do not exist, and why."""
        state = cast("dict[str, Any]", self.state)
        for name in sorted((self.chosen or set()) - self.streams.keys()):
            yield name, self.undescribed.get(name) or why_missing(self.this_run, state, name)

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

    def _name_missing_streams(self, run: Run, state: Mapping[str, Any]) -> None:
        """Warn of what the settings or STATE name, and the catalog does not know."""
        if self.input_catalog is None:
            return
        for name in missing_streams(run, self.input_catalog):
            self.logger.warning(
                "%s: not read: record_modules names it, and the catalog has no stream of it. Run"
                " discovery again (under Meltano: with --refresh-catalog).",
                name,
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
        if self.writes_no_state:
            raise TerminatedError(code)
        try:
            self.write_state_and_exit(signum)
        except SystemExit:
            # The SDK ends with exit code 0, which schedulers take for a complete run.
            raise TerminatedError(code) from None

    @plugin_cli
    @override
    def cli(cls) -> click.Command:  # noqa: N805 - the SDK's decorator makes it a class property
        """The command line."""
        check_log_level(cls.variable_prefix())
        command = super().cli
        set_up_log(cls.logger)
        return command

    @classmethod
    @override
    def get_singer_command(cls) -> click.Command:
        return ZohoCommand.of(super().get_singer_command(), cls.logger)

    @classmethod
    @override
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:
        config_input = super().cb_config(ctx, param, ())
        cls.append_builtin_config(cls.config_jsonschema)
        config_input.config = read_config(value, cls.config_jsonschema, cls.variable_prefix())
        return config_input

    @classmethod
    @override
    def cb_discover(cls, ctx: click.Context, param: click.Option, value: bool) -> None:
        if value:
            with cls(config=ctx.params["config"].config, setup_mapper=False) as tap:
                tap.writes_no_state = True
                tap.retry_policy = dataclasses.replace(
                    tap.retry_policy, unknown_host_time=UNKNOWN_HOST_TIME
                )
                tap.run_discovery()
            ctx.exit()

    @classmethod
    @override
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:
        known = [option.value for option in CliTestOptionValue]
        if value not in known:
            raise SettingsError([f"--test is {value!r}, which must be one of {', '.join(known)}"])
        if value != CliTestOptionValue.All.value:
            super().cb_test(ctx, param, value)
            return
        check(cls._opened, ctx.params["config"].config)
        ctx.exit()

    @classmethod
    def _opened(cls, config: Mapping[str, Any]) -> Self:
        return cls(config=dict(config), setup_mapper=False)

    @classmethod
    @override
    def invoke(
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: Any = None,
        state: IO[str] | None = None,
        catalog: IO[str] | None = None,
        plan: str | None = None,
        set_up: bool = False,
        probe: str | None = None,
        **verify: Any,
    ) -> None:
        if about:
            cls.print_about(about_format)
            return
        cls.print_version(print_fn=cls.logger.info)
        selection = read_catalog(catalog)
        if set_up:
            prefix, schema = cls.variable_prefix(), cls.config_jsonschema
            set_up_account(cls._opened, config.config, selection, prefix, schema)
            return
        if probe is not None:
            probe_account(cls._opened, config.config, probe)
            return
        is_verify = asks_to_verify(verify, plan)
        with cls(
            config=config.config, state=read_state(state), catalog=selection, setup_mapper=False
        ) as tap:
            # Without a catalog none of them is chosen, and describing them takes many calls.
            tap.describes_records = False
            if plan is not None:
                tap.known_fields = noted_fields(selection["streams"] if selection else ())
            if is_verify:
                from tap_zohocrm_modules.verify.command import verify_streams  # noqa: PLC0415

                tap.writes_no_state = True
                chosen = [entry["tap_stream_id"] for entry in (selection or {}).get("streams", ())]
                verify_streams(tap.this_run, tap.described_streams, chosen, **verify)
                return
            tap.setup_mapper()
            if plan is None:
                tap.run()
            else:
                from tap_zohocrm_modules.plan.run_plan import plan_run  # noqa: PLC0415 - rare

                known = tap.known_fields or {}
                found = plan_run(tap.this_run, tap.streams.values(), tap.undescribed, known)
                click.echo(found.to(plan))
