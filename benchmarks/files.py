"""What a first read takes in CPU to Arrow files, by each read path, beside RECORD messages.

Usage: python -m benchmarks.files [--records N] [--rounds N] [PATH ...]

The tap is a process of its own, and so is the sample organisation: the CPU seconds are those of the
tap, the least of some rounds in which both ways take turns. The rows of both are compared: no speed
without the same values.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pyarrow as pa

from benchmarks.apart import Apart, compile_packages, demo_apart
from benchmarks.first_read import MODULE, PATHS, Records, Tap, arguments, compared
from tap_zohocrm_modules.zoho.records.arrow.values import decode

_HERE = Path(__file__).parents[1]


def messages(lines: bytes) -> Records:
    """Return the records of RECORD messages, but for tombstones, by id."""
    found = (json.loads(line, parse_float=Decimal) for line in lines.splitlines())
    rows = (message["record"] for message in found if message["type"] == "RECORD")
    return {row["id"]: row for row in rows if row.get("_sdc_deleted_at") is None}


def files(lines: bytes) -> Records:
    """Return the records of the files that BATCH messages name, but for tombstones, by id."""
    found: dict[str, dict[str, Any]] = {}
    for message in map(json.loads, lines.splitlines()):
        for url in message["manifest"] if message["type"] == "BATCH" else ():
            with pa.memory_map(url2pathname(urlsplit(url).path)) as file:
                table = pa.ipc.open_file(file).read_all()
            columns = [decode(column) for column in table.columns]
            rows = (
                dict(zip(table.column_names, r, strict=True)) for r in zip(*columns, strict=True)
            )
            found |= {row["id"]: row for row in rows if row.pop("_sdc_deleted_at", None) is None}
    return found


def main(paths: Sequence[str], records: int, rounds: int) -> None:
    """Print what each path takes to files, beside messages."""
    compile_packages([sys.executable])
    tap = Tap("today", _HERE)
    with demo_apart(Apart({MODULE: records})) as account, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        batch = {"encoding": {"format": "arrow"}, "storage": {"root": folder.as_uri()}}
        for path in paths or PATHS:
            settings = {**account, "record_modules": [MODULE], "read_path": path}
            file = folder / "settings.json"
            file.write_text(json.dumps(settings), encoding="utf-8")
            tap.discover(folder)
            runs = []
            for _ in range(rounds):
                file.write_text(json.dumps(settings), encoding="utf-8")
                to_lines = tap.read(folder)
                file.write_text(json.dumps({**settings, "batch_config": batch}), encoding="utf-8")
                runs.append((to_lines, tap.read(folder)))
            lines, arrow = (min(cpu for cpu, _ in of_way) for of_way in zip(*runs, strict=True))
            rows = compared(files(runs[-1][1][1]), messages(runs[-1][0][1]))
            sys.stdout.write(
                f"{path} to Arrow files: {arrow:.2f} CPU s, to RECORD messages {lines:.2f}:"
                f" ratio {arrow / lines:.2f}; {rows}\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main(**vars(arguments(__doc__).parse_args()))
