"""What becomes of what parents have: rows to be emitted, and tombstones of what has left."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tap_zohocrm_modules.definitions.child_kind import ChildKind
from tap_zohocrm_modules.sync.children.known import KnownChildren
from tap_zohocrm_modules.zoho.children.reader import Children
from tap_zohocrm_modules.zoho.records.model import DELETED_AT

Row = Mapping[str, Any]


@dataclasses.dataclass(eq=False)
class ChildRows:
    """Compares what the parents of one list have with what a destination has of them."""

    kind: ChildKind
    known: KnownChildren
    left_at: str | None  # what tombstones have as their time; None where none are wanted
    gone: int = dataclasses.field(default=0, init=False)  # tombstones so far

    def is_doubtful(self, found: Children) -> bool:
        """Whether a parent is to be asked once more: one empty answer may be a false one."""
        is_empty = not found.keys and not found.is_gone and found.cut_off is None
        return is_empty and not self.kind.newest_first and bool(self.known.keys_of(found.parent_id))

    def of_parent(self, found: Children) -> Iterator[Row]:
        """Yield a parent's rows, and tombstones of those that have left it."""
        parent = found.parent_id
        before = self.known.keys_of(parent)
        yield from found.rows
        keys = {*found.keys}
        if found.cut_off is not None:
            # Of what has not been read nothing is known but what a destination has for sure.
            self.known.learn(parent, {*keys, *self.known.settled(parent)})
            return
        if self.kind.newest_first and not found.is_gone:
            # What such a list has had stays there, as long as its record does.
            keys |= {*before}
        self.known.learn(parent, keys)
        yield from self._tombstones(parent, [key for key in before if key not in keys])

    def of_gone(self, parent: str) -> Iterator[Row]:
        """Yield tombstones of all that a parent had which is not there any more."""
        before = self.known.keys_of(parent)
        self.known.learn(parent, ())
        yield from self._tombstones(parent, before)

    def _tombstones(self, parent: str, keys: Sequence[str]) -> Iterator[Row]:
        if self.left_at is None:
            return
        parent_key, key = self.kind.keys
        for one in keys:
            self.gone += 1
            yield {parent_key: parent, key: one, DELETED_AT: self.left_at}
