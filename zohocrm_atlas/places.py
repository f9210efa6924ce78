"""Where each thing of the organisation is shown, and where it is used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.intake.keys import row_id, value_key
from zohocrm_atlas.intake.listings import listing_of
from zohocrm_atlas.model.entities import Field, Item, Use
from zohocrm_atlas.words import anchor


@dataclass(frozen=True)
class Thing:
    """Something that has a place in the atlas.

    Attributes:
        kind: What it is: Fields, Views, Workflow rules ...
        address: Its place, relative to the root.
        module: API name of the module that it belongs to.
    """

    kind: str
    name: str
    address: str
    module: str = ""


@dataclass(frozen=True)
class Place:
    """A thing that uses another one, and as what."""

    thing: Thing
    roles: tuple[str, ...]


class Places:
    """The things of an atlas by their keys, and what uses them."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas

    def thing(self, key: str) -> Thing | None:
        """The thing of this key."""
        return self._things.get(key)

    def used(self, key: str) -> Sequence[Place]:
        """What uses this thing, by kind and name."""
        return self._used.get(key, ())

    def address(self, item: Item) -> str:
        """The place of a row of a list."""
        listing = listing_of(item.stream)
        fragment = anchor(f"{item.stream}-{item.id}")
        if listing.page == "modules":
            return self.on_module(item.module, fragment)
        return f"{listing.page}.html#{fragment}"

    def on_module(self, module: str, fragment: str = "") -> str:
        """The place of something on a module's page; the list of modules if it has none."""
        pages = self._atlas.pages
        name = f"modules/{pages[module]}.html" if module in pages else "modules.html"
        return f"{name}#{anchor(fragment)}" if fragment else name

    def profile(self, id_: str) -> str:
        """The place of a profile."""
        return f"permissions.html#{anchor(f'profile-{id_}')}"

    @cached_property
    def _things(self) -> Mapping[str, Thing]:
        snapshot = self._atlas.snapshot
        found = {}
        for item in snapshot.items:
            title = listing_of(item.stream).title
            found[row_id(item)] = Thing(title, item.name, self.address(item), item.module)
        for profile in snapshot.profiles:
            found[profile.id] = Thing("Profiles", profile.name, self.profile(profile.id))
        for layout in snapshot.layouts:
            place = self.on_module(layout.module, f"layout-{layout.id}")
            found[layout.id] = Thing("Layouts", layout.name, place, layout.module)
        for field in snapshot.fields:
            found[field.id] = self._field(field)
        for value in snapshot.picklist_values:
            place = self.on_module(value.module, value.field)
            found[value_key(value)] = Thing("Picklist values", value.label, place, value.module)
        for module in snapshot.modules:
            place = self.on_module(module.api_name)
            found[module.id] = Thing("Modules", module.label, place, module.api_name)
        return found

    def _field(self, field: Field) -> Thing:
        place = self.on_module(field.module, field.api_name)
        return Thing("Fields", f"{field.module}: {field.label}", place, field.module)

    @cached_property
    def _used(self) -> Mapping[str, Sequence[Place]]:
        found: defaultdict[str, dict[Thing, list[str]]] = defaultdict(dict)
        for thing, use in self._uses():
            roles = found[use.key].setdefault(thing, [])
            if use.role and use.role not in roles:
                roles.append(use.role)
        return {
            key: sorted(
                (Place(thing, tuple(roles)) for thing, roles in several.items()),
                key=lambda place: (place.thing.kind, place.thing.name.casefold()),
            )
            for key, several in found.items()
        }

    def _uses(self) -> Iterator[tuple[Thing, Use]]:
        for layout in self._atlas.snapshot.layouts:
            thing = self._things[layout.id]
            yield from ((thing, Use(id_)) for id_ in layout.fields)
            yield from ((thing, use) for use in layout.uses)
        for field in self._atlas.snapshot.fields:
            for use in field.uses:
                yield self._things[field.id], use
        for item in self._atlas.snapshot.items:
            if item.uses:
                title = listing_of(item.stream).title
                thing = Thing(title, item.name, self.address(item), item.module)
                yield from ((thing, use) for use in item.uses)
