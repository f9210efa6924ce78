"""Ids as numbers: eight bytes each, where texts in a set take more than a hundred."""

from __future__ import annotations

import heapq
import itertools
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

_PART = 50_000


def id_numbers(ids: Sequence[str]) -> array[int]:
    """Return ids as numbers of which they can be made again.

    UnreadableAnswerError: one is not a whole number of 64 bits without leading zeros. No document
    says that all are, but all of them are.
    """
    try:
        numbers = array("Q", map(int, ids))
    except (OverflowError, ValueError):
        numbers = array("Q")
    if list(map(str, numbers)) != list(ids):
        raise UnreadableAnswerError("The id of a record is not a 64-bit number.")
    return numbers


def in_order(ids: array[int], part: int = _PART) -> Iterator[int]:
    """Yield ids, each once, the least first; they are sorted in place, so many at a time.

    Sorting all at once would take forty bytes for each.
    """
    for begin in range(0, len(ids), part):
        ids[begin : begin + part] = array("Q", sorted(ids[begin : begin + part]))
    view = memoryview(ids)
    parts = [view[begin : begin + part] for begin in range(0, len(ids), part)]
    if all(one[-1] < following[0] for one, following in itertools.pairwise(parts)):
        # Lists mostly come in the order of their ids, and to merge them takes twice as long.
        return itertools.chain.from_iterable(map(dict.fromkeys, parts))
    return (record_id for record_id, _ in itertools.groupby(heapq.merge(*parts)))


class IdSet:
    """A set of ids, which are added as they come and put in order when somebody asks."""

    def __init__(self, ordered: Iterable[int] = ()) -> None:
        self._ordered = array("Q", ordered)
        self._added = array("Q")

    def __len__(self) -> int:
        """Return how many ids there are."""
        return len(self.ordered())

    def __bool__(self) -> bool:
        """Return whether there is one."""
        return bool(self._ordered or self._added)

    def add(self, numbers: array[int]) -> None:
        """Add ids; those that are there already take no more room once all are put in order."""
        self._added.extend(numbers)

    def ordered(self) -> array[int]:
        """Return the ids, each once, the least first."""
        if self._added:
            self._ordered = array("Q", in_order(self._ordered + self._added))
            self._added = array("Q")
        return self._ordered

    def lacks(self, numbers: Iterable[int]) -> array[int]:
        """Return the ids that were not there when all were put in order last."""
        there = self._ordered
        if not there:
            return array("Q", numbers)
        return array(
            "Q",
            (
                number
                for number in numbers
                if (place := bisect_left(there, number)) == len(there) or there[place] != number
            ),
        )

    def without(self, others: IdSet) -> set[str]:
        """Return the ids that are not among others."""
        others.ordered()
        return set(map(str, others.lacks(self.ordered())))

    def remove(self, numbers: Iterable[int]) -> bool:
        """Take ids out; return whether one was there."""
        ordered, gone = self.ordered(), {*numbers}
        self._ordered = array("Q", (number for number in ordered if number not in gone))
        return len(self._ordered) < len(ordered)
