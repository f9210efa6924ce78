"""What makes a reader wait before a page is seen stays small, however large the organisation."""

from __future__ import annotations

import html.parser
from collections.abc import Mapping
from typing import Any

import pytest
from typing_extensions import override

from atlas.messages import Rows, files, messages, organisation, run

MORE = 40
AWAITED = ("scheme.js", "atlas.css")
Drawn = Mapping[int, Mapping[str, bytes]]


class Head(html.parser.HTMLParser):
    """What a browser fetches before it paints, and how many elements the page has."""

    def __init__(self, source: bytes) -> None:
        super().__init__()
        self.awaited: list[str] = []
        self.elements = 0
        self.feed(source.decode())

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements += 1
        if tag == "script" and not {"defer", "async"} & found.keys():
            self.awaited.append(found.get("src") or "inline")
        if tag == "link" and found.get("rel") == "stylesheet":
            self.awaited.append(found.get("href") or "")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """The files of two atlases, by how many modules there are beside the two of them all."""
    found = {}
    for more in (0, MORE):
        atlas = tmp_path_factory.mktemp("sight") / "atlas"
        run(atlas, messages(grown(more)))
        found[more] = files(atlas)
    return found


def grown(more: int) -> Rows:
    """The organisation with so many more modules, each with two fields."""
    rows: Any = organisation()
    for number in range(more):
        name = f"Buoys_{number}"
        rows["modules"].append(
            {**rows["modules"][1], "id": f"n{number}", "api_name": name, "plural_label": name}
        )
        rows["fields"] += [
            {**field, "id": f"{field['id']}-{number}", "module_api_name": name}
            for field in rows["fields"][:2]
        ]
    return dict(rows)


def pages_of(drawn: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return {name: text for name, text in drawn.items() if name.endswith(".html")}


def test_only_the_style_and_the_scheme_are_waited_for(drawn: Drawn) -> None:
    awaited = {name: Head(text).awaited for name, text in pages_of(drawn[0]).items()}
    assert awaited == {
        name: [f"{'../' if '/' in name else ''}assets/{each}" for each in AWAITED]
        for name in awaited
    }


def test_what_is_waited_for_is_small(drawn: Drawn) -> None:
    assert sum(len(drawn[MORE][f"assets/{name}"]) for name in AWAITED) < 30_000


def test_a_modules_page_does_not_grow_with_the_organisation(drawn: Drawn) -> None:
    few, many = (Head(found["modules/Boats.html"]).elements for found in drawn.values())
    assert few == many


@pytest.mark.parametrize(("measured", "most"), [("elements", 17), ("bytes", 620)])
def test_a_module_adds_little_to_any_page(drawn: Drawn, measured: str, most: int) -> None:
    few, many = (
        {name: len(text) if measured == "bytes" else Head(text).elements for name, text in found}
        for found in (pages_of(each).items() for each in drawn.values())
    )
    added = {name: (many[name] - size) / MORE for name, size in few.items()}
    assert {name: size for name, size in added.items() if size > most} == {}
    # The list of modules has a row for each, or this measures nothing.
    assert added["modules.html"] > most / 2
