"""The formats of batch files: Arrow IPC and Parquet."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from tap_zohocrm_modules.streams.batch.folder import PART, writing

_ROWS_PER_GROUP = 20_000
"""Rows that a Parquet file keeps together: few make it large and slow."""
_BUFFER = 1 << 20
"""Bytes that are written at a time: Arrow has hundreds of small pieces in each block."""


class BatchFile:
    """One file, being written.

    Args:
        path: Its final name.
        schema: The Arrow schema of its rows.
        kind: `arrow` or `parquet`.
        compression: The codec, None for the format's own default.

    Raises:
        OutputError: it cannot be written.
    """

    def __init__(self, path: Path, schema: pa.Schema, kind: str, compression: str | None) -> None:
        self.path = path
        self.rows = 0
        self.schema = schema
        self._pending: list[pa.RecordBatch] = []
        self._pending_rows = 0
        self._most_pending = _ROWS_PER_GROUP if kind == "parquet" else 0
        with writing(path.parent):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            part = os.open(path.with_name(path.name + PART), flags, 0o600)
            self._file = os.fdopen(part, "wb", _BUFFER)
            self._writer = WRITERS[kind](self._file, schema, compression)

    def write(self, rows: pa.RecordBatch) -> None:
        """Add rows, which have the file's schema.

        Raises:
            OutputError: they cannot be written.
        """
        self.rows += rows.num_rows
        self._pending.append(rows)
        self._pending_rows += rows.num_rows
        if self._pending_rows > self._most_pending:
            self._write_pending()

    def finish(self) -> None:
        """Write all of it to the disk.

        Raises:
            OutputError: it cannot be written.
        """
        self._write_pending()
        with writing(self.path.parent):
            self._writer.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def discard(self) -> None:
        """Let go of the file, which is of no use any more."""
        # What it has not written yet need not fit on the disk.
        with contextlib.suppress(OSError):
            self._file.close()

    def _write_pending(self) -> None:
        if not self._pending:
            return
        with writing(self.path.parent):
            self._writer.write_table(pa.Table.from_batches(self._pending, self.schema))
        self._pending, self._pending_rows = [], 0


def _arrow(file: BinaryIO, schema: pa.Schema, compression: str | None) -> Any:
    options = pa.ipc.IpcWriteOptions(compression=compression)
    return pa.ipc.new_file(file, schema, options=options)


def _parquet(file: BinaryIO, schema: pa.Schema, compression: str | None) -> Any:
    # Arrow files do without, and start sooner.
    import pyarrow.parquet as pq  # noqa: PLC0415

    return pq.ParquetWriter(file, schema, compression=compression or "snappy")


WRITERS: Mapping[str, Callable[[BinaryIO, pa.Schema, str | None], Any]] = {
    "arrow": _arrow,
    "parquet": _parquet,
}
"""What writes each format, and the ending of its files' names."""
