"""Splits a CSV cell that holds several values: multi-select picklists and tags.

Zoho does not document what stands between the values, and a value may contain that sign, too. A
cell is split only where the known values leave no choice.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from tap_zohocrm_modules.zoho.records.conversions import AmbiguousValueError


class CellSplitter:
    """Splits the cells of one field, in time that grows with their length only.

    Args:
        separators: The signs that may stand between values.
        known: Returns the values that Zoho lists; asked once, when a cell contains a separator.
    """

    def __init__(self, separators: str, known: Callable[[], frozenset[str]]) -> None:
        self._separators = separators
        self._known = known
        self._values: frozenset[str] | None = None
        self._longest: dict[str, int] = {}

    def split(self, cell: str) -> list[str]:
        """Return the values in a cell.

        Raises:
            AmbiguousValueError: the cell can be read as different lists, or holds a value that
                Zoho does not list beside others.
        """
        signs = [sign for sign in self._separators if sign in cell]
        if not signs:
            return [cell]
        values = self._listed()
        readings = [
            reading for sign in signs for reading in self._readings(cell.split(sign), sign, values)
        ]
        if cell in values:
            readings.append([cell])
        # Nobody can choose a value twice.
        if len(readings) != 1 or len(set(readings[0])) < len(readings[0]):
            raise AmbiguousValueError(cell)
        return readings[0]

    def _listed(self) -> frozenset[str]:
        if self._values is None:
            self._values = self._known()
            self._longest = {
                sign: 1 + max((value.count(sign) for value in self._values), default=0)
                for sign in self._separators
            }
        return self._values

    def _readings(self, parts: list[str], sign: str, values: frozenset[str]) -> list[list[str]]:
        """Return the ways to put the parts together to two or more known values, at most two."""
        # Where the first n parts can be cut last; a value spans a bounded number of parts.
        cuts = [_Cut(ways=1)]
        for end in range(1, len(parts) + 1):
            cut = _Cut()
            for begin in range(max(0, end - self._longest[sign]), end):
                if not cuts[begin].ways or (begin, end) == (0, len(parts)):
                    continue
                value = sign.join(parts[begin:end])
                value = value if value in values else value.strip()
                if value in values:
                    cut = _Cut(min(2, cut.ways + cuts[begin].ways), begin, value)
            cuts.append(cut)
        if cuts[-1].ways == 0:
            return []
        reading, end = [], len(parts)
        while end:
            reading.append(cuts[end].value)
            end = cuts[end].begin
        return [reading[::-1]] * cuts[-1].ways


@dataclasses.dataclass(frozen=True, slots=True)
class _Cut:
    """In how many ways some parts can be read, and the last value of one of them."""

    ways: int = 0
    begin: int = 0
    value: str = ""
