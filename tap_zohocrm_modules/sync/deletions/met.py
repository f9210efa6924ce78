"""Which of the emitted ids a listing has met, small enough for STATE."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right

from tap_zohocrm_modules.sync.deletions.ids import pack, unpack
from tap_zohocrm_modules.sync.state import StateError
from tap_zohocrm_modules.zoho.records.id_set import IdSet


class MetIds:
    """The emitted ids that a listing has met, in this run and before.

    STATE has them as ranges: a listing that goes by id takes a few bytes, one in any other order at
    most as much as the ids. What is emitted later and lies in a range counts as met: it has been
    seen since, in the listing or as a record.

    Args:
        packed: What STATE has of earlier runs.
        stream: The stream, for errors.
    """

    def __init__(self, packed: str | None, stream: str) -> None:
        self._met = IdSet()
        # Where ranges begin and, one after the other, end; the last one may have no end.
        self._ends = array("Q")
        if packed is not None:
            self._ends = ids_in(packed, stream).ordered()

    def add(self, numbers: array[int]) -> None:
        """Note ids that have been met."""
        self._met.add(numbers)

    def lacks(self, emitted: IdSet) -> array[int]:
        """Return the emitted ids that have not been met, the least first."""
        self._met.ordered()
        unmet, ends = self._met.lacks(emitted.ordered()), self._ends
        if not ends:
            return unmet
        return array("Q", (one for one in unmet if bisect_right(ends, one) % 2 == 0))

    def packed(self, emitted: IdSet, *, is_listed: bool) -> str:
        """Return them as STATE has them; `is_listed`: the listing has come to its end.

        A range is all that lies between two emitted ids that were not met, if something there was.
        Once all ids are listed each is, as is what comes behind the last one at any time: to be
        called gone, an id has to be missing in a listing that began after it was emitted.
        """
        unmet, met, begins = self.lacks(emitted), self._met.ordered(), self._ends[:-1:2]
        last = max([*met[-1:], *begins[-1:]], default=0)
        some = unmet if is_listed else unmet[: bisect_left(unmet, last) + 1]
        ends, begin = array("Q"), 0
        for one in some:
            if begin < one and (is_listed or _has(met, begin, one) or _has(begins, begin, one)):
                ends.extend((begin, one))
            begin = one + 1
        ends.append(unmet[-1] + 1 if unmet else 0)
        return pack(IdSet(ends))


def _has(ids: array[int], begin: int, end: int) -> bool:
    """Whether one of these ids lies in a range."""
    place = bisect_left(ids, begin)
    return place < len(ids) and ids[place] < end


def ids_in(packed: str, stream: str) -> IdSet:
    """Return the ids that STATE has; StateError: it has something else."""
    try:
        return unpack(packed)
    except ValueError as error:
        raise StateError(
            f"STATE bookmarks.{stream}.sweep has ids that cannot be unpacked ({error}): restore"
            f" the STATE of the last run, or remove bookmarks.{stream}.sweep to compare all ids"
            " anew."
        ) from error
