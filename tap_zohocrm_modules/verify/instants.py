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
_SIGNS = str.maketrans("", "", "-: TZ")
_DIGITS = 14
_MICROSECONDS = 6
_REMEMBERED = 4_096


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
    """Return an instant as the number 20250424173220, which sorts as it does; 0 for null.

    Fractions of a second are cut off, as they are in `Modified_Time`.

    Raises:
        IncomparableError: it is not an instant.
    """
    if type(value) is str:
        # As the tap writes them, and text columns keep them: by far the fastest.
        digits = value.translate(_SIGNS)
        if len(digits) == _DIGITS and digits.isdecimal():
            return int(digits)
    found = instant_of(value)
    if found is None:
        return 0
    day = (found.year * 100 + found.month) * 100 + found.day
    return ((day * 100 + found.hour) * 100 + found.minute) * 100 + found.second


def rfc3339_of(stamp: int) -> str | None:
    """Return a stamp as an instant in RFC 3339; None for null."""
    if not stamp:
        return None
    text = str(stamp)
    parts = (text[:4], text[4:6], text[6:8], text[8:10], text[10:12], text[12:14])
    return "{}-{}-{}T{}:{}:{}Z".format(*parts)
