"""Instants as drivers return them: aware, naive (then in UTC), or as texts."""

from __future__ import annotations

import functools
import re
from datetime import date, datetime, timedelta, timezone
from typing import Any

from tap_zohocrm_modules.verify.errors import IncomparableError
from tap_zohocrm_modules.zoho.transport.texts import one_line

_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?)?"
    r" ?(?:Z|z|UTC|([+-]\d\d)(?::?(\d\d))?)?",
    re.ASCII,
)
_AS_EMITTED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d):([0-5]\d):([0-5]\d)Z", re.ASCII)
_MICROSECONDS = 6
_REMEMBERED = 4_096
_DAY = 86_400

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
FIRST = 62_135_596_801
"""The stamp of the epoch."""


def instant_of(value: Any) -> datetime | None:
    """Return an instant in UTC, aware; None for null.

    Raises:
        IncomparableError: it is none.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _parsed(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.replace(tzinfo=timezone.utc)
        return value.astimezone(timezone.utc)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    raise IncomparableError(f"{one_line(str(value), 40)!r} is not a date-time")


@functools.lru_cache(_REMEMBERED)
def _parsed(text: str) -> datetime:
    match = _INSTANT.fullmatch(text.strip())
    if match is None:
        raise IncomparableError(f"{one_line(text, 40)!r} is not a date-time")
    day, clock, fraction, hours, minutes = match.groups()
    try:
        found = datetime.fromisoformat(f"{day}T{clock or '00:00'}")
        found -= timedelta(hours=int(hours or 0), minutes=_minutes(hours, minutes))
    except (ValueError, OverflowError) as error:
        raise IncomparableError(f"{one_line(text, 40)!r} is not a date-time") from error
    micro = int((fraction or ".")[1:].ljust(_MICROSECONDS, "0")[:_MICROSECONDS])
    return found.replace(microsecond=micro, tzinfo=timezone.utc)


def _minutes(hours: str | None, minutes: str | None) -> int:
    return int(f"{(hours or '+')[0]}{minutes or 0}")


def stamp_of(value: Any) -> int:
    """Return an instant as a number that sorts as it does; 0 for null.

    It counts seconds, of which the first of the year 1 is the number 1. Fractions of a second are
    cut off, as they are in `Modified_Time`.

    Raises:
        IncomparableError: it is not an instant.
    """
    if type(value) is str and (match := _AS_EMITTED.fullmatch(value)):
        # By far the fastest.
        hour, minute, second = match[1], match[2], match[3]
        return _hour(hour) + 60 * int(minute) + int(second)
    found = instant_of(value)
    return 0 if found is None else FIRST + _seconds(found)


@functools.lru_cache(_REMEMBERED)
def _hour(text: str) -> int:
    return FIRST + _seconds(_parsed(f"{text}:00Z"))


def _seconds(instant: datetime) -> int:
    since = instant - EPOCH
    return since.days * _DAY + since.seconds


def rfc3339_of(stamp: int) -> str | None:
    """Return a stamp as an instant in RFC 3339; None for null."""
    if not stamp:
        return None
    return f"{(EPOCH + timedelta(seconds=stamp - FIRST)).replace(tzinfo=None).isoformat()}Z"
