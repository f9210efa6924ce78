"""What `--test`, `--set-up` and `--probe` do with a tap that reads no stream."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import click
from singer_sdk.singerlib import Catalog

from tap_zohocrm_modules.access_check import QUICK, QUICK_SESSION, QUICK_TIMEOUT, check_access
from tap_zohocrm_modules.catalog_input import chosen_streams
from tap_zohocrm_modules.config.settings import Settings
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.transport.connection import TimeLimits
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy


class Account(Protocol):
    """A tap as these commands use it, while it is open."""

    retry_policy: RetryPolicy
    call_seconds: float | None
    settings: Settings

    @property
    def this_run(self) -> Run:
        """What the streams would have in common."""
        ...

    def setup_mapper(self) -> None:
        """Have the streams made."""
        ...


Open: TypeAlias = Callable[[Mapping[str, Any]], contextlib.AbstractContextManager[Account]]
"""Opens the tap with a configuration."""


def check(opened: Open, config: Mapping[str, Any]) -> None:
    """Say in seconds what works; ZohoError: the first thing that does not."""
    # Access does not depend on which modules' records are wanted, and a token of the cache would
    # hide a client or a refresh token that are no good any more.
    config = {**config, "record_modules": [], "token_cache": False}
    with opened(config) as tap:
        # Before the mapper asks for streams, which take these as they then are.
        tap.retry_policy = QUICK
        tap.call_seconds = QUICK_SESSION
        timeout = min(tap.settings.request_timeout, QUICK_TIMEOUT)
        tap.settings = dataclasses.replace(tap.settings, request_timeout=timeout)
        tap.setup_mapper()
        for line in check_access(tap.this_run.client):
            click.echo(line)


def set_up_account(
    opened: Open,
    config: Mapping[str, Any],
    selection: dict[str, Any] | None,
    prefix: str,
    schema: Mapping[str, Any],
) -> None:
    """Fill in `.env` and check it; `prefix` and `schema` are those of the tap's settings."""
    from tap_zohocrm_modules.set_up.flow import Known, SetUp, environment  # noqa: PLC0415 - rare
    from tap_zohocrm_modules.set_up.questions import questions  # noqa: PLC0415 - rare

    streams = selection and frozenset(chosen_streams(Catalog.from_dict(selection)))
    config = {**environment(schema, prefix), **config}
    times = TimeLimits(QUICK_TIMEOUT, QUICK_SESSION)
    known = Known.parse(config)
    set_up = SetUp(questions(prefix), prefix, known, QUICK, times, streams or None)
    values = set_up.run(Path.cwd() / ".env", click.echo)
    check(opened, {**config, **values})


def probe_account(opened: Open, config: dict[str, Any], form: str) -> None:
    """Say which assumptions hold; exit code 1 if one does not that the tap relies on."""
    from tap_zohocrm_modules.probe.report import as_json, as_table  # noqa: PLC0415 - rare
    from tap_zohocrm_modules.probe.run import probe  # noqa: PLC0415 - rare

    with opened(config) as tap:
        found, spent = probe(tap.settings, tap.retry_policy)
    click.echo(as_json(found) if form == "json" else as_table(found, spent))
    if any(one.is_failure for one in found):
        sys.exit(1)
