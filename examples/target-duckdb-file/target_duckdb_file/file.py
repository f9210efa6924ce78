"""The DuckDB file, as a target has it open."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from singer_sdk.target_base import Target

# Enough for the merge of a part, however large the table is; DuckDB would take what there is.
_MB = 60
# A second thread takes as much CPU time again, for parts so small. While rows are added, each of
# their columns keeps some blocks in memory, which would be of 256 kB in a new file.
_SETTINGS: dict[str, Any] = {"threads": 1, "default_block_size": str(2**16)}
# A change rewrites its whole group of rows, which DuckDB would make of 122,880.
_GROUP = 2**12


def brief(error: BaseException) -> str:
    """Return what an error says, as one line that is not too long."""
    return " ".join(str(error).split())[:400]


class FileTarget(Target):
    """A target with one DuckDB file."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.max_parallelism = 1  # One connection, one transaction at a time.
        self.room = 0
        self.stream = ""  # At work.

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
