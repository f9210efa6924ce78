# ruff: noqa: INP001 - a script
"""Compares what Zoho publishes of its API with what the tap reads, and names what is undecided.

Usage: python scripts/watch_zoho.py [--navigation FILE] [--openapi FOLDER ...] [--write]

Every page on a GET, and every GET of an OpenAPI file, is read by a definition or is in
`scripts/not_read.yaml` with the reason; so is every column of the rows that the tap reads. Without
options it takes the facts of `scripts/zoho`. With them it reads Zoho's navigation (as the web has
it, or Markdown) and OpenAPI files, says what is new against the facts, and with `--write` records
it. It ends with 1 if anything is undecided or new.
docs/develop/zoho-has-something-new.md says what to do then.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import yaml
from zoho_coverage import Coverage
from zoho_facts import (
    NAVIGATION,
    OPENAPI,
    FactsError,
    Get,
    gets_in,
    pages_in,
    read_gets,
    read_navigation,
    written,
)

_SINCE = "published_since"


def news(
    pages: Sequence[str], gets: Mapping[str, Get], known: Mapping[str, Get], listed: Iterable[str]
) -> Iterator[str]:
    """Yield a line for each page, call, parameter and column that the facts lack."""
    yield from (f"new page: {page}" for page in pages if page not in set(listed))
    for path, get in gets.items():
        old = known.get(path)
        if old is None:
            yield f"new call: GET {path}"
            continue
        for kind in ("parameters", "columns"):
            for name in sorted({*getattr(get, kind)} - {*getattr(old, kind)}):
                yield f"GET {path}: new {kind[:-1]} {name}"


def main() -> int:
    """Compare; 1 if something is undecided or new."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--navigation", type=Path, help="a page of Zoho's documentation")
    arguments.add_argument("--openapi", type=Path, nargs="+", help="folders of OpenAPI files")
    arguments.add_argument("--write", action="store_true", help="record what is new")
    asked = arguments.parse_args()
    known, listed = read_gets(), read_navigation()
    try:
        found = pages_in(asked.navigation.read_text("utf-8")) if asked.navigation else []
        gets = gets_in(asked.openapi) if asked.openapi else {}
    except FactsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    lines = [*news(found, gets, known, listed)]
    pages = [*dict.fromkeys([*listed, *found])]
    every = {**known, **gets}
    if asked.write:
        _record(found, listed, every)
        lines = []
    lines += Coverage.of_project().undecided(pages, every)
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    sys.stdout.write(f"{len(pages)} pages, {len(every)} calls, {len(lines)} to decide\n")
    return int(bool(lines))


def _record(found: Sequence[str], listed: Sequence[str], gets: Mapping[str, Get]) -> None:
    content = yaml.safe_load(NAVIGATION.read_text("utf-8"))
    new = [page for page in found if page not in listed]
    text = NAVIGATION.read_text("utf-8")
    if new:
        lines = "".join(f"  - {page}\n" for page in new)
        text = text.rstrip("\n") + "\n" + ("" if content.get(_SINCE) else f"{_SINCE}:\n") + lines
        NAVIGATION.write_text(text, "utf-8")
    OPENAPI.write_text(written(dict(sorted(gets.items()))), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
