"""One stream's table, into which rows are merged by column."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

import duckdb
import msgspec
import pyarrow as pa
from singer_sdk.helpers._batch import BaseBatchFileEncoding
from singer_sdk.sinks import BatchSink
from typing_extensions import override

from target_duckdb_file.columns import MADE_FOR, column_names, column_type, quoted, widened
from target_duckdb_file.file import FileTarget
from target_duckdb_file.rows import PART, blocks, last_rows, parts

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_COLUMNS = """
    SELECT column_name, data_type, comment FROM duckdb_columns()
    WHERE database_name = 'file' AND schema_name = 'main' AND lower(table_name) = lower(?)
"""


class _Line(NamedTuple):
    """A record as a line of JSON, with these columns.

    Where it begins anew, it has nothing of what the table has.
    """

    text: bytes
    columns: tuple[str, ...]
    is_deleted: bool
    begins_anew: bool


class TableSink(BatchSink):
    """One stream's table."""

    names: dict[str, str]  # By property.
    columns: dict[str, str]  # Types by column.
    others: list[str]  # Columns that the SCHEMA lacks.
    keys: list[str]

    def __init__(self, target: FileTarget, stream_name: str, *more: Any, **named: Any) -> None:
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
                    text = (MADE_FOR + name).replace("'", "''")
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
        return super().is_full or self.pending >= PART

    @override
    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        sent = tuple(record)
        if (columns := self.sent.get(sent)) is None:
            columns = self.sent[sent] = tuple(self.names.get(name, "") for name in sent)
        values = dict(zip(columns, record.values(), strict=True))
        values.pop("", None)  # What the SCHEMA lacks; the SDK has warned of it.
        line = _ENCODER.encode(values)
        layers: list[dict[Any, _Line]] = context.setdefault("layers", [{}])
        is_deleted = record["_sdc_deleted_at"] is not None
        key: Any = tuple(record[key] for key in self.key_properties) or len(layers[-1])
        before = layers[-1].get(key)
        both_stay = before is not None and not (is_deleted or before.is_deleted)
        if both_stay and not {*layers[-1][key].columns} <= {*columns}:
            layers.append({})
            before = None
        begins_anew = is_deleted or (before is not None and before.begins_anew)
        layers[-1][key] = _Line(line, columns, is_deleted, begins_anew)
        self.pending += len(line)

    @override
    def process_batch(self, context: dict[str, Any]) -> None:
        self.pending = 0
        with self.target.transaction(self.stream_name):
            for layer in context["layers"]:
                alike: dict[tuple[tuple[str, ...], bool], list[bytes]] = {}
                for line in layer.values():
                    alike.setdefault((line.columns, line.begins_anew), []).append(line.text)
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
            return self.target.database.sql(
                "FROM read_json($path, columns = $columns, format = 'newline_delimited',"
                f" maximum_object_size = {largest})",
                params={
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
                self.target.make_room(self.room + 8 * max(0, rows.nbytes - PART))
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
            delete = (
                f"DELETE FROM {self.table} AS old"  # noqa: S608
                f" USING (SELECT {only} FROM temp.part) AS new WHERE {same}"
            )
            if not kept:
                database.execute(delete)
            elif before := database.sql(f"{delete} RETURNING {returned}").to_arrow_table():
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
