"""How the way to DuckDB grows with the number of records: time, CPU and memory, and a chart of it.

Usage: python -m benchmarks.growth [--path PATH] [--chart FILE.svg] [RECORDS ...]

Arrow files, from the demo organisation in a process of its own. Straight lines are what is wanted,
and a flat one for memory; the ratio is that of the CPU time per record, last size to first.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.apart import Apart, demo_apart
from benchmarks.end_to_end import MODULE, Figures, catalog_of, ours

SIZES = (25_000, 100_000, 400_000, 1_000_000)
_WIDTH, _HEIGHT, _EDGE = 640, 240, 48


def measure(records: int, path: str) -> Figures:
    """Return what loading so many records takes."""
    with (
        demo_apart(Apart({MODULE: records})) as settings,
        tempfile.TemporaryDirectory() as name,
    ):
        folder = Path(name)
        catalog = catalog_of(settings, folder)
        del catalog["streams"][0]["selected_columns"]
        return ours(settings, folder, catalog, path, "arrow")


def chart(found: Mapping[int, Figures]) -> str:
    """Return an SVG with a line for CPU seconds and one for the tap's memory."""
    lines = {
        "CPU s": ("#2563eb", [one.cpu for one in found.values()]),
        "MB of the tap": ("#d97706", [one.tap_memory for one in found.values()]),
    }
    most = max(found)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
            ' font-family="sans-serif" font-size="12">'
        )
    ]
    for at, (label, (colour, values)) in enumerate(lines.items()):
        points = [
            (
                _EDGE + (_WIDTH - 2 * _EDGE) * records / most,
                _HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * value / max(values),
            )
            for records, value in zip(found, values, strict=True)
        ]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(
            f'<text x="{_EDGE}" y="{18 + 16 * at}" fill="{colour}">{label}: up to'
            f" {max(values):.0f}</text>"
        )
    for records in found:
        x = _EDGE + (_WIDTH - 2 * _EDGE) * records / most
        parts.append(
            f'<text x="{x:.0f}" y="{_HEIGHT - 16}" text-anchor="middle" fill="#666">'
            f"{records:,}</text>"
        )
    return "\n".join([*parts, "</svg>\n"])


def main(sizes: Sequence[int], path: str, file: Path | None) -> None:
    """Measure each size, print the figures and write the chart."""
    found: dict[int, Figures] = {}
    for records in sizes:
        one = found[records] = measure(records, path)
        if one.rows[:2] != (records, records):
            raise SystemExit(f"{one.rows[0]:,} of {records:,} records were loaded")
        sys.stdout.write(
            f"{records:,} records by {path}: {one.wall:.0f} s, {one.cpu:.1f} CPU s,"
            f" {one.tap_memory:.0f} MB the tap, {one.memory:.0f} MB at most\n"
        )
        sys.stdout.flush()
    if file is not None:
        file.write_text(chart(found), encoding="utf-8")
    each = [one.cpu / records for records, one in found.items()]
    sys.stdout.write(f"CPU time per record, last to first: ratio {each[-1] / each[0]:.2f}\n")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("sizes", nargs="*", type=int, default=SIZES)
    arguments.add_argument("--path", choices=["auto", "rest", "coql", "bulk"], default="bulk")
    arguments.add_argument("--chart", dest="file", type=Path)
    main(**vars(arguments.parse_args()))
