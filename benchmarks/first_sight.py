"""How soon the pages of a large atlas are seen, against plain text of as many bytes and lines.

Usage: python -m benchmarks.first_sight [--modules N] [--fields N] [--every N] [--atlas FOLDER]

Chromium opens every page from the disk, each after a page with its source as text, and in the
end one of a single word, which is what Chromium takes itself. A page is seen when its first text
is painted (first-contentful-paint).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.counting import ATLAS, run
from benchmarks.end_to_end import TAP, config_file
from zohocrm_demo import DemoOrganisation, sample_organisation

MODULES, FIELDS = 500, 20_000
LATE = 1_000
"""Milliseconds after which a reader would wait."""
TEXT = str.maketrans("<&", "  ")
BROWSER = ["uv", "run", "-q", "--script", str(Path(__file__).with_name("browse_pages.py"))]


def draw(folder: Path, modules: int | None, fields: int | None) -> Path:
    """The atlas of the sample organisation with so many modules, all of them loaded."""
    catalog, messages, atlas = (folder / name for name in ("catalog", "messages", "atlas"))
    sample = sample_organisation(sample="awkward", modules=modules, fields=fields)
    with DemoOrganisation(sample) as demo:
        settings: dict[str, Any] = {**demo.account}
        run([str(TAP), config_file(folder, "config", settings), "--discover"], catalog)
        settings["record_modules"] = []
        run([str(TAP), config_file(folder, "config", settings)], messages)
    target = {"output_path": str(atlas), "catalog": str(catalog)}
    run([str(ATLAS), config_file(folder, "target", target)], folder / "drawn", messages)
    return atlas


def pages_of(atlas: Path, every: int) -> Sequence[Path]:
    """All pages beside those of modules, and of these every so manieth."""
    return [*sorted(atlas.glob("*.html")), *sorted((atlas / "modules").iterdir())[::every]]


def plain(page: Path, folder: Path) -> Path:
    """A page that shows the source of another: as many bytes, in as many lines."""
    start = b"<!doctype html><meta charset=utf-8><title>-</title><pre>"
    source = page.read_text("utf-8").translate(TEXT).encode()
    found = folder / f"{page.parent.name}-{page.name}"
    found.write_bytes(start + source[len(start) :])
    return found


def browse(pages: Sequence[Path], folder: Path) -> list[float]:
    """After how many milliseconds each page is seen."""
    file = folder / "addresses.json"
    file.write_text(json.dumps([page.as_uri() for page in pages]), "utf-8")
    done = subprocess.run([*BROWSER, str(file)], check=True, stdout=subprocess.PIPE)  # noqa: S603
    return list(json.loads(done.stdout))


def main(modules: int | None, fields: int | None, every: int, atlas: Path | None = None) -> None:
    """Open the pages, and print what they take, the baselines, and the ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drawn = (atlas or draw(folder, modules, fields)).resolve()
        pages = pages_of(drawn, every)
        word = folder / "word.html"
        word.write_text("<!doctype html><meta charset=utf-8><title>-</title>Seen", "utf-8")
        several = [each for page in pages for each in (plain(page, folder), page)]
        # The first that a browser opens takes longer, whatever it is.
        sizes = [page.stat().st_size for page in pages]
        seen = browse([word, *several, word], folder)
    *rest, one = seen[1:]
    texts, drawings = rest[::2], rest[1::2]
    slowest = max(range(len(pages)), key=drawings.__getitem__)
    ratios = [mine / text for mine, text in zip(drawings, texts, strict=True)]
    sys.stdout.write(
        f"{len(pages)} pages: seen after {statistics.median(drawings):.0f} ms at the median,"
        f" {max(drawings):.0f} ms at most ({pages[slowest].name}: {sizes[slowest]:,} bytes),"
        f" {sum(each > LATE for each in drawings)} after a second\n"
        f"text of as many bytes: {statistics.median(texts):.0f} ms, {max(texts):.0f} ms at most;"
        f" one word: {one:.0f} ms\n"
        f"ratio to text {statistics.median(ratios):.1f} at the median,"
        f" {ratios[slowest]:.1f} of the slowest page\n"
    )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--modules", type=int, default=MODULES)
    arguments.add_argument("--fields", type=int, default=FIELDS)
    arguments.add_argument("--every", type=int, default=1, help="of the pages of modules")
    arguments.add_argument("--atlas", type=Path, help="one that there is")
    main(**vars(arguments.parse_args()))
