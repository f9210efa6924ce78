# /// script
# requires-python = ">=3.10,<3.15"
# dependencies = ["duckdb>=1.5,<2", "meltano==4.4.1", "rich>=14"]
#
# [tool.uv]
# exclude-newer = "2026-11-20T00:00:00Z"
# ///
"""Load the tap's sample organisation into a DuckDB file with Meltano, and show its modules.

    uv run examples/demo.py

The same as `meltano --environment=demo run tap-zohocrm-modules target-duckdb-file`, with a look at
the result. Run it again as often as you like: rows are merged.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import unicodedata
from pathlib import Path
from typing import Any, Literal, NoReturn

import duckdb
from rich.console import Console
from rich.table import Table

PROJECT = Path(__file__).resolve().parent.parent
WAREHOUSE = PROJECT / "output" / "demo.duckdb"
LOG = PROJECT / "output" / "demo.log"
MELTANO = [str(Path(sys.executable).with_name("meltano")), "--environment=demo"]
PIPELINE = ("tap-zohocrm-modules", "target-duckdb-file")
PREFIX = "TAP_ZOHOCRM_MODULES_"
TIMEOUT = 900
# The CLI of the DuckDB that wrote the file: a wheel, so uv needs nothing else.
DUCKDB_CLI = f"--from duckdb-cli=={duckdb.__version__} duckdb"

# What the table shows, and how wide: 100 columns in all.
COLUMNS = {
    "name": 31,
    "type": 15,
    "status": 22,
    "visi-\nbility": 6,
    "pro-\nfiles": 5,
    "last change, UTC": 16,
}
MODULES = """
    SELECT api_name, plural_label, generated_type, status, visibility, profile_count,
           strftime(modified_time AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M') AS last_change
    FROM modules ORDER BY sequence_number NULLS LAST, id
"""
EXAMPLE = (
    "SELECT api_name, modified_time, modified_by->>'name' AS modified_by FROM modules"
    " WHERE generated_type = 'custom' ORDER BY modified_time DESC NULLS LAST LIMIT 5"
)


def main() -> None:
    """Install, run, show."""
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_text("", "utf-8")
    say("1/3  Installing the tap and a loader, each in an environment of its own ...")
    meltano("install", *PIPELINE)
    say("2/3  Running tap-zohocrm-modules against its sample organisation ...")
    meltano("run", *PIPELINE)
    say(f"3/3  Reading {relative(WAREHOUSE)} ...\n")
    try:
        with duckdb.connect(str(WAREHOUSE), read_only=True) as database:
            rows = database.execute(MODULES).fetchall()
            sizes = table_sizes(database)
    except duckdb.Error as error:
        fail(f"{relative(WAREHOUSE)} cannot be read: {error}")
    if not rows:
        fail(f"{relative(WAREHOUSE)} holds no modules; the whole log is in {relative(LOG)}")
    show(rows)
    largest = ", ".join(f"{table} ({count} rows)" for count, table in sizes[:6])
    say("\n" + textwrap.fill(f"{len(sizes)} tables, the largest: {largest}.", 100))
    say(f"\nQuery them yourself:\n\n{query_line()}")


def table_sizes(database: duckdb.DuckDBPyConnection) -> list[tuple[int, str]]:
    """Return the numbers of rows and the tables, largest first."""
    tables = [
        table for (table,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    ]
    counted = (database.table(f'"{table}"').count("*").fetchone() for table in tables)
    sizes = (found[0] if found else 0 for found in counted)
    return sorted(zip(sizes, tables, strict=True), reverse=True)


def meltano(*arguments: str) -> None:
    """Run Meltano; its output goes to the log file."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    # A .env with the credentials of a real organisation must not turn the demo into a real run.
    environment |= {f"{PREFIX}ENVIRONMENT": "demo", "PYTHONUTF8": "1", "NO_COLOR": "1"}
    try:
        done = subprocess.run(  # noqa: S603
            [*MELTANO, *arguments],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired:
        fail(f"`meltano {' '.join(arguments)}` took more than {TIMEOUT} seconds")
    with LOG.open("a", encoding="utf-8") as log:
        log.write(done.stdout)
    if done.returncode:
        fail(
            f"`meltano {' '.join(arguments)}` ended with exit code {done.returncode}:"
            f" {reason(done.stdout)} (the whole log: {relative(LOG)})"
        )


def reason(output: str) -> str:
    """Return the line of Meltano's output that says most about a failure."""
    errors = re.findall(r"^.*?\[error +\] +(\S+) +(.*)$", output, re.MULTILINE)
    told = {name: f"{name}: {text}" for name, text in errors}  # the last one of each
    lines = [line for line in output.splitlines() if line.strip()]
    # A loader that fails makes the tap fail, and either makes Meltano fail.
    for name in (*reversed(PIPELINE), "meltano"):
        if name in told:
            return told[name]
    return lines[-1] if lines else "it said nothing"


def show(rows: list[tuple[Any, ...]]) -> None:
    """Print the modules as a table that fits a terminal of 100 columns."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for title, width in COLUMNS.items():
        justify: Literal["left", "right"] = "right" if "\n" in title else "left"
        table.add_column(title, width=width, justify=justify, no_wrap=True, overflow="ellipsis")
    for api_name, label, *others in rows:
        values = ["-" if value is None else str(value) for value in others]
        table.add_row(name(api_name, label), *values)
    width = sum(COLUMNS.values()) + len(COLUMNS) - 1
    Console(width=width, markup=False, emoji=False, highlight=False).print(table)


def name(api_name: str, label: str | None) -> str:
    """Return the API name, and the label where it says something else."""
    if not label or label.replace(" ", "_") == api_name:
        return api_name
    if any(unicodedata.bidirectional(character) in {"R", "AL"} for character in label):
        # Isolated, so that a terminal which turns it does not turn the columns after it.
        label = f"\N{FIRST STRONG ISOLATE}{label}\N{POP DIRECTIONAL ISOLATE}"
    return f"{api_name} ({label})"


def query_line() -> str:
    """Return a command that queries the file, to be typed as it stands."""
    # Not the uv that Meltano brings into this script's own environment.
    others = (entry for entry in os.get_exec_path() if not Path(entry).is_relative_to(sys.prefix))
    if shutil.which("uv", path=os.pathsep.join(others)):
        command = "uv"
    else:
        command = relative(Path(os.environ.get("UV", "uv")))  # `uv run` tells where uv is.
    return (
        f"{shlex.quote(command)} tool run {DUCKDB_CLI} -readonly"
        f' {shlex.quote(relative(WAREHOUSE))} "{EXAMPLE}"'
    )


def relative(path: Path) -> str:
    """Return the path as one would type it here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def say(text: str) -> None:
    """Print, at once."""
    print(text, flush=True)  # noqa: T201


def fail(text: str) -> NoReturn:
    """End with one line and exit code 1."""
    sys.exit(f"The demo failed: {' '.join(text.split())}")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main()
