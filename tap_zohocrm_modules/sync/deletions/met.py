"""Which of the emitted ids a listing has met, small enough for STATE."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right

from tap_zohocrm_modules.sync.deletions.ids import pack, unpack
from tap_zohocrm_modules.sync.state import StateError
from tap_zohocrm_modules.zoho.records.id_set import IdSet


class MetIds:
    """The emitted ids that a listing has met, in this run and before.

    STATE has them as ranges of the emitted ids: a listing that goes by id takes a few bytes, one in
    any other order at most as much as the ids. What is emitted later and lies in a range counts as
    met: it has been seen since.

    Args:
        packed: What STATE has of earlier runs.
        stream: The stream, for errors.
    """

    def __init__(self, packed: str | None, stream: str) -> None:
        self._met = IdSet()
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

    def packed(self, emitted: IdSet) -> str | None:
        """Return them as STATE has them; None for none."""
        ids, ends, begin = emitted.ordered(), array("Q"), 0
        for unmet in (*self.lacks(emitted), None):
            end = len(ids) if unmet is None else bisect_left(ids, unmet)
            if end > begin:
                # Without its end, so that each is greater than the one before.
                ends.extend((ids[begin], ids[end - 1] + 1))
            begin = end + 1
        return pack(IdSet(ends)) if ends else None


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
