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
    except (pa.ArrowException, OverflowError, TypeError):
        return _texts(values)


def _texts(values: Sequence[Any]) -> pa.Array:
    texts = [one if one is None or isinstance(one, str) else json_text(one) for one in values]
    return pa.array(texts, pa.string())
