"""Makes an Arrow column of values as RECORD messages have them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tap_zohocrm_modules.zoho.records.arrow.types import DECIMAL, INSTANT, STRINGS
from tap_zohocrm_modules.zoho.transport.json_text import json_text

_PARSED = frozenset({INSTANT, pa.date32()})


def encode(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return the values as a column of this type.

    A column in which a value does not fit the type is one of strings: nothing is rounded or cut.
    """
    if kind == STRINGS and not all(value is None or type(value) is list for value in values):
        return _texts(values)
    if kind == DECIMAL:
        values = [Decimal(str(value)) if type(value) is float else value for value in values]
    try:
        if kind in _PARSED:
            return pa.array(values, pa.string()).cast(kind)
        return pa.array(values, kind)
    except (pa.ArrowException, OverflowError, TypeError, UnicodeError):
        return _texts(values)


def _texts(values: Sequence[Any]) -> pa.Array:
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json_text(value)
    # Half a surrogate pair is no UTF-8, and so no Arrow string: it is spelled as JSON spells it.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
