"""Headers of answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone

from tap_zohocrm_modules.zoho.transport.instants import in_header

CREDITS_LEFT = "X-API-CREDITS-REMAINING"

_CREDITS = re.compile(r"\d{1,15}", re.ASCII)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, in seconds or as a date."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return float(value)
    until = in_header(value)
    if until is None:
        return None
    return max(0.0, (until - datetime.now(timezone.utc)).total_seconds())


def credits_left(headers: Mapping[str, str]) -> int | None:
    """Return what Zoho says is left of the organisation's daily credits, if it says so."""
    value = headers.get(CREDITS_LEFT, "")
    return int(value) if _CREDITS.fullmatch(value) else None
