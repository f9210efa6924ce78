"""Writes the pages, their style and their scripts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from zohocrm_atlas.access import Access
from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.changes.change import Change
from zohocrm_atlas.diagram.graph import whole_map
from zohocrm_atlas.diagram.layout import lay_out
from zohocrm_atlas.health import cards
from zohocrm_atlas.pages import views
from zohocrm_atlas.pages.environment import make_environment, moment
from zohocrm_atlas.pages.search_index import search_index
from zohocrm_atlas.places import Places

_ASSETS = Path(__file__).with_name("assets")


def write_pages(
    atlas: Atlas,
    changes: Sequence[Change],
    reads: Sequence[str],
    folder: Path,
    records_before: Mapping[str, int],
) -> None:
    """Writes all pages into the folder.

    Args:
        atlas: The organisation.
        changes: The log of changes, oldest first.
        reads: When the organisation was read, as far as is known.
        folder: Where to; it exists.
        records_before: How many records each module had at the read before.
    """
    environment = make_environment()
    found = views.find_oddities(atlas)
    odd = sum(len(findings) for _, findings in found)
    places = Places(atlas)
    environment.globals.update(
        atlas=atlas,
        places=places,
        read_at=moment(atlas.snapshot.read_at),
        navigation=views.navigation(atlas, odd, len(changes)),
    )
    (folder / "modules").mkdir()
    for name, template, variables in _pages(atlas, changes, reads, found, records_before):
        page = environment.get_template(f"{template}.html.j2")
        root = "../" if "/" in name else ""
        here = "modules.html" if root else name
        html = page.render(variables, root=root, here=here)
        (folder / name).write_bytes(html.encode())
    _write_assets(atlas, places, changes, folder / "assets")


def _pages(
    atlas: Atlas,
    changes: Sequence[Change],
    reads: Sequence[str],
    found: Any,
    records_before: Mapping[str, int],
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    access = Access(atlas)
    whole = lay_out(whole_map(atlas))
    first = len(reads) < 2  # noqa: PLR2004
    yield "index.html", "overview", views.overview(atlas, changes, first=first)
    yield "map.html", "map", views.map_page(whole)
    yield "modules.html", "modules", views.modules_page(atlas)
    for page in views.PAGES_OF_LISTS:
        yield f"{page}.html", "listing", views.list_page(atlas, page)
    yield "permissions.html", "permissions", views.permissions_page(atlas, access)
    by_key = {oddity.key: findings for oddity, findings in found}
    shown = cards(atlas, access, by_key, records_before)
    yield "health.html", "health", {"title": "Health", "cards": shown}
    yield "odd.html", "odd", views.odd_page(found)
    yield "changes.html", "changes", views.changes_page(reads, changes)
    for module in atlas.modules:
        name = f"modules/{atlas.pages[module.api_name]}.html"
        yield name, "module", views.module_page(atlas, access, module)


def _write_assets(atlas: Atlas, places: Places, changes: Sequence[Change], folder: Path) -> None:
    shutil.copytree(_ASSETS, folder)
    (folder / "search-index.js").write_bytes(search_index(atlas, places))
    asked = msgspec.json.encode(Access(atlas).data())
    (folder / "access-data.js").write_bytes(b"window.atlasAccess = " + asked + b";\n")
    listed = msgspec.json.encode(changes)
    (folder / "changes-data.js").write_bytes(b"window.atlasChanges = " + listed + b";\n")
