"""What each loader does with the unusual: docs/destinations.md says the same, cell by cell."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pipelines.conftest import ROOT, clean_environment

from destinations.conftest import MakeStore
from destinations.messages import DELETED_AT
from destinations.plugins import FAKESNOW, TARGET_SNOWFLAKE, attempt, run
from destinations.stores import DuckDBStore, Store

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

STAND_IN = Path(__file__).with_name("snowflake_stand_in.py")
PAGE = ROOT / "docs" / "destinations.md"

Row = dict[str, Any]
TEXT, INTEGER, NUMBER, DATE, TIME = (
    {"type": ["string", "null"]},
    {"type": ["integer", "null"]},
    {"type": ["number", "null"]},
    {"type": ["string", "null"], "format": "date"},
    {"type": ["string", "null"], "format": "date-time"},
)
PROPERTIES = {"id": {"type": ["string"]}, "a": TEXT, "n": INTEGER, DELETED_AT: TIME}


def schema(stream: str, without: str = "", **properties: Any) -> Row:
    found = {k: v for k, v in (PROPERTIES | properties).items() if k != without}
    schema = {"type": "object", "properties": found}
    return {"type": "SCHEMA", "stream": stream, "key_properties": ["id"], "schema": schema}


def record(stream: str, version: int | None = None, **values: Any) -> Row:
    found = {"type": "RECORD", "stream": stream, "record": values}
    return found if version is None else {**found, "version": version}


def activate(stream: str, version: int) -> Row:
    return {"type": "ACTIVATE_VERSION", "stream": stream, "version": version}


# What a second run says of rows that the first one has brought.
FIRST = [
    *(schema("lacking"), record("lacking", id="1", a="x", n=1)),
    *(schema("omitting"), record("omitting", id="1", a="x", n=1)),
    *(schema("buried"), record("buried", id="1", a="x", n=1), record("buried", id="2", n=2)),
    *(schema("versioned"), record("versioned", 1, id="1", n=1), record("versioned", 1, id="2")),
    activate("versioned", 1),
]
SECOND = [
    *(schema("lacking", without="a"), record("lacking", id="1", n=2)),
    *(schema("omitting"), record("omitting", id="1", n=2)),
    schema("buried"),
    record("buried", id="1", _sdc_deleted_at="2026-01-01T00:00:00Z"),
    *(schema("versioned"), record("versioned", 2, id="1", n=3), activate("versioned", 2)),
]
CHANGES: Mapping[str, tuple[Row, Row, Any, Any]] = {
    "integer to number": (INTEGER, NUMBER, 7, 1.5),
    "date to date-time": (DATE, TIME, "2026-01-02", "2026-03-04T05:06:07Z"),
    "number to text": (NUMBER, TEXT, 1.5, "abc"),
    "text to integer": (TEXT, INTEGER, "007", 7),
}
ERROR = "error"


@dataclasses.dataclass(frozen=True)
class Does:
    """What a loader does.

    Attributes:
        omitting: What a column has that a record leaves out.
        tombstone: Whether it removes the row, or marks it and empties its columns.
        versions: The ids that are left when the second version has one of two rows.
        changes: The column after each change of type: of a row that came again, and of one that
            did not; or `ERROR`.
        on_sigterm: The exit code, and the STATE that it still confirms.
    """

    omitting: str | None
    tombstone: str
    versions: list[str]
    changes: Mapping[str, Any]
    on_sigterm: tuple[int, str] = (0, "")


DOES = {
    "target-postgres": Does(
        omitting=None,
        tombstone="marks",
        versions=["1"],
        changes={
            "integer to number": (2, 7),
            "date to date-time": ("2026-03-04", "2026-01-02"),
            "number to text": ERROR,
            "text to integer": ("7", "007"),
        },
        on_sigterm=(0, '{"at": 1}\n'),
    ),
    "pipelinewise-target-postgres": Does(
        omitting=None,
        tombstone="removes",
        versions=["1", "2"],
        changes={
            "integer to number": (Decimal("1.5"), None),
            "date to date-time": ("2026-03-04T05:06:07", None),
            "number to text": ("abc", None),
            "text to integer": (7, None),
        },
        on_sigterm=(-signal.SIGTERM, ""),
    ),
    "target-duckdb-file": Does(
        omitting="x",
        tombstone="removes",
        versions=["1"],
        changes={
            "integer to number": (1.5, 7.0),
            "date to date-time": ("2026-03-04 05:06:07+00", "2026-01-02 00:00:00+00"),
            "number to text": ("abc", "1.5"),
            "text to integer": ERROR,
        },
        on_sigterm=(128 + signal.SIGTERM, ""),
    ),
}


def said(folder: Path, name: str, *messages: Row) -> Path:
    path = folder / f"{name}.jsonl"
    lines = [*messages, {"type": "STATE", "value": {"at": name}}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


@pytest.fixture(scope="module", params=[*DOES])
def loader(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def store(loader: str, make_store: MakeStore, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("unusual")
    found = make_store(loader, folder)
    found.load(said(folder, "first", *FIRST))
    found.load(said(folder, "second", *SECOND))
    return found


def cells(loader: str) -> dict[str, str]:
    """What the page's table says of a loader, by the first cell of each row, in short."""
    after = PAGE.read_text("utf-8").partition("## What a loader does with the unusual")[2]
    lines = after.partition("\n## ")[0].splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    named = {"target-postgres": "meltanolabs-target-postgres"}.get(loader, loader)
    column = [cell.strip() for cell in rows[0]].index(named)
    found: dict[str, str] = {}
    for row in rows[2:]:
        says = row[column].strip()
        found[row[0].split(" (")[0].strip()] = says if says != "as above" else [*found.values()][-1]
    return found


def test_the_page_says_the_same(loader: str) -> None:
    says, does = cells(loader), DOES[loader]
    assert ("becomes null" in says["a column that a record leaves out"]) == (does.omitting is None)
    tombstone = {"removes": "row removed", "marks": "row marked"}[does.tombstone]
    assert says["a tombstone"].startswith(tombstone)
    assert ("ignored" in says["ACTIVATE_VERSION"]) == (does.versions == ["1", "2"])
    for change, after in does.changes.items():
        assert ("ends with an error" in says[change]) == (after == ERROR)
    code, confirmed = does.on_sigterm
    assert ("exit 0" in says["SIGTERM"]) == (code == 0)
    assert ("no STATE" in says["SIGTERM"]) == (not confirmed)


def by_id(rows: list[Row]) -> dict[str, Row]:
    return {row["id"]: row for row in rows}


def test_a_column_that_the_schema_leaves_out_keeps_its_value(store: Store) -> None:
    [row] = store.table("lacking")
    assert (row["a"], row["n"]) == ("x", 2)


def test_a_column_that_a_record_leaves_out(store: Store, loader: str) -> None:
    [row] = store.table("omitting")
    assert (row["a"], row["n"]) == (DOES[loader].omitting, 2)


def test_a_tombstone(store: Store, loader: str) -> None:
    rows = by_id(store.table("buried"))
    assert rows["2"]["n"] == 2
    if DOES[loader].tombstone == "removes":
        assert "1" not in rows
    else:
        assert rows["1"][DELETED_AT]
        assert (rows["1"]["a"], rows["1"]["n"]) == (None, None)


def test_a_version_that_is_activated(store: Store, loader: str) -> None:
    assert sorted(by_id(store.table("versioned"))) == DOES[loader].versions


@pytest.mark.parametrize("change", [*CHANGES])
def test_a_type_that_changes(store: Store, loader: str, change: str, tmp_path: Path) -> None:
    old, new, before, after = CHANGES[change]
    stream = change.replace(" ", "_").replace("-", "_")
    first = [record(stream, id=key, n=before) for key in ("1", "2")]
    store.load(said(tmp_path, "first", schema(stream, n=old), *first))
    second = said(tmp_path, "second", schema(stream, n=new), record(stream, id="1", n=after))
    done = attempt([store.program, "--config", store.path], stdin=second)
    rows = by_id(store.table(stream))
    if DOES[loader].changes[change] == ERROR:
        assert done.returncode == 1
        assert {row["n"] for row in rows.values()} == {before}
        return
    assert done.returncode == 0, done.stderr[-2000:]
    assert (rows["1"]["n"], rows["2"]["n"]) == DOES[loader].changes[change]


def has_begun(store: Store, stream: str) -> bool:
    if isinstance(store, DuckDBStore):
        return store.file.with_name(f"{store.file.name}.wal").exists()  # It is locked.
    return bool(store.columns(stream))


def test_sigterm(store: Store, loader: str) -> None:
    with subprocess.Popen(
        [str(store.program), "--config", str(store.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        text=True,
    ) as running:
        assert running.stdin
        assert running.stderr
        lines = [schema("ended"), record("ended", id="1"), {"type": "STATE", "value": {"at": 1}}]
        running.stdin.write("".join(json.dumps(line) + "\n" for line in lines))
        running.stdin.flush()
        until = time.monotonic() + 120
        while not has_begun(store, "ended") and time.monotonic() < until:
            time.sleep(1)
        # It waits for more input.
        time.sleep(5)
        running.send_signal(signal.SIGTERM)
        confirmed, _ = running.communicate(timeout=120)
    assert (running.returncode, confirmed) == DOES[loader].on_sigterm


# The value that came again, and the one that did not.
STAND_IN_HAS: Mapping[str, Any] = {
    "integer to number": (2, 7),
    "date to date-time": ("2026-03-04", "2026-01-02"),
    "number to text": ("abc", "1.5"),  # Snowflake itself refuses such an ALTER TABLE.
    "text to integer": ("7", "007"),
}


@pytest.mark.parametrize("change", [*CHANGES])
def test_a_type_that_changes_on_snowflakes_stand_in(
    environment: Callable[..., Path], change: str, tmp_path: Path
) -> None:
    python = environment(TARGET_SNOWFLAKE, FAKESNOW) / "python"
    old, new, before, after = CHANGES[change]
    first = [record("changed", id=key, n=before) for key in ("1", "2")]
    files = [
        said(tmp_path, "1", schema("changed", n=old), *first),
        said(tmp_path, "2", schema("changed", n=new), record("changed", id="1", n=after)),
    ]
    tables = json.loads(run([python, STAND_IN, *files], timeout=300).stdout)
    rows = {row["ID"]: row["N"] for row in tables[1]["CHANGED"]["rows"]}
    assert (rows["1"], rows["2"]) == STAND_IN_HAS[change]


def test_snowflakes_stand_in(environment: Callable[..., Path], tmp_path: Path) -> None:
    python = environment(TARGET_SNOWFLAKE, FAKESNOW) / "python"
    files = [said(tmp_path, "first", *FIRST), said(tmp_path, "second", *SECOND)]
    tables = json.loads(run([python, STAND_IN, *files], timeout=300).stdout)[1]
    rows = {name: {row["ID"]: row for row in table["rows"]} for name, table in tables.items()}
    assert (rows["LACKING"]["1"]["A"], rows["LACKING"]["1"]["N"]) == ("x", 2)
    assert (rows["OMITTING"]["1"]["A"], rows["OMITTING"]["1"]["N"]) == (None, 2)
    assert rows["BURIED"]["1"][DELETED_AT.upper()]
    assert rows["BURIED"]["1"]["A"] is None
    assert [*rows["VERSIONED"]] == ["1"]
