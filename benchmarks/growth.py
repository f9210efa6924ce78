"""How the way to DuckDB grows with the number of records: time, memory, credits, and a chart.

Usage: python -m benchmarks.growth [--path PATH] [--by KIND] [--chart FILE.svg] [RECORDS ...]

Arrow files or RECORD messages, from the demo organisation in a process of its own. Straight lines
are what is wanted, and a flat one for memory; the ratio is that of the CPU time per record, last
size to first.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.apart import Apart, demo_apart
from benchmarks.charts import line_chart
from benchmarks.end_to_end import MODULE, Figures, catalog_of, ours

SIZES = (25_000, 100_000, 400_000, 1_000_000)


@dataclasses.dataclass(frozen=True)
class Growth:
    """What loading so many records takes, and how many API credits it costs."""

    figures: Figures
    credits: int


def measure(records: int, path: str, kind: str) -> Growth:
    """Load so many records."""
    with (
        demo_apart(Apart({MODULE: records})) as settings,
        tempfile.TemporaryDirectory() as name,
    ):
        folder = Path(name)
        catalog = catalog_of(settings, folder)
        del catalog["streams"][0]["selected_columns"]
        figures = ours(settings, folder, catalog, path, kind)
        [spent] = re.findall(r"credits: ([\d,]+)", (folder / f"{kind}.log").read_text("utf-8"))
        return Growth(figures, int(spent.replace(",", "")))


def main(sizes: Sequence[int], path: str, file: Path | None, kind: str = "arrow") -> None:
    """Measure each size, print the figures and write the chart."""
    found: dict[int, Growth] = {}
    for records in sizes:
        found[records] = measure(records, path, kind)
        one = found[records].figures
        if one.rows[:2] != (records, records):
            raise SystemExit(f"{one.rows[0]:,} of {records:,} records were loaded")
        sys.stdout.write(
            f"{records:,} records by {path}: {one.wall:.0f} s, {one.cpu:.1f} CPU s,"
            f" {one.tap_memory:.0f} MB the tap, {one.last_memory:.0f} MB the loader,"
            f" {found[records].credits} credits\n"
        )
        sys.stdout.flush()
    if file is not None:
        lines: dict[str, list[float]] = {
            "s": [one.figures.wall for one in found.values()],
            "CPU s": [one.figures.cpu for one in found.values()],
            "MB of the tap": [one.figures.tap_memory for one in found.values()],
            "MB of the loader": [one.figures.last_memory for one in found.values()],
            "credits": [one.credits for one in found.values()],
        }
        file.write_text(line_chart(list(found), lines), encoding="utf-8")
    each = [one.figures.cpu / records for records, one in found.items()]
    sys.stdout.write(f"CPU time per record, last to first: ratio {each[-1] / each[0]:.2f}\n")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("sizes", nargs="*", type=int, default=SIZES)
    arguments.add_argument("--path", choices=["auto", "rest", "coql", "bulk"], default="bulk")
    arguments.add_argument("--by", dest="kind", choices=["record", "arrow"], default="arrow")
    arguments.add_argument("--chart", dest="file", type=Path)
    main(**vars(arguments.parse_args()))
