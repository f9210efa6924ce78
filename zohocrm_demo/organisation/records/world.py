"""What makers of values must know of the organisation around a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from zohocrm_demo.organisation.records.origins import Origins
    from zohocrm_demo.organisation.records.placement import Placement
    from zohocrm_demo.organisation.references import Row

Mix: TypeAlias = "Callable[[int], int]"


@dataclass(frozen=True, slots=True)
class World:
    """The organisation, as far as made-up records refer to it.

    Attributes:
        placement: Where a module's made-up rows lie.
        fields: The fields of a module by API name.
        users: Ids of the active users.
        tags: Names of a module's tags.
        territories: Ids of the territories.
        layouts: Ids of a module's layouts.
        scoring_rules: `{name, id}` of the scoring rules.
        module_ids: Ids of all modules by API name.
        origins: What modules and fields were at first.
        seed: Makes other values.
    """

    placement: Callable[[str], Placement]
    fields: Callable[[str], Mapping[str, Row]]
    users: Sequence[str]
    tags: Callable[[str], Sequence[str]]
    territories: Sequence[str]
    layouts: Callable[[str], Sequence[str]]
    scoring_rules: Sequence[Row]
    module_ids: Mapping[str, str]
    origins: Origins
    seed: int = 0

    def mixer(self, *salt: str) -> Mix:
        """`mixer` with the seed in it."""
        return mixer(*salt, str(self.seed)) if self.seed else mixer(*salt)


def mixer(*salt: str) -> Mix:
    """A function from a row's number to a number below 2**32 that looks random and never changes.

    Args:
        *salt: What tells this function from others, such as a module and a field.
    """
    name = "|".join(salt).encode()
    # One multiplication: bulk files have millions of values.
    factor, first = crc32(name) << 32 | crc32(name[::-1]) | 1, crc32(name, 1)
    return lambda row: (row * factor + first) >> 17 & 0xFFFFFFFF
