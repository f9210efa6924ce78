"""Writes the pages, their style and their scripts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from zohocrm_atlas.access import Access
from zohocrm_atlas.changes.change import Change
from zohocrm_atlas.diagram.layout import Drawing
from zohocrm_atlas.diagram.processes import pictures
from zohocrm_atlas.diagram.scenes import map_data, neighbourhoods
from zohocrm_atlas.formulas.twins import Twins
from zohocrm_atlas.health import cards
from zohocrm_atlas.oddities import find_oddities
from zohocrm_atlas.pages import views
from zohocrm_atlas.pages.environment import make_environment, moment
from zohocrm_atlas.pages.search_index import search_index
from zohocrm_atlas.places import Places
from zohocrm_atlas.standards.relational import Model

_ASSETS = Path(__file__).with_name("assets")


@dataclass(frozen=True)
class History:
    """What earlier reads say.

    Attributes:
        changes: The log of changes, oldest first.
        reads: When the organisation was read, as far as is known.
        records: How many records each module had at the read before.
    """

    changes: Sequence[Change]
    reads: Sequence[str]
    records: Mapping[str, int]


def write_pages(model: Model, history: History, formulas: Sequence[Twins], folder: Path) -> None:
    """Writes all pages into the folder, which exists."""
    atlas = model.atlas
    environment = make_environment()
    found = find_oddities(atlas)
    odd = sum(len(findings) for _, findings in found)
    places = Places(atlas)
    environment.globals.update(
        atlas=atlas,
        places=places,
        twins={twin.field.id: (each, twin) for each in formulas for twin in each.twins},
        left_out={field.id: why for each in formulas for field, why in each.left_out},
        pictures=pictures(atlas),
        read_at=moment(atlas.snapshot.read_at),
        navigation=views.navigation(atlas, odd, len(history.changes)),
    )
    near, access = neighbourhoods(atlas), Access(atlas)
    (folder / "modules").mkdir()
    for name, template, variables in _pages(model, access, history, found, near):
        page = environment.get_template(f"{template}.html.j2")
        root = "../" if "/" in name else ""
        here = "modules.html" if root else name
        html = page.render(variables, root=root, here=here)
        (folder / name).write_bytes(html.encode())
    assets = folder / "assets"
    shutil.copytree(_ASSETS, assets)
    (assets / "search-index.js").write_bytes(search_index(atlas, places, access.rights))
    for name, variable, value in (
        ("map-data.js", "atlasMap", map_data(atlas, near)),
        ("access-data.js", "atlasAccess", access.data()),
        ("changes-data.js", "atlasChanges", history.changes),
    ):
        encoded = msgspec.json.encode(value)
        (assets / name).write_bytes(f"window.{variable} = ".encode() + encoded + b";\n")


def _pages(
    model: Model, access: Access, history: History, found: Any, near: Mapping[str, Drawing]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    atlas, changes = model.atlas, history.changes
    first = len(history.reads) < 2  # noqa: PLR2004
    yield "index.html", "overview", views.overview(atlas, changes, first=first)
    yield "map.html", "map", views.map_page(atlas)
    yield "modules.html", "modules", views.modules_page(atlas)
    for page in views.PAGES_OF_LISTS:
        yield f"{page}.html", "listing", views.list_page(atlas, page)
    yield "permissions.html", "permissions", views.permissions_page(atlas, access)
    by_key = {oddity.key: findings for oddity, findings in found}
    shown = cards(atlas, access, by_key, history.records)
    yield "health.html", "health", {"title": "Health", "cards": shown}
    yield "odd.html", "odd", views.odd_page(found)
    yield "changes.html", "changes", views.changes_page(history.reads, changes)
    for module in atlas.modules:
        name, map_ = f"modules/{atlas.pages[module.api_name]}.html", near.get(module.api_name)
        yield name, "module", views.module_page(model, access, module, map_)
