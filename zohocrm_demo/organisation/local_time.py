"""The requesting user's clock: Los Angeles, with daylight saving."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

_STANDARD = timezone(timedelta(hours=-8))
_DAYLIGHT = timezone(timedelta(hours=-7))
ZONE_NAME = "America/Los_Angeles"


def local(instant: str | datetime) -> str:
    """An instant as Zoho shows it to the user: `2025-04-24T10:32:20-07:00`.

    Worked out here, not with `zoneinfo`: slim containers come without time zone data.

    Args:
        instant: An aware date-time, or UTC as text without an offset.
    """
    if isinstance(instant, str):
        instant = datetime.fromisoformat(instant).replace(tzinfo=timezone.utc)
    zone = _DAYLIGHT if _is_daylight(instant) else _STANDARD
    return instant.astimezone(zone).isoformat(timespec="seconds")


def _is_daylight(instant: datetime) -> bool:
    year = instant.astimezone(_STANDARD).year
    begin = _nth_sunday(year, 3, 2).replace(hour=2, tzinfo=_STANDARD)
    end = _nth_sunday(year, 11, 1).replace(hour=2, tzinfo=_DAYLIGHT)
    return begin <= instant < end


def _nth_sunday(year: int, month: int, nth: int) -> datetime:
    first = datetime(year, month, 1)  # noqa: DTZ001 (the caller sets the zone)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))
