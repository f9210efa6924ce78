# ruff: noqa: INP001 - a script
"""Compiles the definitions, and writes the pages of `docs/streams` and their place in the site.

Usage: python scripts/write_streams.py [--check]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from definition_compiler import FOLDER, compile_children, compile_exports, compile_folder
from generated import ROOT, finish, parser

from tap_zohocrm_modules.definitions import (
    CHILDREN,
    COMPILED,
    EXPORTS,
    child_definitions,
    definitions,
    export_definitions,
    load_child_schema,
    load_export_schema,
    load_schema,
)
from tap_zohocrm_modules.definitions.child_kind import RELATED_LIST, ChildKind
from tap_zohocrm_modules.definitions.endpoint import Endpoint
from tap_zohocrm_modules.definitions.export import Export

PAGES = ROOT / "docs" / "streams"
SITE = ROOT / "mkdocs.yml"
_NAVIGATION = re.compile(r"(?<=  # streams:begin\n).*?(?=  # streams:end\n)", re.DOTALL)
_BY = "<!-- written by scripts/write_streams.py from tap_zohocrm_modules/definitions -->"
_INTRODUCTION = """# Streams

Each metadata stream has a page with its columns. Credits are those of one run. A stream with an
entry under *Changes* can be read with `replication-method: INCREMENTAL` and that column. Of a list
of several pages all but the last are read once more, lest a row that moves between two pages be
lost, and an empty list is asked for twice: one credit more each.
"""
_CHILDREN = """## Children of records

Chosen by the setting `child_lists` ([How to](../how-to/children.md)).

| Entry | What it has |
| --- | --- |"""

_EXPORTS = """## Logs

Read from exports, and only when chosen.

| Stream | What it has |
| --- | --- |"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every page."""
    endpoints = [definition.endpoint for definition in definitions().values()]
    header = "| Stream | What it has | Credits | Changes |\n| --- | --- | --- | --- |"
    rows = [
        f"| [`{one.name}`]({one.name}.md) | {_about(one)} | {cost(one)} | {one.modified or ''} |"
        for one in endpoints
    ]
    kinds = [definition.kind for definition in child_definitions().values()]
    children = [f"| [`{_entry(one)}`]({_child_page(one)}) | {_child_about(one)} |" for one in kinds]
    exports = [definition.export for definition in export_definitions().values()]
    logs = [f"| [`{one.name}`]({one.name}.md) | {_export_about(one)} |" for one in exports]
    tables = [_INTRODUCTION, header, *rows, "", _CHILDREN, *children, "", _EXPORTS, *logs]
    yield "README.md", "\n".join([_BY, *tables, ""])
    for export in exports:
        yield f"{export.name}.md", "\n".join([_BY, *_export_lines(export), ""])
    for kind in kinds:
        yield _child_page(kind), "\n".join([_BY, *_child_lines(kind), ""])
    for endpoint in endpoints:
        yield f"{endpoint.name}.md", "\n".join([_BY, *_page(endpoint), ""])


def _entry(kind: ChildKind) -> str:
    return "Module.List" if kind.name == RELATED_LIST else f"Module.{kind.name}"


def _child_page(kind: ChildKind) -> str:
    name = kind.name.lower().replace("_", "-").replace(".", "-")
    return f"children-{name}s.md".replace("ss.md", "s.md")


def _child_about(kind: ChildKind) -> str:
    return str(load_child_schema(kind.name)["description"]).removesuffix(f" {kind.source}")


def _child_lines(kind: ChildKind) -> Iterator[str]:
    properties = load_child_schema(kind.name)["properties"]
    own = {
        f"{entry}: {name}": one for entry, names in kind.own.items() for name, one in names.items()
    }
    modules = f"{', '.join(kind.modules)}, and custom modules" if kind.modules else "all modules"
    yield from (f"# {_entry(kind)}", "", _child_about(kind), "")
    stream = _entry(kind).replace(".", "_")
    yield f"- In `child_lists`: `{_entry(kind)}`; the stream is called `{stream}`"
    yield f"- Key: {', '.join(f'`{key}`' for key in kind.keys)}"
    yield f"- Modules: {modules}"
    yield f"- Scope: {' and '.join(f'`{scope}`' for scope in kind.scope.split())}"
    yield (
        "- Credits: 1 per parent that changed, or per five of them with the scope"
        " `ZohoCRM.composite_requests.CUSTOM`"
        + (f"; 1 per further page of {kind.per_page}" if kind.per_page else "")
        + ("; and 1 per row, once" if kind.detail else "")
    )
    yield f"- Read again when the parent moves: {', '.join(f'`{one}`' for one in kind.triggers)}"
    yield f"- What it can miss: {kind.misses}"
    yield f"- Zoho's page: <{kind.source}>"
    yield from ("", "| Column | Type | What it holds |", "| --- | --- | --- |")
    yield from (f"| `{path}` | {of} | {text} |" for path, of, text in _columns(properties))
    yield from (f"| `{path}` | {of} | {text} |" for path, of, text in _columns(own))


def _export_about(export: Export) -> str:
    return str(load_export_schema(export.name)["description"]).removesuffix(f" {export.source}")


def _export_lines(export: Export) -> Iterator[str]:
    yield from (f"# {export.name}", "", _export_about(export), "")
    yield f"- Key: {', '.join(f'`{key}`' for key in export.keys)}; rows of earlier exports stay"
    yield (
        f"- Scope: {' and '.join(f'`{scope}`' for scope in export.scope.split())}; with"
        f" `{export.name}_export` also `{export.creates}`"
    )
    yield (
        "- Credits: 1 for the list of exports and 1 for each file; with"
        f" `{export.name}_export` about 5 for each export: one asks for it, some look whether it is"
        " finished, one fetches it"
    )
    yield "- Read by default: no, only when chosen"
    yield f"- What it can miss: {export.misses}"
    yield f"- Zoho's page: <{export.source}>"
    yield from ("", "| Column | Type | What it holds |", "| --- | --- | --- |")
    columns = _columns(load_export_schema(export.name)["properties"])
    yield from (f"| `{path}` | {kind} | {text} |" for path, kind, text in columns)


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
    for ground, paths in endpoint.rests_on.items():
        yield f"- Rests on {ground}: {', '.join(f'`{path}`' for path in paths)}"
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


def navigation(names: Iterable[str]) -> str:
    """Return the site's settings with these pages in its navigation, the first page first."""
    first, *others = sorted(names, key=lambda name: (name != "README.md", name))
    lines = [f"  - streams/{first}", *(f"  - streams/{name}" for name in others)]
    listed = "- Streams:\n" + "".join(f"{line}\n" for line in lines)
    return _NAVIGATION.sub(listed, SITE.read_text("utf-8"))


def main() -> int:
    """Write or check; 1 if something was not up to date."""
    check = parser(__doc__).parse_args().check
    compiled = {
        FOLDER / COMPILED: compile_folder(),
        FOLDER / CHILDREN / COMPILED: compile_children(),
        FOLDER / EXPORTS / COMPILED: compile_exports(),
    }
    if not check:
        # The pages are made of what is compiled.
        finish(compiled, check=False)
    written = {PAGES / name: text for name, text in pages()}
    site = {SITE: navigation(sorted(path.name for path in written))}
    return finish({**dict.fromkeys(PAGES.glob("*.md")), **compiled, **written, **site}, check=check)


if __name__ == "__main__":
    sys.exit(main())
