# ruff: noqa: INP001 - a script
"""Writes the tables of `docs/reference/demo-calls.md`: what the demo answers, and what it doesn't.

Usage: python scripts/write_demo_calls.py [--check]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import yaml
from generated import ROOT, finish, parser, with_tables

from zohocrm_demo.routes import read_routes

PAGE = ROOT / "docs" / "reference" / "demo-calls.md"
UNSERVED = ROOT / "zohocrm_demo" / "data" / "unserved.yaml"


def served_rows() -> Iterator[str]:
    """Yield the table of the calls that are answered, a path a line."""
    verbs: dict[str, set[str]] = {}
    pages: dict[str, str] = {}
    for route in read_routes().rows:
        verbs.setdefault(route.path, set()).add(route.method)
        pages.setdefault(route.path, route.page)
    yield "| Path | Answers | Zoho's page |"
    yield "| --- | --- | --- |"
    for path in sorted(verbs):
        name = pages[path].rpartition("/")[2].removesuffix(".html")
        yield f"| `{path}` | {', '.join(sorted(verbs[path]))} | [{name}]({pages[path]}) |"


def unserved_rows() -> Iterator[str]:
    """Yield the table of the calls that are refused with 501, a path a line."""
    verbs: dict[str, set[str]] = {}
    for line in yaml.safe_load(UNSERVED.read_text("utf-8")):
        verb, path = line.split(" ")
        verbs.setdefault(re.sub(r"\{x\}", "{…}", path), set()).add(verb)
    yield "| Path | Not served |"
    yield "| --- | --- |"
    for path in sorted(verbs):
        yield f"| `{path}` | {', '.join(sorted(verbs[path]))} |"


if __name__ == "__main__":
    arguments = parser(__doc__).parse_args()
    sys.exit(
        finish(
            {PAGE: with_tables(PAGE, {"served": served_rows(), "unserved": unserved_rows()})},
            check=arguments.check,
        )
    )
