# ruff: noqa: INP001 - a script's helper
"""What Zoho publishes of its API, as facts: pages with a GET, paths, parameters, columns.

The facts are in `scripts/zoho`; Zoho's texts are not. They are read out of the navigation of its
documentation, as the web has it or as Markdown, and out of folders of its OpenAPI files.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml
from compare_with_openapi import Edition, plain
from generated import ROOT
from typing_extensions import override

from tap_zohocrm_modules.definitions import child_definitions, definitions

FOLDER = ROOT / "scripts" / "zoho"
NAVIGATION = FOLDER / "navigation.yaml"
OPENAPI = FOLDER / "openapi.yaml"
_PAGE = re.compile(r"/docs/api/v[\d.]+/(?P<page>.+?)\.html")
_LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<address>[^)]+)\)")
_GET = "GET"


class FactsError(Exception):
    """A source is not what it should be; the text says which, and what to do."""


@dataclasses.dataclass(frozen=True, slots=True)
class Get:
    """One GET of an OpenAPI file, with the names that it has."""

    path: str  # below the API's version, in lower case, `{}` for each variable
    parameters: tuple[str, ...] = ()  # of the query
    columns: tuple[str, ...] = ()  # of a row, where we read its rows


class _Links(HTMLParser):
    """Collects the links of a page: what they say, and where they lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._address: str | None = None
        self._text: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._address, self._text = dict(attrs).get("href"), []

    @override
    def handle_data(self, data: str) -> None:
        self._text.append(data)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._address:
            self.found.append(("".join(self._text).strip(), self._address))
            self._address = None


def pages_in(text: str) -> list[str]:
    """Return the pages on a GET that a navigation leads to, in its order, each once.

    Raises:
        FactsError: there is none, so that the navigation has another form than this reads.
    """
    links = _Links()
    links.feed(text)
    found = [*links.found, *((one["text"], one["address"]) for one in _LINK.finditer(text))]
    pages = [
        match["page"]
        for words, address in found
        if words.startswith(_GET) and (match := _PAGE.search(address))
    ]
    if not pages:
        raise FactsError(
            "the navigation has no link that begins with GET: Zoho's page has another form now;"
            " teach scripts/zoho_facts.py to read it"
        )
    return [*dict.fromkeys(pages)]


def gets_in(folders: Iterable[Path]) -> dict[str, Get]:
    """Return the GETs of some editions of the OpenAPI files, by path.

    Raises:
        FactsError: a folder has none.
    """
    rows = rows_by_path()
    found: dict[str, Get] = {}
    for folder in folders:
        edition = Edition(folder)
        if not edition.gets:
            raise FactsError(f"{folder} has no OpenAPI file with a GET")
        for path in edition.gets:
            known = found.get(path, Get(path))
            columns = (
                {_first(one.path) for one in edition.row(path, rows[path])}
                if path in rows
                else set()
            )
            found[path] = Get(
                path,
                tuple(sorted({*known.parameters, *edition.parameters(path)})),
                tuple(sorted({*known.columns, *columns})),
            )
    return dict(sorted(found.items()))


def _first(path: str) -> str:
    return re.split(r"[.\[]", path)[0]


def rows_by_path() -> dict[str, str]:
    """Return where the answers to the calls that we make hold the rows, by path."""
    found = {}
    for definition in definitions().values():
        endpoint = definition.endpoint
        details = [endpoint.detail.path] if endpoint.detail else []
        for path in filter(None, (endpoint.path, *details)):
            found[plain(path)] = endpoint.rows
    for child in child_definitions().values():
        found[plain(child.kind.path)] = child.kind.rows
    return found


def read_navigation() -> list[str]:
    """Return the pages on a GET that are known."""
    content: Mapping[str, list[str]] = yaml.safe_load(NAVIGATION.read_text("utf-8"))
    return [page for pages in content.values() for page in pages]


def read_gets() -> dict[str, Get]:
    """Return the GETs of the OpenAPI files that are known, by path."""
    content: Mapping[str, Mapping[str, Any]] = yaml.safe_load(OPENAPI.read_text("utf-8"))
    return {
        path: Get(path, tuple(facts.get("parameters", ())), tuple(facts.get("columns", ())))
        for path, facts in content.items()
    }


def written(gets: Mapping[str, Get]) -> str:
    """Return the text of the file that has these GETs."""
    return _HEAD + "".join(_lines(gets.values()))


_HEAD = """\
# The GETs of Zoho's OpenAPI files, of all editions that were read: path, parameters of the query,
# columns of the rows that the tap reads. Written by scripts/watch_zoho.py --openapi FOLDER --write;
# the files are not part of this repository.

"""


def _lines(gets: Iterable[Get]) -> Iterator[str]:
    for get in gets:
        facts = {"parameters": get.parameters, "columns": get.columns}
        inside = ", ".join(
            f"{key}: [{', '.join(map(_word, names))}]" for key, names in facts.items() if names
        )
        yield f"{_word(get.path)}: {{{inside}}}\n"


def _word(name: str) -> str:
    return (
        name
        if re.fullmatch(r"[A-Za-z_]\w*", name) and name.lower() not in _RESERVED
        else f'"{name}"'
    )


_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
