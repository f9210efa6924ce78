"""The parents whose children could not be read: named, counted, and asked for again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from tap_zohocrm_modules.zoho.records.reading import IncompleteReadError
from tap_zohocrm_modules.zoho.transport.errors import (
    PermissionRefusedError,
    UnavailableError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.texts import counted

_MOST_REMEMBERED = 1_000
_IN_A_ROW = 10
"""Parents that fail one after the other, by another reason than their permissions, show that the
list fails and not they. Of those that had failed before, as many are asked again in a run."""

_SHOWN = 5


@dataclasses.dataclass(eq=False)
class Refusals:
    """Which parents of one list have failed, in this run and before."""

    module: str  # the parents' API name
    remembered: Iterable[str] = ()  # ids that STATE has
    overflowed: bool = False  # whether there were more than STATE has

    def __post_init__(self) -> None:
        self._pending = dict.fromkeys(self.remembered)
        self._errors: dict[str, ZohoError] = {}
        self._in_a_row = self._again_in_a_row = 0
        self._answered = False

    @property
    def pending(self) -> list[str]:
        """The ids that STATE is to have: of parents to be asked for again."""
        return [*self._pending][:_MOST_REMEMBERED]

    @property
    def are_more(self) -> bool:
        """Whether more parents have failed than STATE can have."""
        return self.overflowed or len(self._pending) > _MOST_REMEMBERED

    def __len__(self) -> int:
        """Return how many parents have failed in this run."""
        return len(self._errors)

    def forget_overflow(self) -> None:
        """Note that all parents are about to be read again."""
        self.overflowed = False

    def answered(self, parent_id: str) -> None:
        """Note that a parent has given its children, or is gone."""
        self._pending.pop(parent_id, None)
        self._errors.pop(parent_id, None)
        self._in_a_row, self._again_in_a_row, self._answered = 0, 0, True

    def note(self, parent_id: str, error: ZohoError) -> None:
        """Note that a parent has failed; ZohoError: so do all."""
        had_failed = parent_id in self._pending
        # Those that were not asked this time come first in the next run.
        self._pending.pop(parent_id, None)
        self._pending[parent_id] = None
        self._errors[parent_id] = error
        if isinstance(error, PermissionRefusedError):
            return
        if had_failed:
            # They say nothing of the others, which would never be read.
            self._again_in_a_row += 1
            return
        self._in_a_row += 1
        if self._in_a_row >= _IN_A_ROW:
            raise error

    @property
    def fail_again(self) -> bool:
        """Whether so many of those that had failed fail again that the others can wait."""
        return self._again_in_a_row >= _IN_A_ROW

    def finish(self) -> None:
        """Raise for the parents that have failed, if there are any."""
        if not self._errors:
            return
        names, (first, *others) = [*self._errors], self._errors.values()
        if isinstance(first, UnavailableError) and not self._answered:
            raise first
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        text = (
            f"Zoho refuses {counted(len(names), 'record')} of {self.module}"
            f" ({', '.join(names[:_SHOWN])}{more}): {first} The others have been read; these are"
            " asked for again by the next run."
        )
        by_permission = [one for one in (first, *others) if isinstance(one, PermissionRefusedError)]
        if len(by_permission) == len(names):
            raise PermissionRefusedError(text, by_permission[0].refusal)
        raise IncompleteReadError(text)
