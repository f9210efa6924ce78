"""What every stream shares: normalized records, bookmarks, and failures that do not spread."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import functools
import itertools
from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from singer_sdk import Tap
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.helpers.types import Context
from singer_sdk.singerlib import RecordMessage
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, Catalog
from typing_extensions import override

from tap_zohocrm_modules.streams.messages import OutputError
from tap_zohocrm_modules.streams.sdk import SdkStream
from tap_zohocrm_modules.streams.stream_maps import map_problem, mapped_stream
from tap_zohocrm_modules.sync.report import SUCCEEDED
from tap_zohocrm_modules.sync.rows.normalize import RowNormalizer, warn_of_extras
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import VERSION, StreamState
from tap_zohocrm_modules.sync.state_part import StatePart, keep_version, last_version
from tap_zohocrm_modules.zoho.records.conversions import TypeMismatchError
from tap_zohocrm_modules.zoho.records.field_types import DATE_TIME
from tap_zohocrm_modules.zoho.records.model import ADDITIONAL_PROPERTIES, DELETED_AT
from tap_zohocrm_modules.zoho.records.records import Records, Rows
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    RunEndError,
    UnreadableAnswerError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.instants import parse
from tap_zohocrm_modules.zoho.transport.texts import one_line

if TYPE_CHECKING:
    from tap_zohocrm_modules.streams.batch.writer import BatchWriter


class RunStoppedError(Exception):
    """No further call can succeed, or may be made: the streams that follow are not read."""


class ZohoStream(SdkStream, abc.ABC):
    """A stream of what Zoho returns; subclasses say what that is."""

    # It has been done already, and exactly.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    def __init__(self, tap: Tap, run: Run, *, name: str, schema: Mapping[str, Any]) -> None:
        super().__init__(tap, name=name, schema=dict(schema))
        self.run = run
        self._began = tap.initialized_at // 1000
        self._unusable: ZohoError | None = None

    @functools.cached_property
    def new_version(self) -> int:
        """The version that a table gets which begins in this run; greater than the one it has."""
        # Two runs may begin within a second, and clocks are set back.
        return max(self._began, last_version(self.whole_state, self.name) + 1)

    @override
    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """Return none: the SDK's encoders skip selection, types and our STATE."""

    @override
    def apply_catalog(self, catalog: Catalog) -> None:
        super().apply_catalog(catalog)
        self.settle_replication()

    def settle_replication(self) -> None:
        """Make of the catalog's replication what can be done, or keep why it cannot be."""
        key = self.replication_key
        if key is None and self.is_full_table:
            return
        column = self.schema["properties"].get(key, {})
        if column.get("format") != "date-time":
            self._unusable = ZohoError(
                f"replication-key {key!r} is not a date-time of this stream's rows: choose another"
                " one in the catalog, or FULL_TABLE."
            )
            self.replication_key, self.forced_replication_method = None, REPLICATION_FULL_TABLE
        else:
            self.select_always(str(key))

    @override
    def get_records(self, context: Context | None) -> Iterator[dict[str, Any]]:
        records = itertools.chain.from_iterable(self.parts())
        return records if self.shape is None else map(self.shape.apply, records)

    @override
    def generate_child_contexts(self, record: object, context: Context | None) -> tuple[()]:
        # Without children the SDK need not ask the filters of stream maps, in which comparisons
        # fail for a tombstone, which has no values.
        return ()

    @override
    def parts(self) -> Generator[Records]:
        # Its time begins.
        self.run.report.outcome(self.name)
        if self._unusable is not None:
            raise self._unusable
        if self.makes_version:
            self.begin_version(self.new_version)
        yield from self.emitted_parts()
        self.announce_batches()
        if self.makes_version:
            self.activate_version()
            self.keep_version()
        self.run.report.outcome(self.name).end(SUCCEEDED)

    def keep_version(self) -> None:
        """Have STATE know the version that the table has got."""
        keep_version(self.whole_state, self.name, self.new_version)

    @abc.abstractmethod
    def emitted_parts(self) -> Iterator[Records]:
        """Yield the records to be emitted as the schema has them, some at a time.

        Raises:
            ZohoError: they cannot be read whole.
            TypeMismatchError: one of them lacks its key.
        """

    @override
    @contextlib.contextmanager
    def open_batches(
        self, columns: Mapping[str, Any] | None = None
    ) -> Iterator[BatchWriter | None]:
        config = self.run.settings.batch_config
        if config is None:
            yield None
            return
        from tap_zohocrm_modules.streams.batch.writer import open_batches  # noqa: PLC0415 - extra

        with open_batches(config, self.name, columns or self.sent_columns) as batches:
            yield batches

    def write_rows(self, parts: Iterable[Records], *, deletes: bool = False) -> None:
        """Write the SCHEMA and rows as they are emitted, and no STATE.

        Args:
            parts: The rows, some at a time.
            deletes: Some of them say that their row is gone, for which the SCHEMA has a column.
        """
        message = self.schema_message
        columns = dict(message.schema["properties"])
        if deletes:
            columns.setdefault(DELETED_AT, DATE_TIME.schema)
        schema = {**message.schema, "properties": columns}
        self.write_message(dataclasses.replace(message, schema=schema))
        with self.open_batches(columns) as self._batches:
            for rows in parts:
                if self._batches is not None:
                    self._batches.add(rows)
                    continue
                now = datetime.now(timezone.utc)
                for row in rows:
                    self.write_message(RecordMessage(message.stream, row, time_extracted=now))
            self.announce_batches()

    @override
    def survive(self, error: Exception) -> None:
        if isinstance(error, OutputError):
            raise error
        if isinstance(error, RunEndError):
            self.run.report.stop(self.name, error)
            self.write_state()
            raise RunStoppedError from error
        if isinstance(error, TypeMismatchError):
            error = UnreadableAnswerError(f"Zoho answered with {error}. {REPORT}")
        elif mapped_stream(error) is not None:
            error = ZohoError(map_problem(self.name, error))
        elif not isinstance(error, ZohoError):
            self.logger.debug("Stream %s: a defect of the tap.", self.name, exc_info=error)
            kind = type(error).__name__
            error = ZohoError(
                f"{kind}: {one_line(str(error))}. This is a defect of the tap: run it again with"
                " LOGLEVEL=DEBUG and report the traceback."
            )
        self.report_failure(error)

    def report_failure(self, error: ZohoError) -> None:
        """Let the run's end say that the stream is not whole."""
        self.run.report.failed(self.name, error)

    @property
    def is_full_table(self) -> bool:
        """Whether every row is read in each run."""
        return bool(self.replication_method == REPLICATION_FULL_TABLE)

    @property
    def makes_version(self) -> bool:
        """Whether what the run emits takes the place of all that the target has."""
        return self.run.settings.emit_activate_version_messages and self.is_full_table

    def warn_of(self, extras: set[str]) -> None:
        """Say which columns' values are kept in `additional_properties`, and why."""
        warn_of_extras(self.name, extras, self.logger)


class RowStream(ZohoStream):
    """A stream of rows that are brought into the schema one by one."""

    @abc.abstractmethod
    def rows(self) -> Iterable[Mapping[str, Any]]:
        """Yield the rows as Zoho returns them; ZohoError: they cannot be read."""

    def arrange(self, records: Iterator[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        """Return the normalized records in the order of emission, which is the same every run."""
        return records

    @override
    def emitted_parts(self) -> Iterator[Records]:
        key = None if self.is_full_table else self.replication_key
        part = StatePart(self.whole_state, self.name, StreamState, self.run.environment)
        bookmark = None if key is None else part.bookmark(part.read(), key, lambda: self.run.cutoff)
        # A later start_date skips nothing: the bookmark would pass what it left out.
        start = bookmark or self.run.settings.start_date
        newest = bookmark
        normalizer = RowNormalizer(self.schema, self.primary_keys)
        outcome = self.run.report.outcome(self.name)
        with self.run.progress.stream(self.name) as progress:
            try:
                for record in progress.awaited(self.arrange(map(normalizer, self.rows()))):
                    time = None if key is None else record.get(key)
                    changed = None if time is None else parse(str(time))
                    if start is None or changed is None or changed >= start:
                        yield Rows([self._within_catalog(record)])
                        outcome.emitted(1)
                        progress.add(1)
                        newest = max(filter(None, (newest, changed)), default=None)
            finally:
                self.warn_of(normalizer.extras)
        self.announce_batches()
        if newest is not None:
            # Rows changed after the cutoff belong to the next run, too.
            until = min(newest, max(self.run.cutoff, bookmark or self.run.cutoff))
            part.write(
                StreamState(version=VERSION, replication_key=key, replication_key_value=until)
            )

    def rows_as_emitted(self) -> Iterator[dict[str, Any]]:
        """Yield all rows as their RECORD messages have them, whatever has been emitted before.

        Raises:
            ZohoError: they cannot be read whole.
            TypeMismatchError: one of them lacks its key.
        """
        normalizer = RowNormalizer(self.schema, self.primary_keys)
        for record in self.arrange(map(normalizer, self.rows())):
            yield from self.as_emitted([self._within_catalog(record)])

    def _within_catalog(self, record: dict[str, Any]) -> dict[str, Any]:
        """Move values to `additional_properties` whose columns the catalog does not know yet."""
        known = self.effective_schema["properties"]
        if known.keys() >= record.keys():
            return record
        newer = {name: value for name, value in record.items() if name not in known}
        kept = {name: value for name, value in record.items() if name in known}
        filled = {name: value for name, value in newer.items() if value is not None}
        if filled and ADDITIONAL_PROPERTIES in known:
            kept[ADDITIONAL_PROPERTIES] = {**filled, **(kept[ADDITIONAL_PROPERTIES] or {})}
        return kept
