# ruff: noqa: INP001 - a script's helper
"""Which of Zoho's pages, calls and columns the tap reads, and why not the others."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from compare_with_openapi import plain
from zoho_facts import Get

from tap_zohocrm_modules.definitions import (
    child_definitions,
    definitions,
    load_child_schema,
    load_schema,
)

NOT_READ = Path(__file__).with_name("not_read.yaml")
_NAMED_PAGE = re.compile(r"Zoho's page (\S+)")


@dataclasses.dataclass(frozen=True, slots=True)
class Coverage:
    """What the tap reads, by page and by path, and the reasons for what it does not read."""

    pages: Mapping[str, tuple[str, ...]]  # the streams by the page that documents them
    paths: Mapping[str, tuple[str, ...]]  # the streams by the path of their calls
    columns: Mapping[str, frozenset[str]]  # the columns of the rows by the path of their call
    not_read_pages: Mapping[str, str]  # the reasons by page
    not_read_calls: Mapping[str, str]  # the reasons by path
    not_read_columns: Mapping[str, frozenset[str]]  # columns that have a reason, by path

    @classmethod
    def of_project(cls, not_read: Path = NOT_READ) -> Coverage:
        """Return what the definitions of this checkout read."""
        content: Mapping[str, Mapping[str, Any]] = yaml.safe_load(not_read.read_text("utf-8"))
        reasons = _by_name(content["pages"])
        pages: dict[str, list[str]] = {}
        paths: dict[str, list[str]] = {}
        columns: dict[str, set[str]] = {}
        for name, definition in definitions().items():
            endpoint = definition.endpoint
            shown = (
                match[1] for ground in endpoint.rests_on if (match := _NAMED_PAGE.match(ground))
            )
            for page in (endpoint.page, *(one for one in shown if one not in reasons)):
                pages.setdefault(page, []).append(name)
            calls = [endpoint.path, *([endpoint.detail.path] if endpoint.detail else [])]
            for path in filter(None, calls):
                paths.setdefault(plain(path), []).append(name)
                filled = {key.split(".")[0] for keys in endpoint.fill.values() for key in keys}
                own = {*load_schema(name)["properties"], *filled}
                columns.setdefault(plain(path), set()).update(own)
        for name, child in child_definitions().items():
            pages.setdefault(child.kind.page, []).append(f"children: {name}")
            paths.setdefault(plain(child.kind.path), []).append(f"children: {name}")
            own = load_child_schema(name)["properties"]
            columns.setdefault(plain(child.kind.path), set()).update(own)
        return cls(
            {page: tuple(names) for page, names in pages.items()},
            {path: tuple(names) for path, names in paths.items()},
            {path: frozenset(names) for path, names in columns.items()},
            reasons,
            _by_name(content["calls"]),
            _columns(content["columns"]),
        )

    def page(self, page: str) -> str:
        """Return what is done about a page, as Markdown; empty if nobody has decided."""
        streams = self.pages.get(page)
        return _links(streams) if streams else self.not_read_pages.get(page, "")

    def call(self, path: str) -> str:
        """Return what is done about a call, as Markdown; empty if nobody has decided."""
        streams = self.paths.get(path)
        if streams:
            return _links(streams)
        whole = self.paths.get(path.removesuffix("/{}")) if path.endswith("/{}") else None
        if whole:
            return f"one row of {_links(whole)}"
        return self.not_read_calls.get(path, "")

    def undecided(self, pages: Iterable[str], gets: Mapping[str, Get]) -> Iterator[str]:
        """Yield a line for what is neither read nor has a reason, or has a reason too many."""
        listed = [*pages]
        nowhere = "in no definition, and not in not_read.yaml"
        yield from (f"page {page}: {nowhere}" for page in listed if not self.page(page))
        yield from (f"GET {path}: {nowhere}" for path in gets if not self.call(path))
        for path, get in gets.items():
            decided = {*self.columns.get(path, get.columns), *self.not_read_columns.get(path, ())}
            for column in get.columns:
                if column not in decided:
                    yield f"GET {path}: no definition has the column {column}"
        in_vain = "which is read or which Zoho lacks"
        for page in self.not_read_pages:
            if page in self.pages or page not in listed:
                yield f"not_read.yaml has the page {page}, {in_vain}"
        for path in self.not_read_calls:
            if path in self.paths or path not in gets:
                yield f"not_read.yaml has GET {path}, {in_vain}"


def _by_name(groups: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: reason for reason, names in groups.items() for name in names}


def _columns(groups: Mapping[str, Mapping[str, list[str]]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for paths in groups.values():
        for path, names in paths.items():
            found.setdefault(path, set()).update(names)
    return {path: frozenset(names) for path, names in found.items()}


def _links(names: Iterable[str]) -> str:
    return ", ".join(_link(name) for name in names)


def _link(name: str) -> str:
    kind = name.removeprefix("children: ")
    if kind == name:
        return f"[`{name}`](../streams/{name}.md)"
    return f"children of records: `{kind}`"
