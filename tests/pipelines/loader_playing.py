"""Plays a life into the loader, run after run on one file, and kills it between its steps."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from target_duckdb_file import TargetDuckDBFile

from pipelines.loader_lives import DELETED, Life, Message

ARROW = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "date-time": pa.timestamp("us", "UTC"),
}


class KilledError(BaseException):
    """The loader is killed."""


class Doomed:
    """A connection to the database, which dies before or after so many calls."""

    def __init__(self, database: duckdb.DuckDBPyConnection, calls: int, *, before: bool) -> None:
        self._database = database
        self._calls = calls
        self._before = before

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._database, name)

        def call(*values: Any, **named: Any) -> Any:
            self._calls -= 1
            if self._calls < 0 or (self._calls == 0 and self._before):
                raise KilledError
            done = found(*values, **named)
            if self._calls == 0:
                raise KilledError
            return done

        return call


@dataclasses.dataclass
class Loading:
    """The loader, run after run on one file.

    Attributes:
        folder: Where the database is, and the files that carry rows.
        form: `record`, or the format of the files.
        random: Says how runs end.
    """

    folder: Path
    form: str
    random: Random

    @property
    def path(self) -> Path:
        return self.folder / "warehouse.duckdb"

    def load(self, life: Life) -> int:
        """Load a life; return how many runs were ended early."""
        ended = 0
        for number, run in enumerate(life.runs):
            begun = 0
            for attempt in range(6):
                until = len(run)
                if attempt < 5 and self.random.random() < 0.2:
                    until = self.random.randint(begun, len(run))  # The tap was killed.
                doomed = (
                    self.random.randint(1, 60) if attempt < 5 and self.random.random() < 0.5 else 0
                )
                state = self._run([*_again(life, number, begun), *run[begun:until]], doomed)
                if state is not None and state["run"] == number:
                    assert begun <= state["read"] <= until
                    begun = state["read"]
                if begun == len(run):
                    break
                ended += 1
            assert begun == len(run)
        return ended

    def _run(self, messages: list[Message], doomed: int) -> dict[str, Any] | None:
        """Run the loader; return the last STATE that it has confirmed."""
        said = self._lines(messages)
        config = {"path": str(self.path), "batch_size_rows": self.random.choice((1, 2, 3, 1000))}
        target = TargetDuckDBFile(config=config)
        if self.random.random() < 0.5:
            target._MAX_RECORD_AGE_IN_MINUTES = -1.0
        database = target.database
        if doomed:
            before = self.random.random() < 0.5
            target.__dict__["database"] = Doomed(database, doomed, before=before)
        with contextlib.redirect_stdout(io.StringIO()) as confirmed:
            try:
                target.listen(io.StringIO(said))
            except KilledError:
                pass
            finally:
                database.close()
        lines = confirmed.getvalue().splitlines()
        state: dict[str, Any] | None = json.loads(lines[-1]) if lines else None
        return state

    def _lines(self, messages: list[Message]) -> str:
        found: list[Message] = []
        rows: list[Message] = []
        for message in [*messages, {"type": ""}]:
            if rows and not _goes_with(rows[0], message):
                found.append(self._batch(rows))
                rows = []
            if self.form != "record" and message["type"] == "RECORD":
                rows.append(message)
            elif message["type"]:
                found.append(message)
            if message["type"] == "SCHEMA":
                self._kinds = {**getattr(self, "_kinds", {}), message["stream"]: message["kinds"]}
        return "".join(json.dumps(message) + "\n" for message in found)

    def _batch(self, rows: list[Message]) -> Message:
        first = rows[0]
        kinds = {**self._kinds[first["stream"]], "id": "string", DELETED: "date-time"}
        columns = {
            name: pa.array([_in_arrow(row["record"][name], kinds[name]) for row in rows],
                           ARROW.get(kinds[name], pa.string()))
            for name in first["record"]
        }  # fmt: skip
        table = pa.table(columns)
        file = self.folder / f"{len([*self.folder.iterdir()])}-{self.random.random()}.rows"
        if self.form == "parquet":
            pq.write_table(table, file)
        else:
            with pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
        version = {"version": first["version"]} if "version" in first else {}
        encoding = {"format": self.form}
        message = {"type": "BATCH", "stream": first["stream"], "encoding": encoding}
        return {**message, "manifest": [file.as_uri()], **version}

    def held(self, life: Life) -> dict[str, dict[str, dict[str, Any]]]:
        """Return the rows by id that each stream's table has."""
        with duckdb.connect(str(self.path), read_only=True) as database:
            tables = {name for (name,) in database.execute("SHOW TABLES").fetchall()}
            return {
                stream: dict(_rows(database, stream, types)) if stream in tables else {}
                for stream, types in life.types.items()
            }


def _again(life: Life, number: int, begun: int) -> Iterator[Message]:
    """Yield the SCHEMA of each stream as it was, with which a run that goes on begins."""
    last = {m["stream"]: m for m in life.runs[number][:begun] if m["type"] == "SCHEMA"}
    yield from last.values()


def _goes_with(row: Message, message: Message) -> bool:
    return (
        message["type"] == "RECORD"
        and message["stream"] == row["stream"]
        and message.get("version") == row.get("version")
        and message["record"].keys() == row["record"].keys()
    )


def _in_arrow(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind.startswith("date"):
        found = datetime.fromisoformat(value.replace("Z", "+00:00"))
        return found.date() if kind == "date" else found
    if kind in {"object", "array"}:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def _rows(
    database: duckdb.DuckDBPyConnection, stream: str, types: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    database.execute("SET TimeZone = 'UTC'")
    shown = {"date-time": "strftime({}, '%Y-%m-%dT%H:%M:%SZ')"}
    columns = [
        shown.get(kind, "{}::VARCHAR" if kind == "date" else "{}").format(name)
        for name, kind in types.items()
    ]
    query = f"SELECT {', '.join(['id', *columns])} FROM {stream}"
    found = database.execute(query).fetchall()
    assert len({key for key, *_ in found}) == len(found), "a key occurs twice"
    for key, *values in found:
        row = dict(zip(types, values, strict=True))
        for name, kind in types.items():
            if kind in {"object", "array"} and row[name] is not None:
                row[name] = json.loads(row[name])
        yield key, row
