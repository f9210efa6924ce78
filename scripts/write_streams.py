# ruff: noqa: INP001 - a script
"""Compiles the definitions, and writes the pages of `docs/streams` from them.

Usage: python scripts/write_streams.py [--check]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from definition_compiler import FOLDER, compile_folder
from generated import ROOT, finish, parser

from tap_zohocrm_modules.definitions import COMPILED, definitions, load_schema
from tap_zohocrm_modules.definitions.endpoint import Endpoint

PAGES = ROOT / "docs" / "streams"
_BY = "<!-- written by scripts/write_streams.py from tap_zohocrm_modules/definitions -->"
_INTRODUCTION = """# Streams

Each metadata stream has a page with its columns. Credits are those of one run. A stream with an
entry under *Changes* can be read with `replication-method: INCREMENTAL` and that column. Of a list
of several pages all but the last are read once more, lest a row that moves between two pages be
lost, and an empty list is asked for twice: one credit more each.
"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every page."""
    endpoints = [definition.endpoint for definition in definitions().values()]
    header = "| Stream | What it has | Credits | Changes |\n| --- | --- | --- | --- |"
    rows = [
        f"| [`{one.name}`]({one.name}.md) | {_about(one)} | {cost(one)} | {one.modified or ''} |"
        for one in endpoints
    ]
    yield "README.md", "\n".join([_BY, _INTRODUCTION, header, *rows, ""])
    for endpoint in endpoints:
        yield f"{endpoint.name}.md", "\n".join([_BY, *_page(endpoint), ""])


def _about(endpoint: Endpoint) -> str:
    return str(load_schema(endpoint.name)["description"]).removesuffix(f" {endpoint.source}")


def _page(endpoint: Endpoint) -> Iterator[str]:
    columns = list(_columns(load_schema(endpoint.name)["properties"]))
    joins = {
        (path, to) for path, _, text in columns for to in re.findall(r"oins to (\w+\.\w+)", text)
    }
    yield from (f"# {endpoint.name}", "", _about(endpoint), "")
    yield f"- Key: {', '.join(f'`{key}`' for key in endpoint.keys)}"
    yield f"- Scope: {' and '.join(f'`{scope}`' for scope in endpoint.scope.split())}"
    yield f"- Credits: {cost(endpoint)}"
    yield f"- Changes: {endpoint.modified or 'no column has the time'}"
    yield f"- Read by default: {'yes' if endpoint.selected else 'no, only when chosen'}"
    yield f"- Zoho's page: <{endpoint.source}>"
    if joins:
        yield "- Joins: " + ", ".join(f"`{path}` = `{to}`" for path, to in sorted(joins))
    yield from ("", "| Column | Type | What it holds |", "| --- | --- | --- |")
    yield from (f"| `{path}` | {kind} | {text} |" for path, kind, text in columns)


def _columns(properties: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str, str]]:
    for name, column in properties.items():
        one = column.get("items", column)
        kind = one.get("format") or next(k for k in _listed(one["type"]) if k != "null")
        listed = "list of " if "items" in column else ""
        yield path + name, listed + kind + "s" * bool(listed), column["description"]
        yield from _columns(one.get("properties", {}), f"{path}{name}.")


def _listed(kinds: Any) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds)


def cost(endpoint: Endpoint) -> str:
    """Return what a run costs, in credits."""
    if not endpoint.path:
        return f"none beyond those of `{endpoint.for_each and endpoint.for_each.endpoint}`"
    text = f"1 per page of {endpoint.per_page}" if endpoint.per_page else "1"
    lists = len(endpoint.variants) + len(endpoint.years)
    if lists > 1:
        text += f" of each of {lists} lists"
    if endpoint.for_each:
        text += f" for each row of `{endpoint.for_each.endpoint}`"
        where = [f"`{name}` {value}" for name, value in endpoint.for_each.where.items()]
        text += f" with {' and '.join(where)}" if where else ""
        text += " that the API serves" if endpoint.for_each.endpoint == "modules" else ""
    if endpoint.detail:
        each = endpoint.detail.each
        text += f", and 1 per {f'element of `{each}`' if each else 'row'}"
    return text


def main() -> int:
    """Write or check; 1 if something was not up to date."""
    check = parser(__doc__).parse_args().check
    compiled = {FOLDER / COMPILED: compile_folder()}
    if not check:
        # The pages are made of what is compiled.
        finish(compiled, check=False)
    written = {PAGES / name: text for name, text in pages()}
    return finish({**dict.fromkeys(PAGES.glob("*.md")), **compiled, **written}, check=check)


if __name__ == "__main__":
    sys.exit(main())
