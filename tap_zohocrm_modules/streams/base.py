"""What every stream shares: conforming records, and failures that do not spread."""

from __future__ import annotations

import abc
import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from singer_sdk import Stream, Tap
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.helpers.types import Context
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, Catalog, Metadata
from typing_extensions import override

from tap_zohocrm_modules.streams.normalize import (
    ADDITIONAL_PROPERTIES,
    RowNormalizer,
    TypeMismatchError,
)
from tap_zohocrm_modules.sync.progress import Progress
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    RunEndError,
    UnreadableAnswerError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.texts import one_line

_SECONDS = "2025-04-24T17:32:20"


class ZohoStream(Stream, abc.ABC):
    """A stream of rows that Zoho returns; subclasses say which."""

    # The RowNormalizer has done it already, and exactly.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    def __init__(self, tap: Tap, run: Run, *, name: str, schema: Mapping[str, Any]) -> None:
        super().__init__(tap, name=name, schema=dict(schema))
        self.run = run
        self._unusable: ZohoError | None = None

    @abc.abstractmethod
    def rows(self) -> Iterable[Mapping[str, Any]]:
        """Yield the rows as Zoho gives them.

        Raises:
            ZohoError: they cannot be had.
        """

    def arrange(self, records: Iterator[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        """Return the conforming records in the order of emission, which is the same every run."""
        return records

    @override
    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """Return none: the SDK's encoders pass over selection, types and stream maps."""

    @override
    def apply_catalog(self, catalog: Catalog) -> None:
        super().apply_catalog(catalog)
        self.settle_replication()

    def settle_replication(self) -> None:
        """Make of the catalog's replication what can be done, or keep why it cannot be."""
        key = self.replication_key
        if key is None and self.replication_method == REPLICATION_FULL_TABLE:
            return
        column = self.schema["properties"].get(key, {})
        if column.get("format") != "date-time":
            self._unusable = ZohoError(
                f"replication-key {key!r} is no time that this stream's rows tell: choose another"
                " one in the catalog, or FULL_TABLE."
            )
            self.replication_key, self.forced_replication_method = None, REPLICATION_FULL_TABLE
        else:
            self.metadata[("properties", str(key))].inclusion = Metadata.InclusionType.AUTOMATIC
            self._mask = self.metadata.resolve_selection()

    # The SDK would activate a table's new version before its rows are there, and so empty the
    # target's table even when the read then fails.
    @property
    @override
    def emit_activate_version_messages(self) -> bool:
        return False

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> str | None:
        """Return the run's cut by the server's clock: rows changed after it belong to the next."""
        if not self.replication_key:
            return None
        try:
            return rfc3339(self.run.cut)
        except ZohoError:
            # get_records() meets the same failure, and reports it.
            lag = timedelta(seconds=self.run.settings.cutoff_lag)
            return rfc3339(datetime.now(timezone.utc) - lag)

    @override
    def get_records(self, context: Context | None) -> Iterator[dict[str, Any]]:
        report = self.run.report
        if report.stopped:
            return
        if self._unusable is not None:
            self.tell_failure(self._unusable)
            return
        version = self._begin_version()
        try:
            yield from self.emitted(context)
        except RunEndError as error:
            report.stop(error)
            self._keep_bookmark()
            return
        except TypeMismatchError as error:
            self.tell_failure(UnreadableAnswerError(f"Zoho answered with {error}. {REPORT}"))
            self._keep_bookmark()
            return
        except ZohoError as error:
            self.tell_failure(error)
            self._keep_bookmark()
            return
        if version is not None:
            self._write_activate_version_message(version)
        report.complete()

    def tell_failure(self, error: ZohoError) -> None:
        """Let the run's end say that the stream is not whole."""
        self.run.report.failed(self.name, error)

    def emitted(self, context: Context | None) -> Iterator[dict[str, Any]]:
        """Yield the records to be emitted, as the schema has them.

        Raises:
            ZohoError: they cannot be had whole.
            TypeMismatchError: one of them lacks its key.
        """
        start = self._start(context) if self.replication_key else None
        conformer = RowNormalizer(self.schema, self.primary_keys)
        progress = Progress(self.name, self.run.client.credits)
        try:
            for record in self.arrange(map(conformer, self.rows())):
                if start is None or self._is_new(record, rfc3339(start)):
                    yield self._within_catalog(record)
                    progress.add(1)
        finally:
            progress.end()
            self._tell_of(conformer.misplaced)

    def _start(self, context: Context | None) -> datetime | None:
        try:
            return self.get_starting_timestamp(context)
        except (TypeError, ValueError) as error:
            raise ZohoError(
                "its bookmark in the state is no date-time: correct it, or run without state."
            ) from error

    def _is_new(self, record: Mapping[str, Any], start: str) -> bool:
        """Whether a row was changed since `start`; one that does not tell its time counts as so."""
        changed = record.get(str(self.replication_key))
        # Both are UTC, and seconds are all that Zoho gives.
        return changed is None or changed[: len(_SECONDS)] >= start[: len(_SECONDS)]

    @override
    def _increment_stream_state(
        self, latest_record: dict[str, Any], *, context: Context | None = None
    ) -> None:
        # A row without a time moves no bookmark; the SDK would warn of each.
        if latest_record.get(str(self.replication_key)) is not None:
            super()._increment_stream_state(latest_record, context=context)

    def _keep_bookmark(self) -> None:
        """Leave the last run's bookmark as it was, since the rows up to a new one are not whole."""
        self.get_context_state(None).pop("progress_markers", None)

    @override
    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        # What the SDK calls an error here, the command line tells in full when it ends the run.
        super().log(message, *args, level=min(level, logging.INFO), **kwargs)

    @property
    def makes_version(self) -> bool:
        """Whether what the run gives takes the place of all that the target has."""
        asked = self.run.settings.emit_activate_version_messages
        return asked and self.replication_method == REPLICATION_FULL_TABLE

    def _begin_version(self) -> int | None:
        if self.makes_version:
            self._stream_version = self._initialized_at // 1000
        return self._stream_version

    def _within_catalog(self, record: dict[str, Any]) -> dict[str, Any]:
        """Move values to `additional_properties` whose columns the catalog does not know yet."""
        known = self.effective_schema["properties"]
        if known.keys() >= record.keys():
            return record
        newer = {name: value for name, value in record.items() if name not in known}
        kept = {name: value for name, value in record.items() if name in known}
        told = {name: value for name, value in newer.items() if value is not None}
        if told and ADDITIONAL_PROPERTIES in known:
            kept[ADDITIONAL_PROPERTIES] = {**told, **(kept[ADDITIONAL_PROPERTIES] or {})}
        return kept

    def _tell_of(self, misplaced: set[str]) -> None:
        if misplaced:
            self.logger.warning(
                "Stream %s: not as the schema says, and so kept in %s: %s.",
                self.name,
                ADDITIONAL_PROPERTIES,
                ", ".join(map(one_line, sorted(misplaced))),
            )
