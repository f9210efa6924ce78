"""From Zoho to a DuckDB file: this tap with RECORD and with Arrow, against a script of dlt.

Usage: python -m benchmarks.end_to_end [--records N] [--latency SECONDS] [--path PATH] [--no-dlt]
           [--read] [--postgres URL] [--chart FILE.svg]

With --read, a script of `tap_zohocrm_modules.read()` as well, which needs no loader.

The demo organisation runs in a process of its own. Each way starts from nothing and loads the same
module with the same columns; its figures are wall time, CPU seconds and the peak memory of its
largest process. What each has loaded is compared: no speed without the same rows. With the URL of
an empty PostgreSQL database, that is loaded as well, by RECORD messages and by Parquet files: the
fastest loader on PyPI, meltanolabs-target-postgres, knows no Arrow.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.apart import Apart, compile_packages, demo_apart
from benchmarks.charts import bar_chart

MODULE = "Accounts"
COLUMNS = 22
NOT_EXPORTED = "Territories"
"""The column that Bulk Read lacks, for which Get Records would be measured."""
TAP = Path(sys.executable).with_name("tap-zohocrm-modules")
INTO = " into PostgreSQL"
POSTGRES = ["uv", "run", "-q", "--no-project", "--with", "meltanolabs-target-postgres==0.8.1"]
POSTGRES += ["--with", "pyarrow>=19"]  # It reads no Parquet files without.
TARGET = Path(__file__).parents[1] / "examples" / "target-duckdb-file"
SCRIPTS = {name: Path(__file__).with_name(f"{name}_pipeline.py") for name in ("dlt", "read")}


@dataclasses.dataclass(frozen=True)
class Figures:
    """What a way took.

    Attributes:
        wall: Seconds.
        cpu: CPU seconds of all its processes.
        memory: MB at the most, of its largest process.
        tap_memory: MB at the most, of its first process.
        last_memory: MB at the most, of its last process.
        rows: What it loaded: number of rows, of ids, and a sum of the ids.
    """

    wall: float
    cpu: float
    memory: float
    tap_memory: float
    last_memory: float
    rows: tuple[Any, ...]


def run(
    commands: Sequence[Sequence[str]], log: Path, rows: Callable[[], tuple[Any, ...]]
) -> Figures:
    """Run the commands as a pipeline, and return what they took.

    Args:
        commands: The commands.
        log: What they log.
        rows: Returns what they have loaded.

    Raises:
        SystemExit: one of them failed.
    """
    begun = time.perf_counter()
    processes: list[subprocess.Popen[bytes]] = []
    with log.open("wb") as errors:
        for command in commands:
            last = processes[-1].stdout if processes else None
            is_last = len(processes) == len(commands) - 1
            out = subprocess.DEVNULL if is_last else subprocess.PIPE
            processes.append(
                subprocess.Popen(command, stdin=last, stdout=out, stderr=errors)  # noqa: S603
            )
            if last is not None:
                last.close()
        usages = []
        for process in processes:
            _, status, usage = os.wait4(process.pid, 0)
            if status:
                raise SystemExit(f"{process.args!r}: {log.read_text('utf-8')[-1_500:]}")
            process.returncode = 0
            usages.append(usage)
    wall = time.perf_counter() - begun
    peaks = [usage.ru_maxrss / 1024 for usage in usages]
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    return Figures(wall, cpu, max(peaks), peaks[0], peaks[-1], rows())


def in_duckdb(database: Path, table: str) -> tuple[Any, ...]:
    """Return what a table has: number of rows, of ids, and a sum of the ids."""
    with duckdb.connect(str(database), read_only=True) as loaded:
        query = f"SELECT count(*), count(DISTINCT id), sum(id::HUGEINT) FROM {table}"  # noqa: S608
        found: tuple[Any, ...] = loaded.execute(query).fetchall()[0]
        return found


def in_postgres(url: str, table: str) -> tuple[Any, ...]:
    """Return what a table has: number of rows, of ids, and a sum of the ids."""
    query = f"SELECT count(*), count(DISTINCT id), sum(id::numeric) FROM {table}"  # noqa: S608
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's
        ["psql", "-X", "-A", "-t", "-F", " ", "-c", query, url],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
    )
    return tuple(map(int, done.stdout.split()))


def catalog_of(settings: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the catalog of the module, of which a few columns are selected."""
    config = folder / "discovery.json"
    config.write_text(json.dumps({**settings, "record_modules": [MODULE]}), encoding="utf-8")
    found = subprocess.run(  # noqa: S603 - a program of ours
        [TAP, "--config", str(config), "--discover"], check=True, capture_output=True
    )
    [entry] = [
        entry for entry in json.loads(found.stdout)["streams"] if entry["tap_stream_id"] == MODULE
    ]
    columns = [name for name in entry["schema"]["properties"] if name != NOT_EXPORTED][:COLUMNS]
    for item in entry["metadata"]:
        name = item["breadcrumb"][1:]
        item["metadata"]["selected"] = not name or name[0] in {*columns, "Modified_Time"}
    entry["selected_columns"] = columns
    return {"streams": [entry]}


def ours(
    settings: Mapping[str, Any], folder: Path, catalog: Mapping[str, Any], path: str, name: str
) -> Figures:
    """Load the module by this tap and the DuckDB target."""
    database = folder / f"{name}.duckdb"
    tap = tap_command(settings, folder, catalog, path, name)
    target = [sys.executable, str(TARGET), config_file(folder, "target", {"path": str(database)})]
    rows = functools.partial(in_duckdb, database, f'"{MODULE}"')
    return run([tap, target], database.with_suffix(".log"), rows)


def into_postgres(
    settings: Mapping[str, Any], folder: Path, catalog: Mapping[str, Any], path: str, url: str
) -> dict[str, Figures]:
    """Load the module by this tap and the PostgreSQL target, in each way that this knows."""
    found = {}
    # Its environment is made before the clock starts.
    compile_packages([*POSTGRES, "python"])
    for name in ("record", "parquet"):
        schema = f"by_{name}"
        config = {"sqlalchemy_url": url, "default_target_schema": schema}
        target = [*POSTGRES, "target-postgres"]
        tap = tap_command(settings, folder, catalog, path, name)
        rows = functools.partial(in_postgres, url, f'{schema}."{MODULE}"')
        commands = [tap, [*target, config_file(folder, "target", config)]]
        found[f"{name} into PostgreSQL"] = run(commands, folder / f"{schema}.log", rows)
    return found


def tap_command(
    settings: Mapping[str, Any], folder: Path, catalog: Mapping[str, Any], path: str, name: str
) -> list[str]:
    """Return the command of this tap: `record` messages, or files of a format."""
    more: dict[str, Any] = {"read_path": path, "record_modules": [MODULE]}
    if name != "record":
        storage = {"root": (folder / "batches").as_uri()}
        more["batch_config"] = {"encoding": {"format": name}, "storage": storage}
    config = config_file(folder, "config", {**settings, **more})
    return [str(TAP), config, config_file(folder, "catalog", catalog)]


def config_file(folder: Path, kind: str, value: Mapping[str, Any]) -> str:
    """Write a file, and return the option that names it; that of a target is its `--config`."""
    file = folder / f"{kind}.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    return f"--{'config' if kind == 'target' else kind}={file}"


def by_script(
    name: str,
    settings: Mapping[str, Any],
    folder: Path,
    columns: Sequence[str],
    postgres: str | None,
) -> dict[str, Figures]:
    """Load the module by a script that has an environment of its own."""
    config, script = folder / f"{name}.json", SCRIPTS[name]
    config.write_text(json.dumps(dict(settings)), encoding="utf-8")
    where = ["uv", "run", "-q", "--script", str(script), "--where"]
    python = subprocess.run(  # noqa: S603 - its environment is made before the clock starts
        where, check=True, capture_output=True, text=True
    ).stdout
    # Its file is then one that this process can read, and its database no other than ours.
    pinned = ["uv", "pip", "install", "-q", f"--python={python}", f"duckdb=={duckdb.__version__}"]
    subprocess.run(pinned, check=True)  # noqa: S603 - as above
    compile_packages([python])
    table, file = MODULE.lower(), folder / f"{name}.duckdb"
    schema = "crm" if name == "dlt" else f"by_{name}"
    ways = {name: (str(file), functools.partial(in_duckdb, file, f"crm.{table}"))}
    if postgres is not None:
        rows = functools.partial(in_postgres, postgres, f"{schema}.{table}")
        ways[f"{name} into PostgreSQL"] = (postgres, rows)
    found = {}
    for way, (database, rows) in ways.items():
        words = [str(config), MODULE, ",".join(columns), str(folder / way), database]
        found[way] = run([[python, str(script), *words]], folder / f"{way}.log", rows)
    return found


def main(
    records: int,
    latency: float,
    path: str,
    scripts: Sequence[str] = ("dlt",),
    postgres: str | None = None,
) -> Mapping[str, Figures]:
    """Load the module each way, print figures and ratios, and return the figures."""
    found: dict[str, Figures] = {}
    with (
        demo_apart(Apart({MODULE: records}, latency)) as settings,
        tempfile.TemporaryDirectory() as name,
    ):
        folder = Path(name)
        compile_packages([sys.executable])
        catalog = catalog_of(settings, folder)
        columns = catalog["streams"][0].pop("selected_columns")
        for kind in ("record", "arrow"):
            found[kind] = ours(settings, folder, catalog, path, kind)
        for script in scripts:
            found |= by_script(script, settings, folder, columns, postgres)
        if postgres is not None:
            found |= into_postgres(settings, folder, catalog, path, postgres)
    sys.stdout.write(f"{records:,} records, {path}, {latency * 1000:.0f} ms a call\n")
    for kind, one in found.items():
        sys.stdout.write(
            f"{kind}: {one.wall:.1f} s, {one.cpu:.1f} CPU s, {one.memory:.0f} MB at most"
            f" ({one.tap_memory:.0f} MB the first process)\n"
        )
    if len({one.rows for one in found.values()}) > 1:
        raise SystemExit(f"not the same rows: { {k: v.rows for k, v in found.items()} }")
    for way, suffix in (("arrow", ""), ("read", ""), ("parquet", INTO), ("read", INTO)):
        if f"{way}{suffix}" in found:
            one, other = (
                found[f"{way}{suffix}"],
                f"{'dlt' if 'dlt' in scripts else 'record'}{suffix}",
            )
            sys.stdout.write(
                f"{way}{suffix}: {one.wall / found[other].wall:.2f} x the wall time and"
                f" {one.cpu / found[other].cpu:.2f} x the CPU time of {other}\n"
            )
    if "read into PostgreSQL" in found:
        share = found["read into PostgreSQL"].wall / found["record into PostgreSQL"].wall
        sys.stdout.write(f"read into PostgreSQL: {share:.2f} x the wall time of record into it\n")
    return found


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--records", type=int, default=25_000)
    arguments.add_argument("--latency", type=float, default=0)
    arguments.add_argument("--path", choices=["auto", "rest", "coql", "bulk"], default="rest")
    arguments.add_argument("--no-dlt", dest="with_dlt", action="store_false")
    arguments.add_argument("--read", action="store_true")
    arguments.add_argument("--postgres")
    arguments.add_argument("--chart", type=Path)
    options = vars(arguments.parse_args())
    file, chosen = (
        options.pop("chart"),
        {"dlt": options.pop("with_dlt"), "read": options.pop("read")},
    )
    options["scripts"] = [name for name, is_chosen in chosen.items() if is_chosen]
    loads = main(**options)
    if file is not None:
        bars = {kind: {"s": one.wall, "CPU s": one.cpu} for kind, one in loads.items()}
        title = "{records:,} records by {path}, {latency} s a call".format(**options)
        file.write_text(bar_chart(title, bars), encoding="utf-8")
