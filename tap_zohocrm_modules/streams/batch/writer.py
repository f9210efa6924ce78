"""Collects one stream's rows in files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from tap_zohocrm_modules.config.batch import BatchConfig
from tap_zohocrm_modules.streams.batch.files import BatchFile
from tap_zohocrm_modules.streams.batch.folder import BatchFolder
from tap_zohocrm_modules.zoho.records.arrow.values import Blocks, Row
from tap_zohocrm_modules.zoho.records.records import Records

_ROWS_PER_FILE = 50_000
_ROWS_PER_BLOCK = 2_000


@contextlib.contextmanager
def open_batches(
    config: BatchConfig, stream: str, columns: Mapping[str, Mapping[str, Any]]
) -> Iterator[BatchWriter]:
    """Return what writes the rows of a stream to files of its own.

    Raises:
        OutputError: the folder cannot be written to.
    """
    with BatchFolder(config.root, config.prefix) as folder:
        writer = BatchWriter(folder, config, stream, columns)
        try:
            yield writer
        finally:
            writer.close()


class BatchWriter:
    """Writes the rows of one stream to files, until they are announced. To be closed.

    Args:
        folder: Where the files go.
        config: Their format and size.
        stream: The stream's name.
        columns: The JSON Schema of each column, in the columns' order.
    """

    def __init__(
        self,
        folder: BatchFolder,
        config: BatchConfig,
        stream: str,
        columns: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._folder = folder
        self._config = config
        self._stream = stream
        self._blocks = Blocks(columns)
        self.format = config.format
        self._most = config.batch_size or _ROWS_PER_FILE
        self._pending: list[Row] = []
        self._file: BatchFile | None = None
        self._finished: list[BatchFile] = []
        self._torn: BaseException | None = None
        self._is_abandoned = False

    @property
    def rows(self) -> int:
        """How many rows no message names yet."""
        files = [*self._finished, *([self._file] if self._file else [])]
        return len(self._pending) + sum(file.rows for file in files)

    @property
    def is_full(self) -> bool:
        """Whether there are as many rows as a file has."""
        return self.rows >= self._most

    def add(self, rows: Records) -> None:
        """Add rows; columns that a row lacks are null.

        Raises:
            OutputError: they cannot be written.
        """
        with self._whole():
            if (block := rows.arrow) is not None:
                self._encode(self._pending)
                self._pending = []
                self._write(self._blocks.of_columns(block))
                return
            self._pending += rows
            while len(self._pending) >= _ROWS_PER_BLOCK:
                self._encode(self._pending[:_ROWS_PER_BLOCK])
                del self._pending[:_ROWS_PER_BLOCK]

    @contextlib.contextmanager
    def announcing(self) -> Iterator[list[str]]:
        """Finish the files, and return their URLs, to be named in a message; none without rows.

        Raises:
            OutputError: they cannot be written.
        """
        if self._is_abandoned:
            yield []
            return
        with self._whole():
            self._encode(self._pending)
            self._pending = []
            self._finish()
        if not self._finished:
            yield []
            return
        with self._folder.announcing([file.path for file in self._finished]) as manifest:
            yield manifest
        self._finished = []

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        """Do something wholly; what was interrupted once, by a signal perhaps, stays torn."""
        if self._torn is not None:
            raise self._torn
        try:
            yield
        except BaseException as error:
            self._torn = error
            raise

    def abandon(self) -> None:
        """Announce nothing from now on."""
        self._is_abandoned = True

    def close(self) -> None:
        """Let go of what has not been announced."""
        if self._file is not None:
            self._file.discard()

    def _encode(self, rows: Sequence[Row]) -> None:
        if rows:
            self._write(self._blocks.of_rows(rows))

    def _write(self, block: pa.RecordBatch) -> None:
        while block.num_rows:
            file = self._file_of(block.schema)
            room = self._most - file.rows
            file.write(block.slice(0, room))
            block = block.slice(room)

    def _file_of(self, schema: pa.Schema) -> BatchFile:
        """Return a file that has room for a row of this schema."""
        file = self._file
        if file is not None and (file.rows >= self._most or file.schema != schema):
            self._finish()
            file = None
        if file is None:
            config = self._config
            path = self._folder.new(self._stream, config.format)
            file = self._file = BatchFile(path, schema, config.format, config.compression)
        return file

    def _finish(self) -> None:
        if self._file is not None:
            self._file.finish()
            self._finished.append(self._file)
            self._file = None
