"""Makes values as RECORD messages have them of an Arrow column: the reverse of `encode`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timezone
from typing import Any

import pyarrow as pa

from tap_zohocrm_modules.zoho.records.conversions import to_number


def decode(values: pa.Array) -> Sequence[Any]:
    """Return the values of a column: instants and days as texts, numbers without idle zeros."""
    found: Sequence[Any] = values.to_pylist()
    if pa.types.is_timestamp(values.type):
        return [None if value is None else _instant(value) for value in found]
    if pa.types.is_date(values.type):
        return [None if value is None else date.isoformat(value) for value in found]
    if pa.types.is_decimal(values.type):
        return [None if value is None else to_number(value) for value in found]
    return found


def _instant(value: datetime) -> str:
    text = value.astimezone(timezone.utc).replace(tzinfo=None).isoformat()
    whole, point, fraction = text.partition(".")
    return f"{whole}{point}{fraction.rstrip('0')}Z"
