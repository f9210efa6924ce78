# /// script
# requires-python = ">=3.10"
# dependencies = ["adbc-driver-postgresql>=1.8", "duckdb>=1.5,<3", "tap-zohocrm-modules[arrow]"]
#
# [tool.uv.sources]
# tap-zohocrm-modules = { path = "..", editable = true }
# ///
"""Loads one module by `tap_zohocrm_modules.read()`, as docs/how-to/python.md has it.

Usage: python read_pipeline.py SETTINGS.json MODULE FIELDS FOLDER DATABASE | --where

The database is the URL of one of PostgreSQL's, or a file of DuckDB's.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main(settings: str, module: str, fields: str, database: str) -> None:
    """Read the module into a table, batch by batch."""
    import tap_zohocrm_modules  # noqa: PLC0415 - not for --where

    config = json.loads(Path(settings).read_text(encoding="utf-8"))
    into = to_postgres if database.startswith("postgresql://") else to_duckdb
    with tap_zohocrm_modules.read(module, fields=fields.split(","), config=config) as reader:
        into(database, module.lower(), reader)


def to_duckdb(database: str, table: str, reader: Any) -> None:
    """Make a table of all batches."""
    import duckdb  # noqa: PLC0415 - one of two

    with duckdb.connect(database) as crm:
        crm.register("reader", reader)
        crm.execute("create schema crm")
        crm.execute(f"create table crm.{table} as select * from reader")  # noqa: S608 - our own


def to_postgres(database: str, table: str, reader: Any) -> None:
    """Make a table of all batches; exact numbers and lists go as texts."""
    import adbc_driver_postgresql.dbapi  # noqa: PLC0415 - one of two
    import pyarrow as pa  # noqa: PLC0415 - not for --where

    def plain(field: Any) -> Any:
        is_text = pa.types.is_decimal(field.type) or pa.types.is_list(field.type)
        return field.with_type(pa.string()) if is_text else field

    def text(column: Any) -> Any:
        if not pa.types.is_list(column.type):
            return column
        found = (None if one is None else json.dumps(one) for one in column.to_pylist())
        return pa.array(found, pa.string())

    schema = pa.schema(map(plain, reader.schema))
    names = schema.names
    batches = (
        pa.RecordBatch.from_arrays([*map(text, one.columns)], names).cast(schema) for one in reader
    )
    rows = pa.RecordBatchReader.from_batches(schema, batches)
    with adbc_driver_postgresql.dbapi.connect(database) as connection:
        with connection.cursor() as cursor:
            cursor.execute("create schema if not exists by_read")
            cursor.adbc_ingest(table, rows, mode="create", db_schema_name="by_read")
        connection.commit()


if __name__ == "__main__":
    if sys.argv[1:] == ["--where"]:
        sys.stdout.write(sys.executable)
    else:
        _, settings_file, name, columns, _, where = sys.argv
        main(settings_file, name, columns, where)
