"""Instants as whole seconds since 1970, and how Zoho writes them for its users."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from typing_extensions import override

_HOUR = 3_600
_MINUTE = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_STANDARD = timedelta(hours=-8)
_DAYLIGHT = timedelta(hours=-7)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class LosAngeles(tzinfo):
    """The zone of the sample's caller, by the rules in force since 2007.

    Worked out here, not with `zoneinfo`: slim containers come without time zone data.
    """

    @override
    def fromutc(self, instant: datetime, /) -> datetime:
        utc = instant.replace(tzinfo=None)
        begin = _nth_sunday(utc.year, 3, 2) + timedelta(hours=10)
        end = _nth_sunday(utc.year, 11, 1) + timedelta(hours=9)
        daylight = begin <= utc < end
        local = (utc + (_DAYLIGHT if daylight else _STANDARD)).replace(tzinfo=self)
        # The hour that comes twice in autumn: told apart as PEP 495 wants it.
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
    """Seconds since 1970, fractions cut off.

    Raises:
        ValueError: The instant has no zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    return (instant - _EPOCH) // timedelta(seconds=1)


def instant(stamp: int) -> datetime:
    """The aware date-time, in UTC."""
    return _EPOCH + timedelta(seconds=stamp)


def written(stamp: int, zone: tzinfo) -> str:
    """An instant as Zoho shows it to a user in `zone`: `2025-04-24T10:32:20-07:00`."""
    hours, rest = divmod(stamp, _HOUR)
    before, minutes, after = _written_hour(hours, zone)
    quotient, remainder = divmod(rest + minutes * _MINUTE, _MINUTE)
    if quotient >= _MINUTE:
        before, minutes, after = _written_hour(hours, zone, later=True)
        quotient -= _MINUTE
    return f"{before}{quotient:02d}:{remainder:02d}{after}"


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


@lru_cache(maxsize=65_536)
def _written_hour(hours: int, zone: tzinfo, *, later: bool = False) -> tuple[str, int, str]:
    # No zone changes its offset within an hour of UTC, so one look-up serves 3,600 instants.
    local = instant(hours * _HOUR).astimezone(zone)
    minutes = local.minute
    shown = local + timedelta(hours=1) if later else local
    return shown.strftime("%Y-%m-%dT%H:").rjust(14, "0"), minutes, local.isoformat()[19:]


def _nth_sunday(year: int, month: int, nth: int) -> datetime:
    first = datetime(year, month, 1)  # noqa: DTZ001 (the caller sets the zone)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))
