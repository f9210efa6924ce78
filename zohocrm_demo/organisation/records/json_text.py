"""JSON with exact numbers: a Decimal goes out with the digits it has."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zohocrm_demo.answers import JSON_TYPE, Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

# Never assigned to a character, so no text that Unicode allows to be exchanged holds it.
MARK = "\ufdd0"


def number_text(number: Decimal) -> str:
    """The digits of a number, never with an exponent."""
    return format(number, "f")


def json_number(number: Decimal) -> int | float | Decimal:
    """The same number in the type that JSON is written fastest with, and with the same digits."""
    if number == (whole := int(number)):
        return whole
    nearest = float(number)
    return nearest if repr(nearest) == str(number) else number


def exact_json_answer(payload: Mapping[str, Any], status: int = 200) -> Answer:
    """Answer with a JSON document in UTF-8 whose Decimals are numbers with all their digits."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), default=_marked)
    text = text.replace(f'"{MARK}', "").replace(f'{MARK}"', "")
    return Answer(status, text.encode(), JSON_TYPE)


def _marked(value: object) -> str:
    # The encoder takes no raw text, so a number goes through it as marked text.
    if isinstance(value, Decimal):
        return f"{MARK}{number_text(value)}{MARK}"
    raise TypeError(f"{value!r} is no JSON value")
