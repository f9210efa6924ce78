"""Runs where target-snowflake and fakesnow are: loads files of Singer messages, prints the tables.

fakesnow answers as Snowflake would, out of DuckDB. It has no stages, so that what the target would
PUT into one is inserted into a table of VARIANT here, and the target's own MERGE reads that. Its
DDL, identifiers, casts and merges are the target's; PUT, file formats, COPY INTO and the service
itself are not proven by this.

Usage: python snowflake_stand_in.py MESSAGES|STATEMENT...

A statement begins with `alter`, and is executed in its turn.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlparse
from urllib.request import url2pathname

import fakesnow
import pyarrow.parquet as pq
import snowflake.connector
from sqlalchemy import text
from target_snowflake.connector import SnowflakeConnector
from target_snowflake.sinks import SnowflakeSink
from target_snowflake.target import TargetSnowflake

DATABASE, SCHEMA = "CRM", "ZOHO"
STAGED, SELECTED = "staged_lines", "selected_rows"
CONFIG = {
    "account": "stand-in",
    "user": "u",
    "password": "p",
    "database": DATABASE,
    "default_target_schema": SCHEMA,
    "hard_delete": True,
}
SOURCE = re.compile(r"\((select .+? from )'@~/[^']+'\(file_format => .+?\)( QUALIFY .+?)?\) s on ")


class Connector(SnowflakeConnector):
    """The target's connector, with a table in place of the stage."""

    def get_connect_args(self) -> dict[str, Any]:
        # fakesnow wants both; Snowflake does with the database.
        return {**super().get_connect_args(), "schema": SCHEMA}

    def create_file_format(self, file_format: str, file_type: str = "JSON") -> None:
        pass

    def drop_file_format(self, file_format: str) -> None:
        pass

    def put_batches_to_stage(self, sync_id: str, files: Sequence[str]) -> None:
        del sync_id
        with self._connect() as connection, connection.begin():
            connection.execute(text(f"create or replace table {STAGED} (v variant)"))
            for file in files:
                for line in rows_of(Path(url2pathname(urlparse(file).path))):
                    insert = f"insert into {STAGED} select parse_json(:line)"
                    connection.execute(text(insert), {"line": line})

    def remove_staged_files(self, sync_id: str) -> None:
        del sync_id
        with self._connect() as connection, connection.begin():
            connection.execute(text(f"drop table if exists {STAGED}"))

    def merge_from_stage(self, **options: Any) -> int:
        statement, _ = self._get_merge_from_stage_statement(**options)
        merge = str(statement)
        source = SOURCE.search(merge)
        assert source, merge
        # A table of its own, for fakesnow cannot merge from a select with paths into VARIANT.
        select = f"{source[1]}{STAGED}{source[2] or ''}".replace("$1:", "v:")
        select = select.replace("ORDER BY SEQ8() DESC", "ORDER BY 1")
        with self._connect() as connection, connection.begin():
            connection.execute(text(f"create or replace table {SELECTED} as {select}"))
            merged = merge.replace(source[0], f"{SELECTED} s on ")
            connection.execute(text(merged))
            connection.execute(text(f"drop table {SELECTED}"))
        return 0


def rows_of(file: Path) -> Iterator[str]:
    """The rows that the target would stage, as JSON."""
    if file.suffix == ".parquet":
        for row in pq.read_table(file).to_pylist():
            yield json.dumps(row, default=str)
    else:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            yield from lines


def load(path: Path) -> None:
    target = TargetSnowflake(config=CONFIG)
    # One connection to one DuckDB takes one statement at a time.
    target.max_parallelism = 1
    with path.open(encoding="utf-8") as messages, contextlib.redirect_stdout(io.StringIO()):
        target.listen(messages)


def tables() -> dict[str, Any]:
    with snowflake.connector.connect(database=DATABASE, schema=SCHEMA) as connection:
        cursor = connection.cursor(snowflake.connector.DictCursor)
        cursor.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            f" where table_schema = '{SCHEMA}'"
        )
        found: dict[str, Any] = {}
        for row in cursor.fetchall():
            table = found.setdefault(row["TABLE_NAME"], {"columns": {}})
            table["columns"][row["COLUMN_NAME"]] = row["DATA_TYPE"]
        for name, table in found.items():
            cursor.execute(f'select * from "{name}"')
            table["rows"] = cursor.fetchall()
    return found


def main() -> None:
    """Load each file, and print what is there after each; execute the statements among them."""
    with fakesnow.patch(), mock.patch.object(SnowflakeSink, "connector_class", Connector):
        with snowflake.connector.connect() as connection:
            connection.cursor().execute(f"create database {DATABASE}")
            connection.cursor().execute(f"create schema {DATABASE}.{SCHEMA}")
        states = []
        for word in sys.argv[1:]:
            if word.startswith("alter "):
                with snowflake.connector.connect(database=DATABASE, schema=SCHEMA) as connection:
                    connection.cursor().execute(word)
                continue
            load(Path(word))
            states.append(tables())
    json.dump(states, sys.stdout, default=str)


if __name__ == "__main__":
    main()
