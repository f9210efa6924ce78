"""Which command of the command line does what, as the SDK asks a tap's class."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping, Sequence
from typing import IO, Any

import click
from singer_sdk import Stream
from singer_sdk.cli import plugin_cli
from singer_sdk.tap_base import CliTestOptionValue
from typing_extensions import Self, override

from tap_zohocrm_modules.catalog_input import noted_fields, read_catalog, read_state
from tap_zohocrm_modules.cli import ZohoCommand, check_log_level, set_up_log
from tap_zohocrm_modules.commands import (
    check,
    discover,
    plan_streams,
    probe_account,
    set_up_account,
)
from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.config.settings import Settings
from tap_zohocrm_modules.config.sources import read_config
from tap_zohocrm_modules.options import asks_to_verify
from tap_zohocrm_modules.streams.sdk import SdkTap
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.run_options import RunOptions


class CommandLineTap(SdkTap, abc.ABC):
    """A tap that each command makes with options of its own. To be closed."""

    settings: Settings
    options = RunOptions()

    def __init__(self, *, options: RunOptions | None = None, **parts: Any) -> None:
        """Make a tap.

        Args:
            options: How it works, beside the settings; None for the class's own.
            **parts: What the SDK takes: `config`, `catalog`, `state` and so on.
        """
        if options is not None:
            self.options = options
        catalog = parts.get("catalog")
        # The SDK keeps no more of a catalog than it knows itself.
        self.noted = noted_fields(catalog["streams"]) if isinstance(catalog, Mapping) else {}
        super().__init__(**parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.this_run.close()

    @property
    @abc.abstractmethod
    def this_run(self) -> Run:
        """What the streams have in common."""

    @property
    @abc.abstractmethod
    def undescribed(self) -> Mapping[str, Exception]:
        """Why modules that are chosen have no stream."""

    @abc.abstractmethod
    def described_streams(self) -> tuple[Sequence[Stream], Mapping[str, Exception]]:
        """Return the streams, in the order of their emission, and why chosen ones are not there."""

    @abc.abstractmethod
    def run(self) -> None:
        """Read all chosen streams; an error says what is not whole."""

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
        return ZohoCommand.from_click(super().get_singer_command(), cls.logger)

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
            discover(cls._opened, ctx.params["config"].config, cls.options)
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
        check(cls._opened, ctx.params["config"].config, cls.options)
        ctx.exit()

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
            environment = cls.variable_prefix(), cls.config_jsonschema
            set_up_account(cls._opened, config.config, cls.options, selection, *environment)
            return
        if probe is not None:
            probe_account(cls._opened, config.config, cls.options, probe)
            return
        is_verify = asks_to_verify(verify, plan)
        entries = (selection or {}).get("streams", ())
        options = dataclasses.replace(
            cls.options,
            # Without a catalog none of them is chosen, and describing them takes many calls.
            describes_records=False,
            known_fields=noted_fields(entries) if plan is not None else None,
            writes_state=not is_verify,
        )
        with cls._opened(config.config, options, state=read_state(state), catalog=selection) as tap:
            if is_verify:
                from tap_zohocrm_modules.verify.command import verify_streams  # noqa: PLC0415

                chosen = [entry["tap_stream_id"] for entry in entries]
                verify_streams(tap.this_run, tap.described_streams, chosen, **verify)
            elif plan is not None:
                plan_streams(tap, plan)
            else:
                tap.setup_mapper()
                tap.run()

    @classmethod
    def _opened(cls, config: Mapping[str, Any], options: RunOptions, **parts: Any) -> Self:
        return cls(config=dict(config), options=options, setup_mapper=False, **parts)
