# ruff: noqa: INP001 - a script
"""Writes the tables of `docs/develop/testing.md`: which file shows which behaviour.

The text is the first line of each file's docstring.

Usage: python scripts/write_tests.py [--check]
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from generated import ROOT, finish, parser, with_tables

PAGE = ROOT / "docs" / "develop" / "testing.md"
TESTS = ROOT / "tests"


def says(path: Path) -> str:
    """Return what a file shows; ValueError: it has no docstring that says so."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    if not text:
        raise ValueError(f"{path.relative_to(ROOT)} has no docstring that says what it shows")
    return text.partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def behaviors() -> Iterator[str]:
    """Yield a table for each folder, the contract's first."""
    folders = {path.parent for path in TESTS.rglob("test_*.py")}
    ordered = sorted(folders, key=lambda one: ("contract" not in one.parts, one.as_posix()))
    for folder in ordered:
        yield f"\n### `{folder.relative_to(ROOT).as_posix()}`\n"
        yield "| What it shows | File |"
        yield "| --- | --- |"
        for path in sorted(folder.glob("test_*.py")):
            yield f"| {says(path)} | `{path.name}` |"


if __name__ == "__main__":
    arguments = parser(__doc__).parse_args()
    sys.exit(finish({PAGE: with_tables(PAGE, {"behaviors": behaviors()})}, check=arguments.check))
