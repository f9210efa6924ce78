"""One record, whether made up on the spot or kept because somebody has touched it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zohocrm_demo.organisation.records.makers import Makers
    from zohocrm_demo.organisation.records.placement import Placement


@dataclass(slots=True, eq=False)  # not frozen: that makes a million of them take twice as long
class MadeRecord:
    """A record nobody has touched, by its number in the module: values are worked out if asked."""

    row: int
    placement: Placement
    makers: Makers

    @property
    def id(self) -> int:
        """Its id."""
        return self.placement.id_of(self.row)

    @property
    def created(self) -> int:
        """`Created_Time`."""
        return self.placement.created(self.row)

    @property
    def modified(self) -> int | None:
        """`Modified_Time`; None where it was never set."""
        return self.placement.modified(self.row)

    @property
    def approved(self) -> bool:
        """Nobody has put it up for approval."""
        return True

    def value(self, field: str) -> Any:
        """The value of a field; None for unknown ones."""
        maker = self.makers.get(field)
        return None if maker is None else maker(self.row)


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record that was inserted or changed during the run. A change makes a new one.

    `modified` is None where it was never set, `approved` False while it waits for approval.
    """

    id: int
    created: int
    modified: int | None
    values: Mapping[str, Any]
    approved: bool = True

    def value(self, field: str) -> Any:
        """The value of a field; None for unknown ones."""
        return self.values.get(field)


# Times are whole seconds since 1970.
Record: TypeAlias = MadeRecord | KeptRecord
