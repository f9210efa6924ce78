"""Dates and date-times in SQL.

A date-time is a timestamp without zone in UTC; its days and hours are those of the organisation's
zone. A date beside date-times is its midnight there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from zohocrm_atlas.formulas.functions import DATE, DATETIME, NUMBER, functions
from zohocrm_atlas.formulas.parser import NotUnderstoodError
from zohocrm_atlas.formulas.pieces import TIMES, Piece, quoted

_OF_CLOCKS = frozenset({"HOUR", "MINUTE"})
_UNITS = frozenset({"YEAR", "MONTH", "DAY", *_OF_CLOCKS})
_MOST_ADDED = 100_000


class Times:
    """Writes them for one dialect and zone; the zone is empty if it is not known."""

    def __init__(self, dialect: str, zone: str) -> None:
        self._dialect = dialect
        self._zone = zone

    def sql(self, piece: str, *values: str) -> str:
        """A piece of SQL of this dialect."""
        return functions().piece(piece, self._dialect, *values)

    def instant(self, part: Piece) -> Piece:
        """A date or date-time as a date-time."""
        if part.type == DATETIME:
            return part
        return self.of_local(self.midnight(part))

    def midnight(self, part: Piece) -> Piece:
        """The beginning of a date, as clocks show it."""
        return Piece(self.sql("midnight", part.sql), DATETIME, part.empty)

    def date(self, part: Piece) -> Piece:
        """A date or date-time as a date."""
        if part.type == DATE:
            return part
        return Piece(f"cast({self.local(part).sql} as date)", DATE, part.empty)

    def local(self, part: Piece) -> Piece:
        """What the clocks of the organisation show at this date-time."""
        return dataclasses.replace(part, sql=self.sql("local", part.sql, self._known_zone()))

    def of_local(self, part: Piece) -> Piece:
        """The date-time at which they show this."""
        return dataclasses.replace(part, sql=self.sql("instant", part.sql, self._known_zone()))

    def new_date(self, parts: Sequence[Piece]) -> Piece:
        """Newdate(year, month, day, hour, minute, 'AM')."""
        year, *rest = parts or (Piece("", ""),)
        values = [part.count for part in rest[:4]]
        valid = (range(1, 13), range(1, 29), range(13), range(60))
        half = rest[4].literal if len(rest) == len(valid) + 1 else None
        if half not in ("AM", "PM") or not all(map(range.__contains__, valid, values)):
            raise NotUnderstoodError("Newdate of anything but a month, a day (up to 28) and a time")
        if not (year.type == NUMBER and year.whole):
            raise NotUnderstoodError("Newdate takes a whole year")
        hour = (values[2] or 0) % 12 + (12 if half == "PM" else 0)
        plain = [str(value) for value in (values[0], values[1], hour, values[3])]
        sql = self.sql("new", year.sql, *plain)
        if year.literal is None:
            sql = f"case when {year.sql} between 1e0 and 9999e0 then {sql} end"
        local = Piece(sql, DATETIME, empty=True)
        return self.of_local(local)

    def add(self, parts: Sequence[Piece], sign: str = "") -> Piece:
        """Adddate(date, number, 'DAY'), or Subdate with a sign."""
        if len(parts) != 3 or parts[0].type not in TIMES:  # noqa: PLR2004
            raise NotUnderstoodError("Adddate and Subdate take a date, a number and a unit")
        when, count, unit = parts
        word = str(unit.literal).upper()
        if word not in _UNITS:
            raise NotUnderstoodError(f"{unit.literal or 'something'} as a unit of time")
        if not (count.type == NUMBER and count.whole):
            raise NotUnderstoodError("Adddate or Subdate of a number that may have a fraction")
        added = f"(- {count.sql})" if sign else count.sql
        if count.literal is None:
            # What leads out of the calendar would be an error, and end the whole build.
            bound = f"{_MOST_ADDED:d}e0"
            added = f"case when {count.sql} between -{bound} and {bound} then {added} end"
        moment = self.instant(when) if word in _OF_CLOCKS else when
        local = moment if word in _OF_CLOCKS or when.type == DATE else self.local(when)
        plain = local.sql if moment.type == DATETIME else self.sql("midnight", local.sql)
        sql = self.sql("add", plain, added, word.lower())
        found = Piece(sql, DATETIME, empty=True)
        if moment.type == DATE:
            return Piece(f"cast({sql} as date)", DATE, empty=True)
        return found if word in _OF_CLOCKS else self.of_local(found)

    def _known_zone(self) -> str:
        if not self._zone:
            raise NotUnderstoodError("the organisation's time zone is not known without stream org")
        return quoted(self._zone, self._dialect)
