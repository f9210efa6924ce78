"""What a first read takes in CPU, by each read path, beside a release or commit before.

Usage: python -m benchmarks.first_read [--records N] [--rounds N] [--baseline COMMIT] [PATH ...]

The baseline is a commit of this repository, or a folder with another tap. The tap is a process of
its own, and so is the sample organisation: the CPU seconds are those of the tap, the least of some
rounds in which both take turns. What both have emitted is compared, in the columns that both have:
no speed without the same rows.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import io
import json
import os
import resource
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.apart import Apart, demo_apart

MODULE = "Deals"
PATHS = ("rest", "coql", "bulk")
BASELINE = "fc5a507"
"""The last one before reading a module was divided into rooms."""
_HERE = Path(__file__).parents[1]

Records: TypeAlias = Mapping[str, Mapping[str, Any]]


@dataclasses.dataclass(frozen=True)
class Tap:
    """A tap that is measured.

    Attributes:
        name: What it is called in the output.
        home: The folder that its package lies in.
    """

    name: str
    home: Path

    def run(self, folder: Path, *words: str) -> bytes:
        """Return what it writes, run with the settings in a folder."""
        command = [sys.executable, "-m", "tap_zohocrm_modules", "--config", "settings.json", *words]
        hidden = {"PYTHONDONTWRITEBYTECODE"}
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        environment |= {"PYTHONPATH": str(self.home), "LOGLEVEL": "WARNING"}
        done = subprocess.run(  # noqa: S603 - our own
            command, cwd=folder, env=environment, capture_output=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{self.name}: {done.stderr.decode()}")
        return done.stdout

    def discover(self, folder: Path) -> None:
        """Put a catalog that selects the module alone beside the settings."""
        catalog = json.loads(self.run(folder, "--discover"))
        for entry in catalog["streams"]:
            for item in entry["metadata"]:
                if not item["breadcrumb"]:
                    item["metadata"]["selected"] = entry["tap_stream_id"] == MODULE
        (folder / f"{self.name}.json").write_text(json.dumps(catalog), encoding="utf-8")

    def read(self, folder: Path) -> tuple[float, bytes]:
        """Return the CPU seconds of a first read, and what it writes."""
        before = _spent()
        lines = self.run(folder, "--catalog", f"{self.name}.json")
        return _spent() - before, lines


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


@contextlib.contextmanager
def tap_of(baseline: str) -> Iterator[Tap]:
    """Give the tap of a commit, or of a folder."""
    if Path(baseline).is_dir():
        yield Tap("baseline", Path(baseline).resolve())
        return
    packed = subprocess.run(  # noqa: S603 - our own
        ["git", "archive", baseline, "tap_zohocrm_modules"],  # noqa: S607 - as developers have it
        cwd=_HERE,
        capture_output=True,
        check=True,
    ).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as files:
            files.extractall(folder)  # noqa: S202 - our own
        yield Tap(baseline, Path(folder))


def emitted(lines: bytes) -> Records:
    """Return the records, but for tombstones, by id."""
    messages = map(json.loads, lines.splitlines())
    rows = (message["record"] for message in messages if message["type"] == "RECORD")
    return {row["id"]: row for row in rows if row.get("_sdc_deleted_at") is None}


def compared(now: Records, before: Records) -> str:
    """Return how many records both have; SystemExit: they are not the same in both."""
    if now.keys() != before.keys():
        raise SystemExit(f"{len(now.keys() ^ before.keys())} records are not in both.")
    columns = {*next(iter(now.values()), {})} & {*next(iter(before.values()), {})}
    other = {c for c in columns for one in now if now[one].get(c) != before[one].get(c)}
    if other:
        raise SystemExit(f"Not the same in both: {', '.join(sorted(other))}.")
    return f"the same {len(now):,} records in {len(columns)} columns"


def main(paths: Sequence[str], records: int, rounds: int, baseline: str) -> None:
    """Print what each path takes, beside the baseline."""
    today = Tap("today", _HERE)
    with (
        tap_of(baseline) as before,
        demo_apart(Apart({MODULE: records})) as account,
        tempfile.TemporaryDirectory() as name,
    ):
        folder = Path(name)
        taps = (before, today)
        for path in paths or PATHS:
            settings = {**account, "record_modules": [MODULE], "read_path": path}
            (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
            for tap in taps:
                tap.discover(folder)
            runs = [[tap.read(folder) for tap in taps] for _ in range(rounds)]
            old, new = (min(cpu for cpu, _ in of_tap) for of_tap in zip(*runs, strict=True))
            rows = compared(*(emitted(lines) for _, lines in reversed(runs[-1])))
            sys.stdout.write(
                f"{path}: {new:.2f} CPU s, {old:.2f} at {before.name}: ratio {new / old:.2f};"
                f" {rows}\n"
            )
            sys.stdout.flush()


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return what takes read paths, and how many records and rounds there are to be."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("paths", nargs="*", metavar="PATH", help=", ".join(PATHS))
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    return parser


if __name__ == "__main__":
    options = arguments(__doc__)
    options.add_argument("--baseline", default=BASELINE)
    main(**vars(options.parse_args()))
