"""What is compared of each kind of entity, and what a change of it is called (`entities.json`)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from zohocrm_atlas.beside import read_beside


class Entity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How values of one kind are compared.

    Attributes:
        stream: What they come from, and what a snapshot calls them.
        attributes: For each kind of change: the attributes that change so.
    """

    name: str
    stream: str
    attributes: dict[str, tuple[str, ...]]

    def compared(self) -> Iterator[tuple[str, str]]:
        """Each attribute, and what a change of it is called."""
        return ((each, kind) for kind, several in self.attributes.items() for each in several)


ENTITIES = read_beside(__file__, tuple[Entity, ...])
