"""How each loader's database spells names and types (`dialects.json`)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from zohocrm_atlas.beside import read_beside


class Dialect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A database, as its loader fills it.

    Attributes:
        types: For each kind of column: the type that the loader gives it.
        server: What a data contract says of where the tables are.
        quote: What stands around a name.
        upper: Whether names are in capitals.
        plain_types: Where a type has a name that other databases know too, that name.
    """

    name: str
    title: str
    types: dict[str, str]
    server: dict[str, str | int]
    quote: str = '"'
    upper: bool = False
    plain_types: dict[str, str] = {}

    def identifier(self, name: str) -> str:
        """The name of a table or column, in quotes."""
        spelt = name.upper() if self.upper else name
        return f"{self.quote}{spelt.replace(self.quote, self.quote * 2)}{self.quote}"

    def type_of(self, kind: str, *, plain: bool = False) -> str:
        """The type of a column of this kind."""
        found = self.types[kind]
        return self.plain_types.get(found, found) if plain else found


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {each.name: each for each in read_beside(__file__, tuple[Dialect, ...])}
)
"""The loaders that the setting `loader` may name."""
