"""What counting records costs the atlas, against the load of the same records into DuckDB.

Usage: python -m benchmarks.counting [RECORDS]

A module goes by Bulk Read and Arrow files into DuckDB. The atlas is drawn of what the tap wrote,
with those files and without them: the difference is what counting takes. The ratio is that of its
CPU time to the CPU time of the load, tap and loader.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.apart import Apart, compile_packages, demo_apart
from benchmarks.end_to_end import (
    MODULE,
    NOT_EXPORTED,
    TAP,
    TARGET,
    catalog_of,
    config_file,
    in_duckdb,
    tap_command,
)

RECORDS = 400_000
REPEATS = 3
METADATA = frozenset({"org", "modules", "fields", "picklist_values", "relationships"})
ATLAS = TAP.with_name("target-zohocrm-atlas")


class Taken(NamedTuple):
    """What a process took: CPU seconds, and MB at most."""

    cpu: float
    memory: float


def run(command: Sequence[str], output: Path, source: Path = Path(os.devnull)) -> Taken:
    """Run a command.

    Raises:
        SystemExit: It failed.
    """
    log = output.with_suffix(".log")
    with output.open("wb") as out, log.open("wb") as errors, source.open("rb") as lines:
        process = subprocess.Popen(command, stdin=lines, stdout=out, stderr=errors)  # noqa: S603 - ours
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command!r}: {log.read_text('utf-8')[-1_500:]}")
    return Taken(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def metadata(settings: Mapping[str, Any], folder: Path) -> Path:
    """Read what the atlas needs to know of an organisation, and return the messages."""
    config = config_file(folder, "config", settings)
    found = folder / "catalog.json"
    run([str(TAP), config, "--discover"], found)
    streams = [
        each
        for each in json.loads(found.read_bytes())["streams"]
        if each["tap_stream_id"] in METADATA
    ]
    messages = folder / "metadata.jsonl"
    catalog = config_file(folder, "catalog", {"streams": streams})
    run([str(TAP), config, catalog], messages)
    return messages


def select_exported(catalog: Mapping[str, Any]) -> int:
    """Select all columns that Bulk Read has, and return how many there are."""
    several = catalog["streams"][0]["metadata"]
    for item in several:
        item["metadata"]["selected"] = NOT_EXPORTED not in item["breadcrumb"]
    return sum(item["metadata"]["selected"] for item in several if item["breadcrumb"])


def main(records: int) -> None:
    """Load, draw with the files and without them, and print the figures and the ratio."""
    with demo_apart(Apart({MODULE: records})) as found, tempfile.TemporaryDirectory() as name:
        # Where the machine is busy, an export of 200,000 records takes the sample minutes.
        settings, folder = {**found, "request_timeout": 900}, Path(name)
        compile_packages([sys.executable])
        about = metadata(settings, folder)
        catalog = catalog_of(settings, folder)
        columns = select_exported(catalog)
        rows = folder / "records.jsonl"
        tap = run(tap_command(settings, folder, catalog, "bulk", "arrow"), rows)
        plain, counted = drawn(folder, about, rows)
        database = folder / "records.duckdb"
        target = config_file(folder, "target", {"path": str(database)})
        loader = run([sys.executable, str(TARGET), target], folder / "loader.out", rows)
        if in_duckdb(database, f'"{MODULE}"')[:2] != (records, records):
            raise SystemExit("the loader has not loaded every record")
    counting, load = counted.cpu - plain.cpu, tap.cpu + loader.cpu
    sys.stdout.write(
        f"{records:,} {MODULE} of {columns} columns: load {load:.1f} CPU s, counting"
        f" {counting:.2f} CPU s beside {plain.cpu:.2f} of the atlas, {counted.memory:.0f} MB at"
        f" most ({plain.memory:.0f} MB without); ratio {counting / load:.3f}\n"
    )


def drawn(folder: Path, about: Path, rows: Path) -> tuple[Taken, Taken]:
    """What the atlas takes without the files and with them, the least of some times each."""
    lines = rows.read_bytes().splitlines(keepends=True)
    found = []
    for kind in ("", "BATCH"):
        messages = folder / f"with{kind}.jsonl"
        kept = (line for line in lines if kind or not line.startswith(b'{"type":"BATCH"'))
        messages.write_bytes(about.read_bytes() + b"".join(kept))
        times = []
        for number in range(REPEATS):
            path = folder / f"atlas{kind}{number}"
            config = config_file(folder, "target", {"output_path": str(path)})
            times.append(run([str(ATLAS), config], path.with_suffix(".out"), messages))
        found.append(min(times))
    return found[0], found[1]


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("records", nargs="?", type=int, default=RECORDS)
    main(**vars(arguments.parse_args()))
