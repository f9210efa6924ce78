"""The most memory that reading 1,000,000 records takes, against 100,000.

Usage: python -m benchmarks.memory [PATH [RECORDS]]

PATH is bulk (the default), coql or rest. The tap runs as users run it, in a process of its own, and
reads a demo organisation that runs in another; the baseline is the same read of a tenth.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.apart import Apart, demo_apart

MODULE = "Calibrations"
RECORDS = 1_000_000
TAP = Path(sys.executable).with_name("tap-zohocrm-modules")


def read(path: str, records: int) -> float:
    """Return the peak memory in MB of a run that reads so many records."""
    with (
        demo_apart(Apart({MODULE: records})) as settings,
        tempfile.TemporaryDirectory() as folder,
    ):
        config, catalog = Path(folder, "config.json"), Path(folder, "catalog.json")
        config.write_text(
            json.dumps({**settings, "record_modules": [MODULE], "read_path": path}),
            encoding="utf-8",
        )
        found = subprocess.run(  # noqa: S603 - a program of ours
            [TAP, "--config", str(config), "--discover"], check=True, capture_output=True
        )
        catalog.write_text(json.dumps(_only(json.loads(found.stdout))), encoding="utf-8")
        begun = time.perf_counter()
        with (
            Path(folder, "log").open("w+", encoding="utf-8") as log,
            subprocess.Popen(  # noqa: S603 - a program of ours
                [TAP, "--config", str(config), "--catalog", str(catalog)],
                stdout=subprocess.PIPE,
                stderr=log,
            ) as process,
        ):
            emitted = sum(line.startswith(b'{"type":"RECORD"') for line in process.stdout or ())
            _, status, usage = os.wait4(process.pid, 0)
            log.seek(0)
            last = log.read()[-1_000:]
        taken = time.perf_counter() - begun
        if status or emitted != records:
            raise SystemExit(f"{emitted:,} of {records:,} records, exit status {status}:\n{last}")
    most = usage.ru_maxrss / 1024
    sys.stdout.write(
        f"{records:,} records by {path}: {most:.0f} MB, {taken:.0f} s,"
        f" {records / taken:,.0f} records/s\n"
    )
    sys.stdout.flush()
    return most


def _only(catalog: dict[str, Any]) -> dict[str, Any]:
    entries = [entry for entry in catalog["streams"] if entry["tap_stream_id"] == MODULE]
    for entry in entries:
        for item in entry["metadata"]:
            if not item["breadcrumb"]:
                item["metadata"]["selected"] = True
    return {"streams": entries}


def main(path: str, records: int) -> None:
    """Read a tenth and all, and print the ratio."""
    tenth = read(path, records // 10)
    whole = read(path, records)
    sys.stdout.write(
        f"{whole:.0f} MB at most; ratio to a tenth of the records {whole / tenth:.2f}\n"
    )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("path", nargs="?", choices=["bulk", "coql", "rest"], default="bulk")
    arguments.add_argument("records", nargs="?", type=int, default=RECORDS)
    main(**vars(arguments.parse_args()))
