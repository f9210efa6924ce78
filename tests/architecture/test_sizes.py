"""A file fits one screenful of ideas, a function does one thing."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from architecture.house import LIMITS, ROOT, SourceFile, files, unexpected

CODE = (
    "tap_zohocrm_modules",
    "zohocrm_demo",
    "zohocrm_conformance",
    "zohocrm_atlas",
    "scripts",
    "benchmarks",
    "examples",
)

# What a person reads and ruff does not; JSON has a row of a table on each line.
TEMPLATES = (".j2", ".html", ".css", ".js", ".svg", ".sql", ".yml", ".yaml", ".lark")


def wide_lines(sources: Iterable[SourceFile]) -> dict[str, str]:
    """Return the lines that have too many characters, as `file:line`."""
    limit = LIMITS["characters_of_a_template_line"]
    return {
        f"{source.path}:{number}": f"has {len(line)} characters"
        for source in sources
        for number, line in enumerate(source.text.split("\n"), 1)
        if len(line) > limit
    }


def long_files(sources: Iterable[SourceFile]) -> dict[str, str]:
    """Return the files that have too many lines."""
    counts = {source.path: len(source.text.splitlines()) for source in sources}
    limit = LIMITS["lines_of_a_file"]
    return {path: f"has {count} lines" for path, count in counts.items() if count > limit}


def long_functions(sources: Iterable[SourceFile]) -> dict[str, str]:
    """Return the functions that have too many lines, as `file::function`."""
    lengths = {
        f"{source.path}::{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    limit = LIMITS["lines_of_a_function"]
    return {place: f"has {length} lines" for place, length in lengths.items() if length > limit}


def test_no_file_is_too_long() -> None:
    assert unexpected(long_files(files(*CODE)), "long_files") == []


def test_no_line_of_a_template_is_too_wide() -> None:
    sources = [
        SourceFile(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
        for path in sorted((ROOT / "zohocrm_atlas").rglob("*"))
        if path.suffix in TEMPLATES
    ]
    assert len(sources) > 30
    assert wide_lines(sources) == {}


def test_no_function_is_too_long() -> None:
    assert unexpected(long_functions(files(*CODE)), "long_functions") == []


def test_a_file_that_is_too_long_is_found() -> None:
    at, over = (SourceFile(f"{name}.py", "pass\n" * (300 + n)) for n, name in enumerate("ab"))

    assert long_files([at, over]) == {"b.py": "has 301 lines"}


def test_a_function_that_is_too_long_is_found() -> None:
    at, over = (
        SourceFile(f"{name}.py", "class A:\n  def f(self):\n" + "    pass\n" * (59 + n))
        for n, name in enumerate("ab")
    )

    assert long_functions([at, over]) == {"b.py::f": "has 61 lines"}


def test_a_line_that_is_too_wide_is_found() -> None:
    css = SourceFile("a.css", f"{'x' * 140}\n{'x' * 141}\n")

    assert wide_lines([css]) == {"a.css:2": "has 141 characters"}
