"""The only room that touches what singer_sdk keeps to itself: names with an underscore.

A new release of the SDK is checked here, and nowhere else.
"""

from __future__ import annotations

import abc
import contextlib
import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime, timezone
from types import FrameType
from typing import TYPE_CHECKING, Any, cast

from singer_sdk import Stream, Tap
from singer_sdk.exceptions import SyncLifecycleSignal
from singer_sdk.helpers.types import Context
from singer_sdk.singerlib import Message, RecordMessage, SchemaMessage
from singer_sdk.streams._state import StreamStateManager
from typing_extensions import override

from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.streams.messages import BatchMessage, MessageWriter
from tap_zohocrm_modules.streams.record_lines import LineWriter, RecordLines, are_as_read
from tap_zohocrm_modules.streams.stream_maps import mapped
from tap_zohocrm_modules.zoho.records.records import Records, Rows, Shape

if TYPE_CHECKING:
    # Needs the extra `arrow`.
    from tap_zohocrm_modules.streams.batch.writer import BatchWriter


class SdkTap(Tap, abc.ABC):
    """A tap that checks its own settings, and says itself what a signal does."""

    @abc.abstractmethod
    def typed_settings(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the settings in the types of their JSON Schema; SettingsError: one is wrong."""

    @abc.abstractmethod
    def handle_signal(self, signum: int) -> None:
        """End the program, after STATE has been written."""

    @classmethod
    def variable_prefix(cls) -> str:
        """Return what the names of the environment variables for settings begin with."""
        return str(cls._env_var_prefix)

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        config = {key: value for key, value in self._config.items() if value not in ("", None)}
        self._config = dict(self.typed_settings(config))
        if problems := super()._validate_config(raise_errors=False):
            raise SettingsError(problems)
        return []

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        self.handle_signal(signum)

    def write_state_and_exit(self, signum: int) -> None:
        """Write STATE and raise `SystemExit`, as the SDK does; nothing is written after it."""
        for stream in self.streams.values():
            if isinstance(stream, SdkStream):
                stream.abandon_batches()
        self._forget_last_state()
        super()._handle_termination(signum, None)

    def write_last_state(self) -> None:
        """Write STATE, though it may be the same as the last: nothing follows it."""
        self._forget_last_state()
        self._state_writer.write_state(self.state)

    def _forget_last_state(self) -> None:
        # The writer skips what equals its last message, whatever came in between.
        self._state_writer._last_emitted_state = None  # noqa: SLF001


class _OwnState(StreamStateManager):
    """Leaves the stream's part of STATE to the stream, which knows what is complete."""

    @override
    def write_starting_replication_value(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""

    @override
    def write_replication_key_signpost(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""

    @override
    def finalize_state(self, state: dict[str, Any] | None = None) -> None:
        self.is_flushed = False


class SdkStream(Stream, abc.ABC):
    """A stream that sets its own part of STATE, its table version and its messages."""

    shape: Shape | None = None
    """The columns that records are emitted with; None where the SDK takes columns out of them."""
    _batches: BatchWriter | None = None
    _next_state = Stream.STATE_MSG_FREQUENCY

    @property
    @override
    def state_manager(self) -> StreamStateManager:
        if self._state_manager is None:
            self._state_manager = _OwnState(
                tap_name=self.tap_name, stream_name=self.name, tap_state=self._tap_state
            )
        return self._state_manager

    @override
    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        # That a stream begins, its one line says at its end; what the SDK calls an error here, the
        # command line says in full when it ends the run.
        is_warning = level == logging.WARNING
        super().log(message, *args, level=level if is_warning else logging.DEBUG, **kwargs)

    @property
    def whole_state(self) -> dict[str, Any]:
        """STATE as a whole, which streams change in place."""
        return cast("dict[str, Any]", self.tap_state)

    def state_changed(self) -> None:
        """Note that the stream's part of STATE is not written yet."""
        self.state_manager.is_flushed = False

    def write_changed_state(self) -> None:
        """Write STATE, of which the stream has changed its part."""
        self.state_changed()
        self.write_state()

    def write_state(self) -> None:
        """Write STATE, if the stream has changed it or has written records since."""
        self._write_state_message()

    @override
    def _increment_stream_state(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: a record says nothing of those that are still to come."""

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return none: the stream sets its own bookmark."""

    @property
    @override
    def emit_activate_version_messages(self) -> bool:
        # It would come before the rows, and a failure would empty tables: the stream sends it.
        return False

    def begin_version(self, version: int) -> None:
        """Give the records from now on this version of their table."""
        self._stream_version = version

    def activate_version(self) -> None:
        """Let the new version take the table's place, if the records have one."""
        if self._stream_version is not None:
            self._write_activate_version_message(self._stream_version)

    def select_always(self, column: str) -> None:
        """Select a column, whatever the catalog says."""
        self.metadata[("properties", column)].inclusion = "automatic"  # type: ignore[assignment]
        self._mask = self.metadata.resolve_selection()

    @abc.abstractmethod
    def survive(self, error: Exception) -> None:
        """Report an error that ended the reading of this stream; raise it to end the run."""

    @override
    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Read the stream; whatever fails while it is read fails this stream only.

        Its metric says `failed`, since the exception passes the SDK's timer.
        """
        try:
            with self.open_batches() as self._batches:
                if self._batches is not None:
                    self._sync_parts(self._batches.add)
                elif write_messages and (write := self._line_writer()) is not None:
                    self._sync_parts(write)
                else:
                    yield from super()._sync_records(context, write_messages=write_messages)
        except SyncLifecycleSignal:
            raise
        except Exception as error:  # noqa: BLE001 - reported, and fails the run at its end
            self.survive(error)

    @abc.abstractmethod
    def open_batches(
        self, columns: Mapping[str, Any] | None = None
    ) -> contextlib.AbstractContextManager[BatchWriter | None]:
        """Return what writes rows to files, of the usual or other columns; None for messages."""

    @abc.abstractmethod
    def parts(self) -> Generator[Records]:
        """Yield the records in the order of emission; ZohoError: they cannot be read whole."""

    def _line_writer(self) -> Callable[[Records], None] | None:
        """Return what writes many RECORD messages at once; None where the SDK has to make each."""
        writer = self._tap.message_writer
        shape = self.shape if are_as_read(self.stream_maps) else None
        if shape is None or not isinstance(writer, MessageWriter):
            return None
        lines = RecordLines(self.name, shape)
        return LineWriter(lines, writer, lambda: self._stream_version, self._wrote).write

    def _wrote(self, rows: int) -> None:
        """Write STATE as often as the SDK does, after so many rows in all."""
        self.state_changed()
        if rows >= self._next_state:
            self._next_state += self.STATE_MSG_FREQUENCY
            self.write_state()

    def _sync_parts(self, write: Callable[[Records], None]) -> None:
        """Write the records, some at a time, and STATE."""
        with (
            self.get_record_counter() as counter,
            self.get_sync_timer(),
            contextlib.closing(self.parts()) as parts,
            contextlib.ExitStack() as at_last,
        ):
            # What was read before an error is emitted, as RECORD messages would be.
            at_last.callback(self.announce_batches)
            for part in parts:
                rows = self.as_emitted(part) if self.shape is None else part
                write(rows)
                counter.increment(len(rows))
        self.state_manager.finalize_state()
        self.write_state()

    def as_emitted(self, records: Sequence[dict[str, Any]]) -> Rows:
        """Return the rows that RECORD messages of these records have."""
        return Rows(m.record for one in records for m in self._generate_record_messages(one))

    def announce_batches(self) -> None:
        """Name the rows that are in files in a BATCH message: STATE may cover them from now on."""
        if self._batches is None:
            return
        with self._batches.announcing() as manifest:
            if manifest:
                self._tap.write_message(
                    BatchMessage(self.name, self._batches.format, manifest, self._stream_version)
                )
                self.state_changed()

    def abandon_batches(self) -> None:
        """Leave the rows that are in no message to the next run."""
        if self._batches is not None:
            self._batches.abandon()

    def may_write_state(self) -> bool:
        """Whether every row so far is in a message, which full files get one for."""
        if self._batches is not None and self._batches.is_full:
            self.announce_batches()
        return self._batches is None or not self._batches.rows

    @property
    def sent_columns(self) -> Mapping[str, Any]:
        """The columns of the SCHEMA message, each with its JSON Schema."""
        columns: Mapping[str, Any] = self.schema_message.schema["properties"]
        return columns

    @property
    def schema_message(self) -> SchemaMessage:
        """The SCHEMA message of the stream's one table."""
        [message] = self._generate_schema_messages()
        return message

    def write_message(self, message: Message) -> None:
        """Write a message."""
        self._tap.write_message(message)

    @override
    def _generate_record_messages(
        self, record: dict[str, Any]
    ) -> Generator[RecordMessage, None, None]:
        """Yield the record as it is where its columns are the chosen ones.

        The SDK would look for columns to take out of it, and types to convert, once more.
        """
        if self.shape is None:
            yield from super()._generate_record_messages(record)
            return
        extracted = datetime.now(timezone.utc)
        for stream_map in self.stream_maps:
            if (row := mapped(stream_map, record)) is not None:
                yield RecordMessage(
                    stream=stream_map.stream_alias,
                    record=row,
                    version=self._stream_version,
                    time_extracted=extracted,
                )
