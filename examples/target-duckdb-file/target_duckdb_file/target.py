"""The target: its settings, the order of its messages, and how it ends."""

from __future__ import annotations

import logging
import sys
from types import FrameType
from typing import IO, Any, ClassVar

from singer_sdk import typing as th
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities
from singer_sdk.plugin_base import _ConfigInput
from singer_sdk.target_base import Target
from typing_extensions import override

from target_duckdb_file.file import FileTarget, brief
from target_duckdb_file.table import TableSink


class TargetDuckDBFile(FileTarget):
    """Keeps one DuckDB file equal to what a tap emits: a table a stream, rows merged by their keys."""  # noqa: E501 - `--about` shows it as it stands

    name = "target-duckdb-file"
    default_sink_class = TableSink
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property(
            "path",
            th.StringType,
            required=True,
            title="Path",
            description="The DuckDB file; it and its folder are made when they are not there.",
        ),
    ).to_dict()
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.signal: int | None = None
        # Several lines a table, which are for debugging.
        self.metrics_logger.addFilter(lambda _: self.logger.isEnabledFor(logging.DEBUG))

    @override
    def _process_schema_message(self, message_dict: dict[str, Any]) -> None:
        # What came under the last SCHEMA comes before what follows this one.
        if self.sink_exists(message_dict.get("stream", "")):
            self.drain_one(self.get_sink(message_dict["stream"]))
        super()._process_schema_message(message_dict)

    @override
    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        # The SDK does not hand it down.
        sink = self.get_sink(message_dict["stream"])
        assert isinstance(sink, TableSink)  # noqa: S101 - it is the only class
        sink.version = message_dict.get("version")
        super()._process_batch_message(message_dict)

    @override
    def process_endofpipe(self) -> None:
        super().process_endofpipe()
        # Until it is closed, the last rows are in a file beside it, which a copy would lack.
        self.database.close()
        if self.signal is not None:
            raise SystemExit(128 + self.signal)

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        # Nothing is drained: it may have interrupted just that.
        self.signal = signum
        raise SystemExit(128 + signum)

    @classmethod
    @override
    def invoke(
        cls, *, config: _ConfigInput | None = None, file_input: IO[str] | None = None, **about: Any
    ) -> None:
        super(Target, cls).invoke(**about)
        given = config or _ConfigInput()
        target = cls(config=given.config, parse_env_config=given.parse_env)
        debugging = target.logger.isEnabledFor(logging.DEBUG)
        for handler in logging.getLogger().handlers:
            # An error is said once, in the last line.
            handler.addFilter(lambda record: debugging or not record.exc_info)
        try:
            target.listen(file_input)
        except BaseException as error:
            if target.signal is not None:
                sys.exit(128 + target.signal)
            if debugging or isinstance(error, SystemExit):
                raise
            place = f"{target.stream}: " if target.stream else ""
            sys.exit(f"{place}{type(error).__name__}: {brief(error)}")
