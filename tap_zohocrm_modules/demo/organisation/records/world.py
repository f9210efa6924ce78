"""What makers of values must know of the organisation around a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_zohocrm_modules.demo.organisation.references import Row
    from tap_zohocrm_modules.demo.organisation.records.placement import Placement

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
        module_ids: Ids of all modules by API name.
    """

    placement: Callable[[str], Placement]
    fields: Callable[[str], Mapping[str, Row]]
    users: Sequence[str]
    tags: Callable[[str], Sequence[str]]
    territories: Sequence[str]
    layouts: Callable[[str], Sequence[str]]
    module_ids: Mapping[str, str]


def mixer(*salt: str) -> Mix:
    """A function from a row's number to a number below 2**32 that looks random and never changes.

    Args:
        *salt: What tells this function from others, such as a module and a field.
    """
    seed = crc32("|".join(salt).encode())

    def mix(row: int) -> int:
        number = (row * 0x9E3779B1 + seed) & 0xFFFFFFFF
        number = ((number ^ number >> 15) * 0x85EBCA6B) & 0xFFFFFFFF
        number = ((number ^ number >> 13) * 0xC2B2AE35) & 0xFFFFFFFF
        return number ^ number >> 16

    return mix
