"""Instants as whole seconds since 1970, and how Zoho writes them for its users."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from typing_extensions import override

_DAY = 86_400
_MINUTE = 60
_MINUTES = tuple(f"{hour:02d}:{minute:02d}:" for hour in range(24) for minute in range(60))
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_STANDARD = timedelta(hours=-8)
_DAYLIGHT = timedelta(hours=-7)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class LosAngeles(tzinfo):
    """The caller's zone by the rules since 2007; slim containers have no data for `zoneinfo`."""

    @override
    def fromutc(self, instant: datetime, /) -> datetime:
        utc = instant.replace(tzinfo=None)
        begin = _nth_sunday(utc.year, 3, 2) + timedelta(hours=10)
        end = _nth_sunday(utc.year, 11, 1) + timedelta(hours=9)
        daylight = begin <= utc < end
        local = (utc + (_DAYLIGHT if daylight else _STANDARD)).replace(tzinfo=self)
        # The hour that comes twice in autumn: PEP 495's `fold` separates the two.
        return local.replace(fold=int(not daylight and utc - end < timedelta(hours=1)))

    @override
    def utcoffset(self, instant: datetime | None, /) -> timedelta:
        if instant is None:
            return _STANDARD
        begin = _nth_sunday(instant.year, 3, 2) + timedelta(hours=2)
        end = _nth_sunday(instant.year, 11, 1) + timedelta(hours=2 - instant.fold)
        bare = instant.replace(tzinfo=None, fold=0)
        return _DAYLIGHT if begin <= bare < end else _STANDARD

    @override
    def dst(self, instant: datetime | None, /) -> timedelta:
        return self.utcoffset(instant) - _STANDARD

    @override
    def tzname(self, instant: datetime | None, /) -> str:
        return "America/Los_Angeles"


LOS_ANGELES = LosAngeles()


def seconds(instant: datetime) -> int:
    """Seconds since 1970, fractions cut off; ValueError: the instant has no zone."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    return (instant - _EPOCH) // timedelta(seconds=1)


def instant(stamp: int) -> datetime:
    """The aware date-time, in UTC."""
    return _EPOCH + timedelta(seconds=stamp)


def written(stamp: int, zone: tzinfo) -> str:
    """An instant as Zoho shows it to a user in `zone`: `2025-04-24T10:32:20-07:00`."""
    offset, suffix = _offset(stamp // _DAY, zone)
    if offset is None:
        return instant(stamp).astimezone(zone).isoformat()
    day, rest = divmod(stamp + offset, _DAY)
    return f"{_date(day)}{_MINUTES[rest // _MINUTE]}{rest % _MINUTE:02d}{suffix}"


def read_instant(text: str) -> int | None:
    """Seconds since 1970 of ISO 8601 with an offset and whole seconds; None for anything else."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return seconds(datetime.fromisoformat(text.replace("Z", "+00:00")))
    except ValueError:
        return None


def is_date(text: str) -> bool:
    """Whether the text is a day of the calendar, `2026-01-31`."""
    try:
        return bool(_DATE.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


@lru_cache(maxsize=16_384)
def _offset(day: int, zone: tzinfo) -> tuple[int | None, str]:
    """The zone's offset on a day of UTC, in seconds and as text; None if it changes then."""
    first, last = (instant(edge).astimezone(zone) for edge in (day * _DAY, day * _DAY + _DAY - 1))
    offset = first.utcoffset()
    if offset is None or offset != last.utcoffset():
        return None, ""
    return offset // timedelta(seconds=1), first.isoformat()[len("2025-04-24T10:32:20") :]


@lru_cache(maxsize=16_384)
def _date(day: int) -> str:
    return f"{instant(day * _DAY).date().isoformat()}T"


def _nth_sunday(year: int, month: int, nth: int) -> datetime:
    first = datetime(year, month, 1)  # noqa: DTZ001 (the caller sets the zone)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))
