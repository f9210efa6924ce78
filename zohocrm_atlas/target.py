"""The Singer target: rows in, an atlas out when the input ends."""

from __future__ import annotations

import functools
import gc
import json
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, ClassVar

import click
from singer_sdk.cli import plugin_cli
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities
from singer_sdk.target_base import Target
from typing_extensions import override

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.beside import read_beside
from zohocrm_atlas.command import AtlasCommand, check_log_level
from zohocrm_atlas.errors import AtlasError, ChangesFoundError
from zohocrm_atlas.intake.people import hide_people
from zohocrm_atlas.intake.verified import read_report
from zohocrm_atlas.publish import accept as accept_changes
from zohocrm_atlas.publish import publish
from zohocrm_atlas.reader import AtlasReader

_ACCEPT = click.Option(
    ["--accept"],
    is_flag=True,
    help="Accept the changes that fail_on has failed for, and end; needs no input.",
)


class TargetZohoCRMAtlas(Target):
    """Turns the metadata streams of tap-zohocrm-modules into an atlas of the organisation: pages, models, changes."""  # noqa: E501 - `--about` shows it as it stands

    name = "target-zohocrm-atlas"
    package_name = "tap-zohocrm-modules"
    message_reader_class = AtlasReader
    # Without stream maps: the atlas knows the streams by the names and columns that the tap has.
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    config_jsonschema: ClassVar[dict[str, Any]] = read_beside(__file__, dict[str, Any])

    @classmethod
    @override
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Adds none of the SDK's settings, which are for writing to databases."""

    @plugin_cli
    @override
    def cli(cls) -> click.Command:  # noqa: N805 - the SDK's decorator makes it a class property
        """The command line."""
        check_log_level()
        return super().cli

    @classmethod
    @override
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:
        try:
            return super().cb_config(ctx, param, value)
        except (OSError, ValueError) as error:
            raise AtlasError(f"The configuration cannot be read: {error}") from error

    @classmethod
    @override
    def get_singer_command(cls) -> click.Command:
        command = super().get_singer_command()
        return AtlasCommand(
            name=command.name,
            callback=command.callback,
            context_settings=command.context_settings,
            help=command.help,
            params=[*command.params, _ACCEPT],
            logger=cls.logger,
        )

    @classmethod
    @override
    def invoke(cls, *, accept: bool = False, config: Any = None, **rest: Any) -> None:
        if not accept:
            super().invoke(config=config, **rest)
            return
        target = cls(config=config.config, parse_env_config=config.parse_env, validate_config=True)
        accept_changes(Path(target.config["output_path"]).expanduser(), target.logger)

    @override
    def process_endofpipe(self) -> None:
        reader = _reader(self)
        read_at = reader.extracted_at or datetime.now(tz=timezone.utc).isoformat()
        catalog, report = self.config.get("catalog"), self.config.get("verified")
        snapshot = reader.collector.snapshot(
            f"{read_at[:19]}Z", Path(catalog).expanduser() if catalog else None
        )
        # What was read stays to the end: a collection of garbage need not look through it again.
        gc.freeze()
        unwanted = publish(
            hide_people(snapshot) if self.config["people"] == "hide" else snapshot,
            Path(self.config["output_path"]).expanduser(),
            self.logger,
            fail_on=self.config.get("fail_on", ()),
            usage=reader.collector.usage,
            atlas_of=functools.partial(
                Atlas,
                loader=self.config["loader"],
                verified=read_report(Path(report).expanduser()) if report else None,
            ),
        )
        if reader.state is not None:
            sys.stdout.write(f"{json.dumps(reader.state)}\n")
            sys.stdout.flush()
        if unwanted:
            listed = "; ".join(str(change) for change in unwanted[:5])
            raise ChangesFoundError(
                f"The organisation has changed in {len(unwanted)}"
                f" {'place' if len(unwanted) == 1 else 'places'} that fail_on names: {listed}"
                f"{'; ...' if len(unwanted) > 5 else ''}. changes.html has all of them. Runs fail"  # noqa: PLR2004
                " until they are gone, or accepted: target-zohocrm-atlas --config ... --accept"
            )


def _reader(target: Target) -> AtlasReader:
    reader = target.message_reader
    if not isinstance(reader, AtlasReader):
        raise TypeError("the atlas needs its own reader of messages")
    return reader
