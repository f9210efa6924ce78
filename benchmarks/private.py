"""What hashing costs: a module with the sample's private fields, kept and hashed.

Usage: python -m benchmarks.private [--records N] [--path PATH] [--format record|arrow]

The tap runs in a process of its own, with all columns, and the figure is the CPU time of that
process, the least of some. Values are kept and hashed in turns, so that what else the machine does
slows both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.apart import Apart, compile_packages, demo_apart
from benchmarks.end_to_end import TAP

MODULE = "Contacts"
REPEATS = 4
WAYS: Mapping[str, Mapping[str, str]] = {
    "keep": {"private_fields": "keep"},
    "hash": {"private_fields": "hash", "private_field_key": "of this benchmark"},
}


def cpu(folder: Path, config: Mapping[str, Any], *options: str) -> float:
    """Run the tap, and return its CPU seconds; what it writes is in a file."""
    file = folder / "config.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    with (folder / "log").open("wb") as log, (folder / "out").open("wb") as out:
        words = [str(TAP), f"--config={file}", *options]
        process = subprocess.Popen(words, stdout=out, stderr=log)  # noqa: S603 - ours
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit((folder / "log").read_text("utf-8")[-1_500:])
    return usage.ru_utime + usage.ru_stime


def ready(folder: Path, settings: Mapping[str, Any], way: str) -> tuple[Mapping[str, Any], Path]:
    """Return the settings of a way, and a catalog in which all columns are selected."""
    config = {**settings, **WAYS[way]}
    cpu(folder, config, "--discover")
    catalog = json.loads((folder / "out").read_bytes())
    catalog["streams"] = [s for s in catalog["streams"] if s["tap_stream_id"] == MODULE]
    for item in catalog["streams"][0]["metadata"]:
        if not item["breadcrumb"]:
            item["metadata"]["selected"] = True
    file = folder / f"{way}.json"
    file.write_text(json.dumps(catalog), encoding="utf-8")
    return config, file


def main(records: int, path: str, kind: str) -> None:
    """Read the module both ways, and print the ratio."""
    with demo_apart(Apart({MODULE: records})) as demo, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compile_packages([sys.executable])
        settings: dict[str, Any] = {**demo, "record_modules": [MODULE], "read_path": path}
        if kind != "record":
            storage = {"root": (folder / "files").as_uri()}
            settings["batch_config"] = {"encoding": {"format": kind}, "storage": storage}
        runs = {way: ready(folder, settings, way) for way in WAYS}
        turns = [
            {way: cpu(folder, config, f"--catalog={file}") for way, (config, file) in runs.items()}
            for _ in range(REPEATS)
        ]
    times = {way: min(turn[way] for turn in turns) for way in WAYS}
    sys.stdout.write(
        f"{records:,} {MODULE} by {path} to {kind}: kept {times['keep']:.2f} CPU s, hashed"
        f" {times['hash']:.2f} CPU s; ratio {times['hash'] / times['keep']:.2f}\n"
    )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--records", type=int, default=25_000)
    arguments.add_argument("--path", choices=["auto", "rest", "coql", "bulk"], default="rest")
    arguments.add_argument("--format", dest="kind", choices=["record", "arrow"], default="record")
    main(**vars(arguments.parse_args()))
