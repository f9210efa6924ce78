"""Date-times as Zoho writes them, and as this tap does: UTC, to the second, ending in `Z`."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|z|[+-]\d\d:?\d\d)", re.ASCII
)
_DAY_ALONE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_HOUR_ALONE = re.compile(r"[T ]([01]\d|2[0-3])(Z|z|[+-]\d\d:?00)", re.ASCII)
_MINUTE_AND_SECOND = re.compile(r":[0-5]\d:[0-5]\d", re.ASCII)

_DAY, _HOUR, _SECOND = len("2025-04-24"), len("2025-04-24T17"), len("2025-04-24T17:32:20")
_MOST_HOURS, _MOST_MINUTES = 23, 59
_MOST_DAYS_KEPT = 8_192
_HOURS_OF_A_DAY = 24


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> datetime:
    """Return an ISO 8601 date-time that says its offset; aware, in UTC, fractions cut off.

    Raises:
        ValueError: it is none.
    """
    day, time, _, offset = _parts(text)
    return _in_utc(day, time, offset).replace(tzinfo=timezone.utc)


def in_header(text: str) -> datetime | None:
    """Return the date-time of an HTTP header, aware; None if it is none."""
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=timezone.utc)


@functools.lru_cache(maxsize=4096)
def utc(text: str) -> str:
    """Return an ISO 8601 date-time in UTC, as `2025-04-24T17:32:20Z`, fractions kept.

    Raises:
        ValueError: it is none, or does not say its offset.
    """
    with contextlib.suppress(ValueError):
        days, hour = _HOURS[text[_DAY:_HOUR] + text[_SECOND:]]
        return days[text[:_DAY]] + hour + _CLOCKS[text[_HOUR:_SECOND]]
    day, time, fraction, offset = _parts(text)
    return f"{_in_utc(day, time, offset).isoformat()}{fraction or ''}Z"


def utc_each(texts: Sequence[str | None]) -> Sequence[str | None]:
    """Return date-times in UTC, null for null and empty texts.

    Raises:
        ValueError: one of them is none to the second and of whole hours from UTC.
    """
    # No two are the same, but there are few days, hours of a day and minutes of an hour.
    return [
        (hour := _HOURS[text[_DAY:_HOUR] + text[_SECOND:]])[0][text[:_DAY]]
        + hour[1]
        + _CLOCKS[text[_HOUR:_SECOND]]
        if text
        else None
        for text in texts
    ]


class _Days(dict[str, str]):
    """Days, as those so many days later."""

    def __init__(self, later: int) -> None:
        super().__init__()
        self._later = timedelta(days=later)

    def __missing__(self, text: str) -> str:
        if not _DAY_ALONE.fullmatch(text):
            raise ValueError(f"{text!r} is not a day")
        try:
            found = (date.fromisoformat(text) + self._later).isoformat()
        except OverflowError as error:
            raise ValueError(f"{text} is out of range") from error
        if len(self) >= _MOST_DAYS_KEPT:
            self.clear()
        self[text] = found
        return found


class _Hours(dict[str, tuple[_Days, str]]):
    """An hour and an offset of whole hours, `T17+02:00`, as the hour in UTC, and its day."""

    def __missing__(self, text: str) -> tuple[_Days, str]:
        match = _HOUR_ALONE.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not an hour with an offset of whole hours")
        ahead = _ahead(match[2]) // timedelta(hours=1)
        later, hour = divmod(int(match[1]) - ahead, _HOURS_OF_A_DAY)
        found = self[text] = _DAYS[later], f"T{hour:02}"
        return found


class _Clocks(dict[str, str]):
    """What follows the hour, `:32:20`, as it ends an instant in UTC."""

    def __missing__(self, text: str) -> str:
        if not _MINUTE_AND_SECOND.fullmatch(text):
            raise ValueError(f"{text!r} is not a minute and second")
        clock = self[text] = f"{text}Z"
        return clock


_DAYS = {later: _Days(later) for later in (-1, 0, 1)}
_HOURS = _Hours()
_CLOCKS = _Clocks()


def rfc3339(instant: datetime) -> str:
    """Return an aware date-time in UTC to the second, as `2025-04-24T17:32:20Z`."""
    # Not strftime: on Linux its %Y has no leading zeros.
    naive = instant.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0)
    return f"{naive.isoformat()}Z"


def zoho_literal(instant: datetime) -> str:
    """Return an aware date-time as Zoho documents it for criteria and headers, in UTC."""
    return f"{rfc3339(instant)[:-1]}+00:00"


def _parts(text: str) -> Sequence[str]:
    """Return day, time, fraction (if there is one) and offset of a date-time."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date-time with an offset")
    return match.groups()


def _in_utc(day: str, time: str, offset: str) -> datetime:
    """Return the date-time in UTC, naive, which takes a third of the time of an aware one."""
    try:
        return datetime.fromisoformat(f"{day}T{time}") - _ahead(offset)
    except OverflowError as error:
        raise ValueError(f"{day}T{time}{offset} is out of range") from error


@functools.lru_cache(maxsize=256)
def _ahead(offset: str) -> timedelta:
    """Return by how much clocks of this offset are ahead of UTC."""
    if offset in {"Z", "z"}:
        return timedelta()
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > _MOST_HOURS or minutes > _MOST_MINUTES:
        raise ValueError(f"{offset} is out of range")
    ahead = timedelta(hours=hours, minutes=minutes)
    return -ahead if offset[0] == "-" else ahead
