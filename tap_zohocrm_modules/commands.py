"""What the commands that read no stream do: `--discover`, `--test`, `--set-up`, `--probe`, ..."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import click
from singer_sdk import Stream
from singer_sdk.singerlib import Catalog

from tap_zohocrm_modules.access_check import check_access
from tap_zohocrm_modules.catalog_input import chosen_streams
from tap_zohocrm_modules.config.settings import Settings
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.run_options import RunOptions
from tap_zohocrm_modules.zoho.transport.connection import TimeLimits

_UNKNOWN_HOST_TIME = 10.0
"""Seconds for which discovery tries a host whose name leads nowhere."""


class Account(Protocol):
    """A tap as these commands use it, while it is open."""

    settings: Settings
    options: RunOptions

    @property
    def this_run(self) -> Run:
        """What the streams have in common."""
        ...

    @property
    def streams(self) -> dict[str, Stream]:
        """The streams by name."""
        ...

    @property
    def undescribed(self) -> Mapping[str, Exception]:
        """Why modules that are chosen have no stream."""
        ...

    def setup_mapper(self) -> None:
        """Have the streams made."""
        ...

    def run_discovery(self) -> str:
        """Write the catalog of all streams."""
        ...


Open: TypeAlias = Callable[
    [Mapping[str, Any], RunOptions], contextlib.AbstractContextManager[Account]
]
"""Opens the tap with a configuration, its streams not made yet."""


def discover(opened: Open, config: Mapping[str, Any], options: RunOptions) -> None:
    """Write the catalog; ZohoError: it would lack what is there."""
    policy = dataclasses.replace(options.policy, unknown_host_time=_UNKNOWN_HOST_TIME)
    with opened(config, dataclasses.replace(options, policy=policy, writes_state=False)) as tap:
        tap.run_discovery()


def check(opened: Open, config: Mapping[str, Any], options: RunOptions) -> None:
    """Say in seconds what works; ZohoError: the first thing that does not."""
    # Access does not depend on which modules' records are wanted, and a token of the cache would
    # hide a client or a refresh token that are no good any more.
    config = {**config, "record_modules": [], "token_cache": False}
    with opened(config, options.for_check()) as tap:
        tap.setup_mapper()
        for line in check_access(tap.this_run.client, tap.settings):
            click.echo(line)


def set_up_account(  # noqa: PLR0913, PLR0917 - what the tap's class knows
    opened: Open,
    config: Mapping[str, Any],
    options: RunOptions,
    selection: dict[str, Any] | None,
    prefix: str,
    schema: Mapping[str, Any],
) -> None:
    """Fill in `.env` and check it; `prefix` and `schema` are those of the tap's settings."""
    from tap_zohocrm_modules.set_up.flow import Known, SetUp, environment  # noqa: PLC0415 - rare
    from tap_zohocrm_modules.set_up.questions import questions  # noqa: PLC0415 - rare

    streams = selection and frozenset(chosen_streams(Catalog.from_dict(selection)))
    config = {**environment(schema, prefix), **config}
    known = Known.parse(config)
    quick = options.quick
    times = TimeLimits(quick.timeout, session=quick.session)
    how = quick.policy, times, options.machine
    set_up = SetUp(questions(prefix), prefix, known, *how, streams or None)
    values = set_up.run(Path.cwd() / ".env", click.echo)
    check(opened, {**config, **values}, options)


def probe_account(opened: Open, config: Mapping[str, Any], options: RunOptions, form: str) -> None:
    """Say which assumptions hold; exit code 1 if one does not that the tap relies on."""
    from tap_zohocrm_modules.probe.report import as_json, as_table  # noqa: PLC0415 - rare
    from tap_zohocrm_modules.probe.run import probe  # noqa: PLC0415 - rare

    with opened(config, options) as tap:
        found, spent = probe(tap.settings, options)
    click.echo(as_json(found) if form == "json" else as_table(found, spent))
    if any(one.is_failure for one in found):
        sys.exit(1)


def plan_streams(tap: Account, form: str) -> None:
    """Say what a run of the chosen streams would read and cost."""
    from tap_zohocrm_modules.plan.run_plan import plan_run  # noqa: PLC0415 - rare

    tap.setup_mapper()
    known = tap.options.known_fields or {}
    found = plan_run(tap.this_run, tap.streams.values(), tap.undescribed, known)
    click.echo(found.to(form))
