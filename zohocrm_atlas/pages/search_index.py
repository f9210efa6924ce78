"""What the search finds, as a script: a page from `file://` may load scripts, but not JSON."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.intake.listings import listing_of
from zohocrm_atlas.places import Places, anchor

Entry = tuple[str, str, str, str]
"""Kind, name, what is searched besides it (API names), and address relative to the root."""


def search_index(atlas: Atlas, places: Places) -> bytes:
    """The script `assets/search-index.js`."""
    entries = msgspec.json.encode(list(_entries(atlas, places)))
    return b"window.atlasIndex = " + entries + b";\n"


def _entries(atlas: Atlas, places: Places) -> Iterator[Entry]:
    for module in atlas.modules:
        yield "module", module.label, module.api_name, _page(atlas, module.api_name)
    for field in atlas.snapshot.fields:
        name = f"{field.module}.{field.api_name}"
        yield "field", field.label, name, _page(atlas, field.module, field.api_name)
    for value in atlas.snapshot.picklist_values:
        name = f"{value.module}.{value.field}"
        yield "value", value.label, name, _page(atlas, value.module, value.field)
    for layout in atlas.snapshot.layouts:
        address = _page(atlas, layout.module, f"layout-{layout.id}")
        yield "layout", layout.name, layout.module, address
    for profile in atlas.snapshot.profiles:
        address = f"permissions.html#{anchor(f'profile-{profile.id}')}"
        yield "profile", profile.name, profile.description[:80], address
    for item in atlas.snapshot.items:
        yield listing_of(item.stream).title, item.name, item.module, places.address(item)


def _page(atlas: Atlas, module: str, fragment: str = "") -> str:
    """The address of something on a module's page; the list of modules if it has none."""
    name = f"modules/{atlas.pages[module]}.html" if module in atlas.pages else "modules.html"
    return f"{name}#{anchor(fragment)}" if fragment else name
