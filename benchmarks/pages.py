"""A module of 50,000 records by Get Records at 250 ms a page: 8 pages at once against one.

Usage: python -m benchmarks.pages

The tap reads a demo organisation over HTTP; the baseline is the same read with one call at a time.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.apart import Apart, demo_apart
from tap_zohocrm_modules.tap import TapZohoCRMModules

MODULE = "Calibrations"
RECORDS = 50_000
LATENCY = 0.25
AT_ONCE = 8


def seconds(settings: dict[str, Any], concurrency: int) -> float:
    """Return how long the module takes, from the first call for its records on."""
    config = {
        **settings,
        "record_modules": [MODULE],
        "read_path": "rest",
        "max_concurrency": concurrency,
    }
    with TapZohoCRMModules(config=config) as tap:
        stream = tap.streams[MODULE]
        begun = time.perf_counter()
        stream.sync()
        return time.perf_counter() - begun


def main(records: int = RECORDS, latency: float = LATENCY) -> None:
    """Read the module both ways, and print the ratio."""
    with (
        demo_apart(Apart({MODULE: records}, latency=latency)) as settings,
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
    ):
        one = seconds(settings, 1)
        many = seconds(settings, AT_ONCE)
    sys.stdout.write(
        f"{records:,} records, {latency * 1000:.0f} ms a call: one call at a time {one:.1f} s,"
        f" {AT_ONCE} at a time {many:.1f} s; ratio {one / many:.1f}\n"
    )


if __name__ == "__main__":
    main()
