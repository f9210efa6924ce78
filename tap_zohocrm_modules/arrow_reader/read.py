"""Opens a reader: settings, one run of its own, what is asked for, and its batches."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tap_zohocrm_modules.arrow_reader.columns import OneSchema, chosen
from tap_zohocrm_modules.arrow_reader.find import find
from tap_zohocrm_modules.arrow_reader.reader import ArrowReader
from tap_zohocrm_modules.arrow_reader.sources import Readable
from tap_zohocrm_modules.arrow_reader.threads import OwnThreads
from tap_zohocrm_modules.config.batch import BatchConfig
from tap_zohocrm_modules.config.parsing import SettingsError, check_names
from tap_zohocrm_modules.config.setting import INSTANT
from tap_zohocrm_modules.config.settings import Settings, settings_schema
from tap_zohocrm_modules.config.sources import ENVIRONMENT, read_config
from tap_zohocrm_modules.sync.rows.deleted import DELETED_RECORDS
from tap_zohocrm_modules.sync.run import Run, Schedule
from tap_zohocrm_modules.sync.run_options import RunOptions
from tap_zohocrm_modules.sync.state_part import TOLERANCE
from tap_zohocrm_modules.zoho.records.records import Records, Rows
from tap_zohocrm_modules.zoho.transport.instants import rfc3339

logger = logging.getLogger(__name__)

CUTOFF, STREAM = "cutoff", "stream"
"""Keys of the schema's metadata."""

_PREFIX = "TAP_ZOHOCRM_MODULES_"


@dataclasses.dataclass(frozen=True, slots=True)
class ReadProgress:
    """How far a read has come."""

    rows: int  # that have been read
    expected: int | None  # how many there are; None while that is not known
    credits: int  # that the read has cost so far


def open_reader(  # noqa: PLR0913 - each by its name
    stream: str,
    *,
    fields: Sequence[str] | None,
    since: datetime | date | str | None,
    config: Mapping[str, Any] | None,
    progress: Callable[[ReadProgress], object] | None,
    options: RunOptions | None = None,
) -> ArrowReader:
    """Return a reader; see `tap_zohocrm_modules.read`. `options` are for tests."""
    if not isinstance(stream, str):
        raise SettingsError([f"read() is asked for {stream!r}, which must be the name of a stream"])
    if progress is not None and not callable(progress):
        raise SettingsError([f"progress is {progress!r}, which must be a function"])
    settings = _settings(config, stream)
    begin = None if since is None else _instant(since)
    options, threads = options or RunOptions(), OwnThreads()
    with contextlib.ExitStack() as opened:
        run = Run(
            dataclasses.replace(settings, lookback=0.0),
            dataclasses.replace(options, machine=threads.on(options.machine)),
            chosen=frozenset({stream}),
            shows_progress=False,
        )
        run.schedule(Schedule(endpoints=[stream] if stream in run.endpoints else []))
        # Last things first.
        opened.callback(threads.join)
        opened.callback(run.close)
        opened.callback(threads.stop)
        readable = find(run, stream)
        columns = chosen(readable.name, readable.columns, fields, readable.keys)
        about = {STREAM: readable.name}
        if readable.time is not None:
            # Before the first row is read: what changes from then on is the next read's.
            about[CUTOFF] = rfc3339(run.cutoff - timedelta(seconds=settings.lookback))
        elif begin is not None:
            raise SettingsError(
                [f"since: Zoho does not say when rows of {stream} change: read it without since"]
            )
        if begin is not None and begin > run.cutoff + TOLERANCE:
            problem = (
                f"since is {rfc3339(begin)}, which is later than this read's cutoff"
                f" {rfc3339(run.cutoff)}: changes in between would never be read; check the clocks"
            )
            raise SettingsError([problem])
        schema = OneSchema(readable.name, columns, about)
        batches = _batches(readable, schema, readable.rows(columns, begin), progress)
        return ArrowReader(schema.schema, batches, opened.pop_all().close)
    raise AssertionError  # for type checkers: nothing above is suppressed


def _batches(
    readable: Readable,
    schema: OneSchema,
    parts: Any,
    progress: Callable[[ReadProgress], object] | None,
) -> Generator[Any, None, None]:
    rows = 0
    with contextlib.closing(parts):
        for some in _blocks(parts, readable.run.limits.batch_rows):
            rows += len(some)
            yield schema.batch(some)
            if progress is not None:
                spent = readable.run.client.credits.spent
                progress(ReadProgress(rows, readable.expected, spent))


def _blocks(parts: Iterable[Records], least: int) -> Generator[Records, None, None]:
    """Yield tables as they come, and other rows `least` at a time: few make a slow block."""
    pending = Rows()
    for some in parts:
        is_table = some.arrow is not None
        if not is_table:
            pending += some
            if len(pending) < least:
                continue
        if pending:
            yield pending
            pending = Rows()
        if is_table:
            yield some
    if pending:
        yield pending


def _settings(config: Mapping[str, Any] | None, stream: str) -> Settings:
    """Return the settings of a call, or those of the environment where it has no `config`.

    What only messages have is of no effect: batches, tombstones, versions, sweeps.
    """
    schema = settings_schema()
    if config is not None and not isinstance(config, Mapping):
        raise SettingsError(["config must be a mapping of settings by their names"])
    given = read_config([ENVIRONMENT], schema, _PREFIX) if config is None else config
    given = {key: value for key, value in given.items() if value not in ("", None)}
    errors, warnings = check_names(given, schema["properties"])
    for warning in warnings:
        logger.warning(warning)
    if errors:
        raise SettingsError(errors)
    settings = dataclasses.replace(
        Settings.parse(given),
        batch_config=BatchConfig("arrow"),
        emit_tombstones=False,
        emit_activate_version_messages=False,
        child_sweep_days=None,
        delete_sweep_days=None,
        refresh_days=None,
    )
    if stream != DELETED_RECORDS:
        # What is read is named.
        settings = dataclasses.replace(settings, record_modules=("*",))
    return settings


def _instant(since: datetime | date | str) -> datetime:
    try:
        return INSTANT.parse(since.isoformat() if isinstance(since, date) else since)
    except ValueError as error:
        raise SettingsError([f"since is {since!r}, which {error}"]) from error
