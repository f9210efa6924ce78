# ruff: noqa: INP001 - one module, installed as such
"""Keeps one DuckDB file equal to what a tap emits: a table a stream, rows merged by their keys.

- A row whose key is there already is updated: a column that a record or a file leaves out keeps its
  value, and a null that was sent is a null.
- ACTIVATE_VERSION removes the rows that the tap's latest full read did not bring.
- A row with `_sdc_deleted_at` is removed; one that comes back has what was sent since, no more.
- STATE is passed on only when all rows before it are in the file.
- BATCH messages with Arrow or Parquet files are loaded as they are, and the files removed.
- A column whose type changes is widened if no value is lost by that: an integer to a number, a date
  to midnight UTC, anything to text as it was sent, or to JSON. Any other change is an error, before
  a row of that SCHEMA is touched.
- A run that fails says why in one line and ends with exit code 1. SIGINT ends it with 130, SIGTERM
  with 143; what STATE does not cover yet comes again with the next run.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, Any, ClassVar
from urllib.parse import urlsplit
from urllib.request import url2pathname

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from singer_sdk import typing as th
from singer_sdk.helpers._batch import BaseBatchFileEncoding
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities
from singer_sdk.plugin_base import _ConfigInput
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

# What the comment on a column says, before the property's name, if that is not the column's.
_MADE_FOR = "property "
_COLUMNS = """
    SELECT column_name, data_type, comment FROM duckdb_columns()
    WHERE database_name = 'file' AND schema_name = 'main' AND lower(table_name) = lower(?)
"""

# A value as it was sent, by the type of the column that has it.
_AS_SENT = {
    "TIMESTAMP WITH TIME ZONE": "regexp_replace(strftime({0} AT TIME ZONE 'UTC',"
    " '%Y-%m-%dT%H:%M:%S.%f'), '[.]?0{{0,6}}$', '') || 'Z'",
    "DOUBLE": "CASE WHEN {0} = trunc({0}) AND abs({0}) < 1e18 THEN {0}::BIGINT::VARCHAR"
    " ELSE {0}::VARCHAR END",
    "JSON": "CASE json_type({0}) WHEN 'VARCHAR' THEN {0} ->> '$' ELSE {0}::VARCHAR END",
}


def column_type(schema: Mapping[str, Any]) -> str:
    """Return the DuckDB type of a property; whatever is not one plain type is JSON."""
    types = schema.get("type", ())
    kinds = {types} if isinstance(types, str) else set(types)
    kinds.discard("null")
    if kinds == {"string"}:
        return _STRINGS.get(schema.get("format", ""), "VARCHAR")
    return _SCALARS.get(kinds.pop(), "JSON") if len(kinds) == 1 else "JSON"


def brief(error: BaseException) -> str:
    """Return what an error says, as one line that is not too long."""
    return " ".join(str(error).split())[:400]


def quoted(name: str) -> str:
    """Return the name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def widened(name: str, old: str, new: str) -> str | None:
    """Return the SQL of a column's values in another type; None if that has not the same values."""
    column = quoted(name)
    as_sent = _AS_SENT.get(old, "{0}::VARCHAR").format(column)
    as_json = f"{as_sent}::JSON" if old in _SCALARS.values() else f"to_json({as_sent})"
    return {
        (old, "VARCHAR"): as_sent,
        (old, "JSON"): as_json,
        ("BIGINT", "DOUBLE"): f"{column}::DOUBLE",
        ("DATE", "TIMESTAMP WITH TIME ZONE"): f"{column}::TIMESTAMP AT TIME ZONE 'UTC'",
    }.get((old, new))


def column_names(properties: Sequence[str], existing: Mapping[str, str | None]) -> dict[str, str]:
    """Return a column's name for each property: DuckDB takes `id` and `Id` for the same.

    Args:
        properties: The properties of a SCHEMA.
        existing: The columns there are, with their comments: what a column was made for that could
            not be called as its property.
    """
    names: dict[str, str] = {}
    for column, comment in existing.items():
        made_for = (comment or "").removeprefix(_MADE_FOR)
        # Somebody may have renamed it since.
        numbered = re.escape(made_for) + r"_\d+"
        names[made_for if comment and re.fullmatch(numbered, column) else column] = column
    taken = {column.lower() for column in existing}
    for name in properties:
        column, number = name, 1
        while name not in names and column.lower() in taken:
            number += 1
            column = f"{name}_{number}"
            if column in existing and not existing[column] and column not in properties:
                break  # It was made when such columns had no comment.
        taken.add(names.setdefault(name, column).lower())
    return {name: names[name] for name in properties}


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
        return
    with pq.ParquetFile(file) as rows:
        for number in range(rows.num_row_groups):
            group = rows.metadata.row_group(number)
            fitting = _PART * group.num_rows // max(1, group.total_byte_size)
            yield from rows.iter_batches(max(1, min(_ROWS, fitting)), row_groups=[number])


def last_rows(rows: pa.Table, keys: Sequence[str], deleted: str) -> Iterator[tuple[pa.Table, bool]]:
    """Yield the last row of each key; without a key, all rows.

    With them comes whether they have nothing of what the table has: a row that was deleted on the
    way, as the column `deleted` says, begins anew.
    """
    if not keys:
        yield rows, True
        return
    numbers = pa.array(range(rows.num_rows))
    gone = pa.nulls(rows.num_rows, numbers.type)
    if deleted in rows.column_names and rows[deleted].null_count < rows.num_rows:
        gone = pc.if_else(pc.is_valid(rows[deleted]), numbers, gone)
    numbered = rows.select(keys).append_column("", numbers).append_column(" ", gone)
    found = numbered.group_by([*keys], use_threads=False).aggregate([("", "max"), (" ", "min")])
    last, first_gone = found["_max"], found[" _min"]
    if first_gone.null_count == len(last):
        yield (rows if len(last) == rows.num_rows else rows.take(last)), False
        return
    anew = pc.fill_null(pc.less_equal(first_gone, last), fill_value=False)
    yield rows.take(last.filter(anew)), True
    yield rows.take(last.filter(pc.invert(anew))), False


class TableSink(BatchSink):
    """One stream's table."""

    names: dict[str, str]  # By property.
    columns: dict[str, str]  # Types by column.
    others: list[str]  # Columns that the SCHEMA lacks.
    keys: list[str]

    def __init__(
        self, target: TargetDuckDBFile, stream_name: str, *more: Any, **named: Any
    ) -> None:
        super().__init__(target, stream_name, *more, **named)
        self.target = target
        # In full: a stream may be called `part`, as what is merged.
        self.table = f"file.main.{quoted(stream_name)}"
        self.version: int | None = None
        self.pending, self.room = 0, 0  # Bytes.
        self.sent: dict[tuple[str, ...], tuple[str, ...]] = {}  # Columns by properties.

    @property
    @override
    def include_sdc_metadata_properties(self) -> bool:
        return True  # ACTIVATE_VERSION and deletions need them.

    @override
    def setup(self) -> None:
        super().setup()
        run = self.target.database.execute
        properties: dict[str, dict[str, Any]] = self.schema["properties"]
        changes: list[str] = []
        with self.target.transaction(self.stream_name):
            described = run(_COLUMNS, [self.stream_name]).fetchall()
            found: dict[str, str] = {name: kind for name, kind, _ in described}
            comments = {name: comment for name, _, comment in described}
            self.names = column_names([*properties], comments)
            self.keys = [self.names[key] for key in self.key_properties]
            self.columns = {self.names[name]: column_type(properties[name]) for name in properties}
            self.others = [name for name in found if name not in self.columns]
            self.room = 3 * len(self.columns) * self.target.block_size
            self.target.make_room(self.room)
            # All that is refused is refused first.
            changes = [
                self._widening(name, found[name], kind)
                for name, kind in self.columns.items()
                if found.get(name, kind) != kind
            ]
            if not found:
                columns = self.columns.items()
                declared = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns)
                run(f"CREATE TABLE {self.table} ({declared})")
            for name, kind in self.columns.items():
                if found and name not in found:
                    run(f"ALTER TABLE {self.table} ADD COLUMN {quoted(name)} {kind}")
            for change in changes:
                run(f"ALTER TABLE {self.table} ALTER COLUMN {change}")
            for name, column in self.names.items():
                if column != name and not comments.get(column):
                    text = (_MADE_FOR + name).replace("'", "''")
                    run(f"COMMENT ON COLUMN {self.table}.{quoted(column)} IS '{text}'")
        for change in changes:
            self.logger.info("%s: altered column %s", self.stream_name, change.split(" USING ")[0])

    def _widening(self, name: str, old: str, new: str) -> str:
        """Return how to alter a column; SystemExit: its values would not be the same."""
        column, value = quoted(name), widened(name, old, new)
        lost = f"{column} IS NOT NULL"
        if value is not None:
            lost = f"{column} <> ({value})::HUGEINT" if new == "DOUBLE" else "false"
        query = f"SELECT {column}::VARCHAR FROM {self.table} WHERE {lost} LIMIT 1"  # noqa: S608
        if example := self.target.database.execute(query).fetchone():
            sys.exit(
                f"Column {name} of {self.stream_name} is {old} and should become {new}, which"
                f" would change values, such as {example[0][:40]!r}. No row of the stream was"
                " touched. Rename or drop the column, then run again: it is filled anew"
            )
        return f"{column} TYPE {new} USING {value or 'NULL'}"

    @property
    @override
    def is_full(self) -> bool:
        return super().is_full or self.pending >= _PART

    @override
    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        sent = tuple(record)
        if (columns := self.sent.get(sent)) is None:
            columns = self.sent[sent] = tuple(self.names.get(name, "") for name in sent)
        values = dict(zip(columns, record.values(), strict=True))
        values.pop("", None)  # What the SCHEMA lacks; the SDK has warned of it.
        line = _ENCODER.encode(values)
        layers: list[dict[Any, tuple[bytes, tuple[str, ...], bool]]]
        layers = context.setdefault("layers", [{}])
        deleted = anew = record["_sdc_deleted_at"] is not None
        key: Any = tuple(record[key] for key in self.key_properties) or len(layers[-1])
        if key in layers[-1]:
            _, before, anew = layers[-1][key]
            if not anew and not deleted and not {*before} <= {*columns}:
                layers.append({})
        layers[-1][key] = line, columns, anew or deleted
        self.pending += len(line)

    @override
    def process_batch(self, context: dict[str, Any]) -> None:
        self.pending = 0
        with self.target.transaction(self.stream_name):
            for layer in context["layers"]:
                alike: dict[tuple[tuple[str, ...], bool], list[bytes]] = {}
                for line, columns, anew in layer.values():
                    alike.setdefault((columns, anew), []).append(line)
                for (columns, anew), lines in alike.items():
                    self._merge(self._rows(columns, lines), anew=anew or not self.keys)

    def _rows(self, columns: Sequence[str], lines: Sequence[bytes]) -> pa.Table:
        """Return lines of JSON, each with these columns, as rows of the table."""
        # DuckDB makes room for two such lines, which would be of 16 MB.
        largest = max(2**20, 2 * max(map(len, lines)))
        self.target.make_room(self.room + 8 * largest)
        with tempfile.TemporaryDirectory() as folder:
            batch = Path(folder, "batch.jsonl")
            batch.write_bytes(b"\n".join(lines))
            return self.target.database.execute(
                "FROM read_json($path, columns = $columns, format = 'newline_delimited',"
                f" maximum_object_size = {largest})",
                {
                    "path": str(batch),
                    "columns": {name: self.columns[name] for name in columns if name},
                },
            ).to_arrow_table()

    @override
    def process_batch_files(self, encoding: BaseBatchFileEncoding, files: Sequence[str]) -> None:
        self.target.drain_one(self)
        deleted = self.names["_sdc_deleted_at"]
        for url in files:
            file = Path(url2pathname(urlsplit(url).path))
            for part in parts(blocks(file, encoding.format)):
                names = [name for name in part.column_names if name in self.names]
                rows = part.select(names).rename_columns([self.names[name] for name in names])
                self.target.make_room(self.room + 8 * max(0, rows.nbytes - _PART))
                with self.target.transaction(self.stream_name):
                    for some, anew in last_rows(rows, self.keys, deleted):
                        self._merge(some, anew=anew)
            file.unlink()

    def _values(self, rows: duckdb.DuckDBPyRelation) -> dict[str, str]:
        """Return each column that was sent, or is the loader's own, as an expression over rows."""
        found = dict(zip(rows.columns, map(str, rows.types), strict=True))
        version = "NULL" if self.version is None else str(self.version)
        own = {"_sdc_table_version": version, "_sdc_batched_at": "now()"}
        own["_sdc_sync_started_at"] = str(self.target.initialized_at)
        values: dict[str, str] = {}
        for name, column in self.names.items():
            kind, here = self.columns[column], found.get(column, "")
            if not here and not name.startswith("_sdc_"):
                continue
            value = quoted(column) if here else own.get(name, "NULL")
            if kind == "JSON" and here not in {"", "VARCHAR", "JSON"}:
                value = f"to_json({value})"
            if kind == "DOUBLE" and here.startswith("DECIMAL"):
                # DuckDB makes another number of one of 17 digits or more, unless it is a text.
                value = f"{value}::VARCHAR"
            values[column] = f"{value}::{kind} AS {quoted(column)}"
        return values

    def _merge(self, rows: pa.Table, *, anew: bool) -> None:
        """Merge rows, one a key; what is there keeps its other columns, unless it begins anew."""
        database, keys = self.target.database, self.keys
        values = self._values(database.from_arrow(rows))
        new = f"SELECT {', '.join(values.values())} FROM temp.part"  # noqa: S608 - quoted, as below
        kept = [name for name in [*self.columns, *self.others] if name not in values and not anew]
        database.register("part", rows)
        if keys:
            # Slower, and hardly ever needed.
            has_null = any(rows[key].null_count for key in keys)
            equals = "IS NOT DISTINCT FROM" if has_null else "="
            same = " AND ".join(f"old.{quoted(key)} {equals} new.{quoted(key)}" for key in keys)
            returned = ", ".join(f"old.{quoted(name)}" for name in [*keys, *kept])
            only = ", ".join(values[key] for key in keys)  # It would take all columns along.
            removed = database.execute(
                f"DELETE FROM {self.table} AS old"  # noqa: S608
                f" USING (SELECT {only} FROM temp.part) AS new WHERE {same}"
                + (f" RETURNING {returned}" if kept else "")
            )
            if kept and (before := removed.to_arrow_table()).num_rows:
                [(before, _)] = last_rows(before, keys, "")
                database.register("removed", before)
                others = ", ".join(f"old.{quoted(name)}" for name in kept)
                new = f"SELECT new.*, {others} FROM ({new}) AS new LEFT JOIN temp.removed AS old ON {same}"  # noqa: E501, S608
        database.execute(
            f"INSERT INTO {self.table} BY NAME SELECT * FROM ({new}) WHERE _sdc_deleted_at IS NULL"  # noqa: S608
        )

    @override
    def activate_version(self, new_version: int) -> None:
        self.target.drain_one(self)
        # What this run has brought without a version is new as well.
        self.target.database.execute(
            f"DELETE FROM {self.table} WHERE _sdc_table_version IS DISTINCT FROM ?"  # noqa: S608
            " AND (_sdc_table_version IS NOT NULL OR _sdc_sync_started_at IS DISTINCT FROM ?)",
            [new_version, self.target.initialized_at],
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
        self.stream = ""  # At work.
        self.signal: int | None = None
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
        # Times without a zone are UTC, on whatever machine.
        database.execute("SET TimeZone = 'UTC'")
        try:
            database.execute(f"ATTACH '{name}' AS file (ROW_GROUP_SIZE {_GROUP})")
        except duckdb.IOException as error:
            sys.exit(f"{path} cannot be opened for writing: {brief(error)}")
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

    @contextlib.contextmanager
    def transaction(self, stream: str) -> Iterator[None]:
        """Do all of it, in one stream's table, or nothing."""
        self.stream = stream
        self.database.begin()
        try:
            yield
        except BaseException:
            self.database.rollback()
            raise
        self.database.commit()


if __name__ == "__main__":
    TargetDuckDBFile.cli()
