"""What the search finds, as a script: a page from `file://` may load scripts, but not JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

import msgspec

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.intake.listings import listing_of
from zohocrm_atlas.places import Places

Entry = tuple[str, str, str, str]
"""Kind, name, what is searched besides it (API names), and address relative to the root."""


def search_index(atlas: Atlas, places: Places, rights: Sequence[str]) -> bytes:
    """The script `assets/search-index.js`; `rights` are what one may ask of permissions."""
    entries = msgspec.json.encode(list(_entries(atlas, places, rights)))
    return b"window.atlasIndex = " + entries + b";\n"


def _entries(atlas: Atlas, places: Places, rights: Sequence[str]) -> Iterator[Entry]:
    snapshot = atlas.snapshot
    for module in atlas.modules:
        yield "module", module.label, module.api_name, places.on_module(module.api_name)
    for field in snapshot.fields:
        name = f"{field.module}.{field.api_name}"
        yield "field", field.label, name, places.on_module(field.module, field.api_name)
    for value in snapshot.picklist_values:
        name = f"{value.module}.{value.field}"
        yield "value", value.label, name, places.on_module(value.module, value.field)
    for layout in snapshot.layouts:
        address = places.on_module(layout.module, f"layout-{layout.id}")
        yield "layout", layout.name, layout.module, address
    for profile in snapshot.profiles:
        yield "profile", profile.name, profile.description[:80], places.profile(profile.id)
    for right in rights:
        address = f"permissions.html?{urlencode({'right': right})}#section-ask"
        yield "question", f"Who may: {right}?", "permissions", address
    for item in snapshot.items:
        yield listing_of(item.stream).title, item.name, item.module, places.address(item)
