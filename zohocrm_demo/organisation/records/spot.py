"""What a maker of values knows: the field, the organisation around it, numbers that look random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias
from zlib import crc32

from zohocrm_demo.organisation.data_files import read_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.records.origins import Origins
    from zohocrm_demo.organisation.records.placement import Placement
    from zohocrm_demo.organisation.references import Row

# Makes a field's value out of the number of a row, the same one every time.
Maker: TypeAlias = Callable[[int], Any]
PHRASES: Mapping[str, Any] = read_file("phrases.yaml")


@dataclass(frozen=True)
class World:
    """The organisation, as far as made-up records refer to it; modules by their first names.

    Attributes:
        organisation: All of it.
        placement: Where a module's made-up rows lie.
        present_fields: The fields of a module, by its present name, by API name.
        origins: What modules and fields were at first.
        seed: Makes other values.
    """

    organisation: Organisation
    placement: Callable[[str], Placement]
    present_fields: Callable[[str], Mapping[str, Row]]
    origins: Origins
    seed: int

    @cached_property
    def users(self) -> Sequence[str]:
        """Ids of the active users."""
        return [user["id"] for user in self.organisation.users if user["status"] == "active"]

    @cached_property
    def territories(self) -> Sequence[str]:
        """Ids of the territories."""
        return [territory["id"] for territory in self.organisation.territories]

    def fields(self, module: str) -> Mapping[str, Row]:
        """The fields of a module by API name."""
        return self.present_fields(self.origins.present_name(module))

    def tags(self, module: str) -> Sequence[str]:
        """Names of a module's tags."""
        known = self.organisation.tags
        return [tag["name"] for tag in known.get(self.origins.present_name(module), ())]

    def layouts(self, module: str) -> Sequence[str]:
        """Ids of a module's layouts."""
        known = self.organisation.layouts
        return [layout["id"] for layout in known.get(self.origins.present_name(module), ())]

    def mixer(self, *salt: str) -> Callable[[int], int]:
        """A function from a row's number to one below 2**32 that looks random and never changes."""
        name = "|".join((*salt, str(self.seed)) if self.seed else salt).encode()
        # One multiplication: bulk files have millions of values.
        factor, first = crc32(name) << 32 | crc32(name[::-1]) | 1, crc32(name, 1)
        return lambda row: (row * factor + first) >> 17 & 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Spot:
    """Where values are made.

    Attributes:
        world: The organisation around.
        module: The module's API name.
        field: The field's metadata.
        mix: The field's own numbers.
    """

    world: World
    module: str
    field: Row
    mix: Callable[[int], int]

    def one_of(self, values: Sequence[Any]) -> Maker:
        """A maker of one of the values; of None if there are none."""
        mix, count = self.mix, len(values)
        return (lambda row: values[mix(row) % count]) if count else (lambda _: None)

    def record_of(self, module: str) -> Callable[[int], str | None]:
        """A maker of the id of one of a module's records; of None if it has none."""
        mix, placement = self.mix, self.world.placement(module)
        if not placement.count:
            return lambda _: None
        return lambda row: str(placement.id_of(mix(row) % placement.count))


def numbered(make: Callable[[int, int], Any]) -> Callable[[Spot], Maker]:
    """Makers out of the number of a row and the field's own number for it."""

    def maker(spot: Spot) -> Maker:
        mix = spot.mix
        return lambda row: make(row, mix(row))

    return maker
