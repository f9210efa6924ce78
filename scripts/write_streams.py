# ruff: noqa: INP001 - a script
"""Writes the table of streams into the README, between its two markers.

Usage: python scripts/write_streams.py [--check]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from tap_zohocrm_modules.definitions import compiler, load_schema
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, Endpoint, ForEach

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- streams:begin -->", "<!-- streams:end -->"


def table() -> str:
    """Return the table as Markdown, one line a stream, in the order of their names."""
    lines = [
        "| Stream | What it has | Keys | Scope | Credits | Changes |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += (_line(endpoint) for _, endpoint in sorted(ENDPOINTS.items()))
    return "\n".join(lines)


def _line(endpoint: Endpoint) -> str:
    what = load_schema(endpoint.name)["description"].split(" https://")[0]
    chosen = "" if endpoint.selected else " Only when chosen."
    keys = ", ".join(f"`{key}`" for key in endpoint.keys)
    scopes = " and ".join(f"`{scope}`" for scope in endpoint.scope.split())
    changes = f"`{endpoint.modified}`" if endpoint.modified else ""
    return (
        f"| [`{endpoint.name}`]({endpoint.source}) | {what}{chosen} | {keys} | {scopes}"
        f" | {', '.join(_credits(endpoint))} | {changes} |"
    )


def _credits(endpoint: Endpoint) -> Iterator[str]:
    if not endpoint.path and endpoint.for_each is not None:
        yield f"none (from `{endpoint.for_each.endpoint}`)"
        return
    unit = f"1 a page of {endpoint.per_page}" if endpoint.per_page else "1"
    if endpoint.for_each is not None:
        unit += f" for {_parents(endpoint.for_each)}"
    elif len(endpoint.variants) > 1:
        unit += f" for each of {len(endpoint.variants)} lists"
    yield unit
    if endpoint.detail is not None:
        yield "1 a row"


def _parents(each: ForEach) -> str:
    one = {"modules": "module", "layouts": "layout", "users": "user"}.get(each.endpoint)
    some = "".join(f" of {value}" for value in each.where.values())
    return f"each {one or f'row of `{each.endpoint}`'}{some}"


def with_table(readme: str) -> str:
    """Return the README's text with the table in its place.

    Raises:
        ValueError: a marker is missing.
    """
    before, _, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"the README lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main() -> int:
    """Write or check; 1 if the README was not up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args().check
    if not check:
        compiler.write()
    old = README.read_text("utf-8")
    new = with_table(old)
    if not check:
        README.write_text(new, "utf-8")
    return int(check and new != old)


if __name__ == "__main__":
    sys.exit(main())
