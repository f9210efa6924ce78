# ruff: noqa: INP001 - one module, installed as such
"""Keeps one DuckDB file equal to what a tap tells: a table a stream, rows merged by their keys.

- A row whose key is there already replaces it; the last one wins.
- ACTIVATE_VERSION removes the rows that the tap's latest full read did not bring.
- A row with `_sdc_deleted_at` is removed.
- STATE is passed on only when all rows before it are in the file.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import msgspec
from singer_sdk import typing as th
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities
from singer_sdk.sinks import BatchSink
from singer_sdk.target_base import Target
from typing_extensions import override

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_STRINGS = {"date-time": "TIMESTAMPTZ", "date": "DATE", "time": "TIME"}
_SCALARS = {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}
_LARGEST_OBJECT = 16 * 2**20  # DuckDB's own limit to one line of JSON, unless it is told another


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


def column_names(properties: Iterable[str]) -> dict[str, str]:
    """Return a column's name for each property: DuckDB takes `id` and `Id` for the same."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for name in properties:
        column, number = name, 1
        while column.lower() in taken:
            number += 1
            column = f"{name}_{number}"
        taken.add(column.lower())
        names[name] = column
    return names


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
        self.table = quoted(stream_name)
        properties: dict[str, dict[str, Any]] = self.schema["properties"]
        self.names = column_names(properties)
        self.columns = {self.names[name]: column_type(spec) for name, spec in properties.items()}

    @property
    @override
    def include_sdc_metadata_properties(self) -> bool:
        return True  # ACTIVATE_VERSION and deletions need them.

    @override
    def setup(self) -> None:
        super().setup()
        run = self.target.database.execute
        declared = ", ".join(f"{quoted(name)} {kind}" for name, kind in self.columns.items())
        with self.target.transaction():
            run(f"CREATE TABLE IF NOT EXISTS {self.table} ({declared})")
            described = run(f"DESCRIBE FROM {self.table}").fetchall()
            found = {name.lower(): kind for name, kind, *_ in described}
            for name, kind in self.columns.items():
                # DuckDB spells TIMESTAMPTZ out.
                wanted = "TIMESTAMP WITH TIME ZONE" if kind == "TIMESTAMPTZ" else kind
                if name.lower() not in found:
                    run(f"ALTER TABLE {self.table} ADD COLUMN {quoted(name)} {kind}")
                elif found[name.lower()] != wanted:
                    run(f"ALTER TABLE {self.table} ALTER COLUMN {quoted(name)} TYPE {kind}")

    @override
    def process_batch(self, context: dict[str, Any]) -> None:
        keys = list(self.key_properties)
        rows: list[dict[str, Any]] = context["records"]
        if keys:
            rows = list({tuple(row[key] for key in keys): row for row in rows}.values())
        names = self.names.items()
        lines = [_ENCODER.encode({to: row.get(name) for name, to in names}) for row in rows]
        with tempfile.TemporaryDirectory() as folder, self.target.transaction():
            batch = Path(folder, "batch.jsonl")
            batch.write_bytes(b"\n".join(lines))
            self._merge(batch, keys, max(_LARGEST_OBJECT, 2 * max(map(len, lines))))

    def _merge(self, batch: Path, keys: Sequence[str], largest: int) -> None:
        run = self.target.database.execute
        run(
            f"CREATE OR REPLACE TEMP TABLE batch AS FROM read_json($path, columns = $columns,"
            f" format = 'newline_delimited', maximum_object_size = {largest})",
            {"path": str(batch), "columns": self.columns},
        )
        if keys:
            columns = [quoted(self.names[key]) for key in keys]
            same = " AND ".join(f"old.{column} = batch.{column}" for column in columns)
            run(f"DELETE FROM {self.table} AS old USING batch WHERE {same}")  # noqa: S608
        run(f"INSERT INTO {self.table} BY NAME FROM batch WHERE _sdc_deleted_at IS NULL")

    @override
    def activate_version(self, new_version: int) -> None:
        self.target.drain_one(self)
        self.target.database.execute(
            f"DELETE FROM {self.table} WHERE _sdc_table_version IS DISTINCT FROM ?",  # noqa: S608
            [new_version],
        )


class TargetDuckDBFile(Target):
    """Keeps one DuckDB file equal to what a tap tells: a table a stream, rows merged by their keys."""  # noqa: E501 - `--about` shows it as it stands

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

    @functools.cached_property
    def database(self) -> duckdb.DuckDBPyConnection:
        """The file, opened for writing."""
        path = Path(self.config["path"]).expanduser()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return duckdb.connect(str(path))
        except duckdb.IOException as error:
            sys.exit(f"{path} cannot be opened for writing: {str(error).splitlines()[0]}")

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
