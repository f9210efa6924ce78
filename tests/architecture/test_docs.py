"""The docs for maintainers say what the house is."""

from __future__ import annotations

import re

from architecture.house import ROOMS, ROOT

DEVELOP = ROOT / "docs" / "develop"
TAP = "tap_zohocrm_modules"


def room_named(label: str) -> str:
    """Return the room of a box in the picture."""
    if label == "shell":
        return TAP
    return label if label in ROOMS else f"{TAP}.{label.replace('/', '.')}"


def test_the_picture_shows_arrows_that_the_house_has() -> None:
    text = (DEVELOP / "architecture.md").read_text("utf-8")
    boxes = {name: room_named(label) for name, label in re.findall(r"(\w+)\[\"<b>(.+?)</b>", text)}
    arrows = re.findall(r"^ +(\w+) --> (\w+)$", text, re.MULTILINE)

    assert len(arrows) >= len(boxes) - 2
    assert set(boxes.values()) <= ROOMS.keys()
    assert [(a, b) for a, b in arrows if boxes[b] not in ROOMS[boxes[a]]] == []


def test_every_file_that_the_pages_name_exists() -> None:
    named = {
        path
        for page in DEVELOP.glob("*.md")
        for path in re.findall(r"`((?:tap|zohocrm|tests)_?[\w]*/[\w./]*)`", page.read_text("utf-8"))
    }
    assert named
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_every_page_is_linked_from_the_index_and_in_the_navigation() -> None:
    pages = {page.name for page in DEVELOP.glob("*.md")} - {"README.md"}
    index = (DEVELOP / "README.md").read_text("utf-8")
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8")

    assert sorted(page for page in pages if f"({page})" not in index) == []
    assert sorted(page for page in pages if f"- develop/{page}" not in navigation) == []
