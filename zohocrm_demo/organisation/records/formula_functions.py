"""What the functions and operators of formulas do with values that are there."""

from __future__ import annotations

import calendar
import math
import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any


class _Calendar:
    """Days and hours in a zone."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def moment(self, when: date) -> datetime:
        """A day is its midnight."""
        if isinstance(when, datetime):
            return when
        return self._instant(datetime.combine(when, time()))

    def _instant(self, wall: datetime) -> datetime:
        """When clocks show this; the later one of two, as databases and Java have it."""
        both = (wall.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1))
        return max(one.astimezone(timezone.utc) for one in both)

    def local(self, when: date) -> date:
        """What clocks and calendars show."""
        return when.astimezone(self._zone) if isinstance(when, datetime) else when

    def alike(self, *values: Any) -> tuple[Any, ...]:
        """Days beside date-times become these."""
        mixed = any(isinstance(one, datetime) for one in values)
        return tuple(self.moment(one) for one in values) if mixed else values

    def new(self, year: float, month: float, day: float, hour: float, *rest: Any) -> datetime:
        """A date-time that clocks show."""
        minute, half = rest
        hours = int(hour) % 12 + (12 if half == "PM" else 0)
        return self._instant(datetime(int(year), int(month), int(day), hours, int(minute)))  # noqa: DTZ001

    def later(self, when: date, number: float, unit: str) -> date:
        """So many units later."""
        count, word = int(number), unit.upper()
        if word in {"HOUR", "MINUTE"}:
            seconds = count * (3600 if word == "HOUR" else 60)
            return self.moment(when).astimezone(timezone.utc) + timedelta(seconds=seconds)
        wall = self.local(when)
        if word == "DAY":
            later = wall + timedelta(days=count)
        elif word in {"MONTH", "YEAR"}:
            later = _months_later(wall, count * (12 if word == "YEAR" else 1))
        else:
            raise ValueError(f"no unit {unit}")
        return self._instant(later) if isinstance(later, datetime) else later

    def minutes(self, a: date, b: date) -> float:
        """From b to a."""
        first, second = self.alike(a, b)
        return float((first - second).total_seconds() / 60)

    def part(self, name: str) -> Callable[[date], float]:
        """Its year, month ..."""
        return lambda when: float(getattr(self.local(when), name))


def functions(zone: tzinfo) -> Mapping[str, Callable[..., Any]]:
    """Functions and operators by name in lower case; a sign before a value is `-1`, `!1`."""
    days = _Calendar(zone)
    part = days.part

    def comparing(decide: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
        return lambda a, b: decide(*days.alike(a, b))

    return {
        **_PLAIN,
        "==": comparing(operator.eq),
        "!=": comparing(operator.ne),
        "<": comparing(operator.lt),
        ">": comparing(operator.gt),
        "<=": comparing(operator.le),
        ">=": comparing(operator.ge),
        "max": lambda *values: max(days.alike(*values)),
        "min": lambda *values: min(days.alike(*values)),
        "now": lambda: datetime.now(tz=timezone.utc),
        "newdate": days.new,
        "datepart": lambda when: _day(days.local(when)),
        "adddate": days.later,
        "subdate": lambda when, number, unit: days.later(when, -number, unit),
        "datecomp": days.minutes,
        "year": part("year"),
        "month": part("month"),
        "dayofmonth": part("day"),
        "hour": part("hour"),
        "minute": part("minute"),
        "weekday": lambda when: float(days.local(when).isoweekday() % 7 + 1),
    }


def _day(when: date) -> date:
    return when.date() if isinstance(when, datetime) else when


def _months_later(when: date, months: int) -> date:
    year, month = divmod(when.year * 12 + when.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return when.replace(year=year, month=month + 1, day=min(when.day, last))


def _rounded(number: float, places: float = 0) -> float:
    # Half up: -3.5 becomes -3.
    scale = 10.0 ** int(places)
    return math.floor(number * scale + 0.5) / scale


def _found(text: str, searched: str, number: float) -> float:
    at = -1
    for _ in range(int(number)):
        at = text.find(searched, at + 1)
        if at < 0:
            break
    return float(at + 1)


_PLAIN: Mapping[str, Callable[..., Any]] = {
    "+": lambda *numbers: sum(numbers[1:], numbers[0]),
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
    "^": lambda a, b: a**b,
    "-1": lambda a: -a,
    "!1": lambda a: not a,
    "not": lambda a: not a,
    "abs": abs,
    "ceil": lambda a: float(math.ceil(a)),
    "floor": lambda a: float(math.floor(a)),
    "round": _rounded,
    "naturallog": math.log,
    "base10log": math.log10,
    "sqrt": math.sqrt,
    "ispositive": lambda a: a > 0,
    "isnegative": lambda a: a < 0,
    "len": lambda a: float(len(a)),
    "concat": lambda *texts: "".join(texts),
    "contains": lambda a, b: b in a,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "lower": str.lower,
    "upper": str.upper,
    "trim": lambda a: a.strip(" \t\n\r"),
    "replace": str.replace,
    "substring": lambda a, first, last: a[int(first) - 1 : int(last)],
    "find": _found,
    "tostring": str,
}
