# ruff: noqa: INP001 - one module, installed as such
"""Keeps one DuckDB file equal to what a tap emits: a table a stream, rows merged by their keys.

- A row whose key is there already replaces it; the last one wins.
- ACTIVATE_VERSION removes the rows that the tap's latest full read did not bring.
- A row with `_sdc_deleted_at` is removed.
- STATE is passed on only when all rows before it are in the file.
- BATCH messages with Arrow or Parquet files are loaded as they are, and the files removed.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit
from urllib.request import url2pathname

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from singer_sdk import typing as th
from singer_sdk.helpers._batch import BaseBatchFileEncoding
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities
from singer_sdk.sinks import BatchSink
from singer_sdk.target_base import Target
from typing_extensions import override

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_STRINGS = {"date-time": "TIMESTAMP WITH TIME ZONE", "date": "DATE", "time": "TIME"}
_SCALARS = {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}

# Rows are merged so many bytes at a time: a batch of wide rows takes more memory than there is.
_PART, _ROWS = 8 * 2**20, 2_000
# Enough for the merge of a part, however large the table is; DuckDB would take what there is.
_MB = 60
# A second thread takes as much CPU time again, for parts so small. While rows are added, each of
# their columns keeps some blocks in memory, which would be of 256 kB in a new file.
_SETTINGS: dict[str, Any] = {"threads": 1, "default_block_size": str(2**16)}
# A change rewrites its whole group of rows, which DuckDB would make of 122,880.
_GROUP = 2**12

_COLUMNS = """
    SELECT column_name, data_type FROM duckdb_columns()
    WHERE database_name = 'file' AND schema_name = 'main' AND lower(table_name) = lower(?)
"""


def column_type(schema: Mapping[str, Any]) -> str:
    """Return the DuckDB type of a property; whatever is not one plain type is JSON."""
    types = schema.get("type", ())
    kinds = {types} if isinstance(types, str) else set(types)
    kinds.discard("null")
    if kinds == {"string"}:
        return _STRINGS.get(schema.get("format", ""), "VARCHAR")
    return _SCALARS.get(kinds.pop(), "JSON") if len(kinds) == 1 else "JSON"


def quoted(name: str) -> str:
    """Return the name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def column_names(properties: Iterable[str], existing: Iterable[str]) -> dict[str, str]:
    """Return a column's name for each property: DuckDB takes `id` and `Id` for the same.

    What an `existing` column was made for is known by its spelling, whatever comes with it.
    """
    spelt = {column.lower(): column for column in existing}
    names: dict[str, str] = {}
    taken: set[str] = set()
    for name in properties:
        column, number = name, 1
        while column.lower() in taken or spelt.get(column.lower(), column) != column:
            number += 1
            column = f"{name}_{number}"
        taken.add(column.lower())
        names[name] = column
    return names


def parts(blocks: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield the rows in parts of so many bytes, or of one row that is larger."""
    part: list[pa.RecordBatch] = []
    total = 0
    for block in blocks:
        step = max(1, block.num_rows * _PART // max(1, block.nbytes))
        for at in range(0, block.num_rows, step):
            rows = block.slice(at, step)
            if part and total + rows.nbytes > _PART:
                yield pa.Table.from_batches(part)
                part, total = [], 0
            part.append(rows)
            total += rows.nbytes
    if part:
        yield pa.Table.from_batches(part)


def blocks(file: Path, kind: str) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file, which is not read into memory as a whole."""
    if kind == "arrow":
        with pa.OSFile(str(file)) as source, pa.ipc.open_file(source) as found:
            yield from map(found.get_batch, range(found.num_record_batches))
    else:
        with pq.ParquetFile(file) as rows:
            yield from rows.iter_batches(_ROWS)


def last_rows(rows: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Return the last row of each key; without a key, all rows."""
    if not keys:
        return rows
    numbered = rows.select(keys).append_column("", pa.array(range(rows.num_rows)))
    last = numbered.group_by([*keys], use_threads=False).aggregate([("", "max")])["_max"]
    return rows if len(last) == rows.num_rows else rows.take(last)


class TableSink(BatchSink):
    """One stream's table."""

    def __init__(
        self,
        target: TargetDuckDBFile,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: Sequence[str] | None,
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self.target = target
        # In full: a stream may be called `part`, as what is merged.
        self.table = f"file.main.{quoted(stream_name)}"
        self.names: dict[str, str] = {}
        self.columns: dict[str, str] = {}
        self.version: int | None = None
        self.pending = 0  # Bytes.
        self.room = 0

    @property
    @override
    def include_sdc_metadata_properties(self) -> bool:
        return True  # ACTIVATE_VERSION and deletions need them.

    @override
    def setup(self) -> None:
        super().setup()
        run = self.target.database.execute
        properties: dict[str, dict[str, Any]] = self.schema["properties"]
        with self.target.transaction():
            described = run(_COLUMNS, [self.stream_name]).fetchall()
            found: dict[str, str] = dict(described)
            self.names = column_names(properties, found)
            self.columns = {self.names[name]: column_type(properties[name]) for name in properties}
            self.room = 3 * len(self.columns) * self.target.block_size
            self.target.make_room(self.room)
            if not found:
                columns = self.columns.items()
                declared = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns)
                run(f"CREATE TABLE {self.table} ({declared})")
                return
            for name, kind in self.columns.items():
                if name not in found:
                    run(f"ALTER TABLE {self.table} ADD COLUMN {quoted(name)} {kind}")
                elif found[name] != kind:
                    self._alter(name, found[name], kind)

    def _alter(self, name: str, old: str, new: str) -> None:
        # A text need not be JSON, so that it is made a JSON string.
        value = f"to_json({quoted(name)})" if new == "JSON" else f"{quoted(name)}::{new}"
        change = f"ALTER COLUMN {quoted(name)} TYPE {new} USING {value}"
        try:
            self.target.database.execute(f"ALTER TABLE {self.table} {change}")
        except duckdb.Error as error:
            what = f"Column {name} of {self.stream_name} is {old} and should become {new}"
            sys.exit(f"{what}, which its values cannot: {str(error).splitlines()[0]}")

    @property
    @override
    def is_full(self) -> bool:
        return super().is_full or self.pending >= _PART

    @override
    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        line = _ENCODER.encode({to: record.get(name) for name, to in self.names.items()})
        context.setdefault("lines", []).append(line)
        self.pending += len(line)

    @override
    def process_batch(self, context: dict[str, Any]) -> None:
        lines: list[bytes] = context["lines"]
        self.pending = 0
        # DuckDB makes room for two such lines, which would be of 16 MB.
        largest = max(2**20, 2 * max(map(len, lines)))
        self.target.make_room(self.room + 8 * largest)
        with tempfile.TemporaryDirectory() as folder:
            batch = Path(folder, "batch.jsonl")
            batch.write_bytes(b"\n".join(lines))
            rows = self.target.database.execute(
                "FROM read_json($path, columns = $columns, format = 'newline_delimited',"
                f" maximum_object_size = {largest})",
                {"path": str(batch), "columns": self.columns},
            ).to_arrow_table()
        self._merge(rows)

    @override
    def process_batch_files(self, encoding: BaseBatchFileEncoding, files: Sequence[str]) -> None:
        self.target.drain_one(self)
        for url in files:
            file = Path(url2pathname(urlsplit(url).path))
            for part in parts(blocks(file, encoding.format)):
                names = [name for name in part.column_names if name in self.names]
                rows = part.select(names).rename_columns([self.names[name] for name in names])
                self._merge(rows)
            file.unlink()

    def _values(self, rows: duckdb.DuckDBPyRelation) -> dict[str, str]:
        """Return each column of the table as an expression over rows."""
        found = dict(zip(rows.columns, map(str, rows.types), strict=True))
        version = "NULL" if self.version is None else str(self.version)
        others = {"_sdc_table_version": version, "_sdc_batched_at": "now()"}
        values: dict[str, str] = {}
        for name, column in self.names.items():
            kind, here = self.columns[column], found.get(column, "")
            value = quoted(column) if here else others.get(name, "NULL")
            if kind == "JSON" and here not in {"", "VARCHAR", "JSON"}:
                value = f"to_json({value})"
            if kind == "DOUBLE" and here.startswith("DECIMAL"):
                # DuckDB makes another number of one of 17 digits or more, unless it is a text.
                value = f"{value}::VARCHAR"
            values[column] = f"{value}::{kind} AS {quoted(column)}"
        return values

    def _merge(self, rows: pa.Table) -> None:
        """Merge the last row of each key."""
        keys = [self.names[key] for key in self.key_properties]
        database, last = self.target.database, last_rows(rows, keys)
        values = self._values(database.from_arrow(last))
        with self.target.transaction():
            database.register("part", last)
            if keys:
                new = ", ".join(values[key] for key in keys)
                same = " AND ".join(f"old.{quoted(key)} = new.{quoted(key)}" for key in keys)
                database.execute(
                    f"DELETE FROM {self.table} AS old"  # noqa: S608 - quoted, as below
                    f" USING (SELECT {new} FROM temp.part) AS new WHERE {same}"
                )
            database.execute(
                f"INSERT INTO {self.table} BY NAME SELECT * FROM"  # noqa: S608
                f" (SELECT {', '.join(values.values())} FROM temp.part)"
                " WHERE _sdc_deleted_at IS NULL"
            )

    @override
    def activate_version(self, new_version: int) -> None:
        self.target.drain_one(self)
        self.target.database.execute(
            f"DELETE FROM {self.table} WHERE _sdc_table_version IS DISTINCT FROM ?",  # noqa: S608
            [new_version],
        )


class TargetDuckDBFile(Target):
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
        self.max_parallelism = 1  # One connection, one transaction at a time.
        self.room = 0
        # Several lines a table, which are for debugging.
        self.metrics_logger.addFilter(lambda _: self.logger.isEnabledFor(logging.DEBUG))

    @functools.cached_property
    def database(self) -> duckdb.DuckDBPyConnection:
        """The file, opened for writing."""
        path = Path(self.config["path"]).expanduser()
        path.parent.mkdir(parents=True, exist_ok=True)
        # The size of groups can be set for a file only that is attached.
        database = duckdb.connect(config=_SETTINGS | {"temp_directory": f"{path}.tmp"})
        name = str(path).replace("'", "''")
        try:
            database.execute(f"ATTACH '{name}' AS file (ROW_GROUP_SIZE {_GROUP})")
        except duckdb.IOException as error:
            sys.exit(f"{path} cannot be opened for writing: {str(error).splitlines()[0]}")
        return database

    @functools.cached_property
    def block_size(self) -> int:
        """The file's, in bytes."""
        query = "SELECT block_size FROM pragma_database_size() WHERE database_name = 'file'"
        [(size,)] = self.database.execute(query).fetchall()
        return int(size)

    def make_room(self, size: int) -> None:
        """Let DuckDB take so many bytes more than it always may, if it may not yet."""
        self.room = max(self.room, size)
        self.database.execute(f"SET memory_limit = '{_MB + self.room // 10**6}MB'")

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

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of it or nothing."""
        self.database.begin()
        try:
            yield
        except BaseException:
            self.database.rollback()
            raise
        self.database.commit()


if __name__ == "__main__":
    TargetDuckDBFile.cli()
