"""Values as a test or a user writes them down, turned into what is kept for a field."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.records.json_text import MARK
from zohocrm_demo.organisation.records.kinds import COMPUTED, kind_of
from zohocrm_demo.organisation.records.times import is_date, read_instant, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zohocrm_demo.organisation.references import Row


def accepted(field: Row, value: Any) -> Any:
    """What is kept for a field.

    Numbers may be int, float, Decimal or text; date-times aware or ISO 8601 with an offset; records
    and users an id or `{id: ...}`, in fields for any module `(module, id)`.

    Raises:
        ValueError: The field can't hold this value, or is worked out of other ones.
    """
    kind = kind_of(field)
    name = field["api_name"]
    if kind in COMPUTED:
        raise ValueError(f"{name} is worked out of other values")
    if value is None or value == "":
        # Zoho keeps no empty texts.
        return None
    try:
        return _READERS.get(kind, _as_it_is)(value)
    except (ArithmeticError, TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{name} ({kind}) can't hold {value!r}") from error


def _as_it_is(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or MARK in value:
        raise ValueError("no text")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or int(value) != value:
        raise ValueError("no whole number")
    return int(value)


def _bigint(value: Any) -> int:
    return int(value) if isinstance(value, str) else _integer(value)


def _decimal(value: Any) -> Decimal:
    number = Decimal(str(value))
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError("no number")
    return number


def _day(value: Any) -> str:
    text = value.isoformat() if type(value) is date else value
    if not is_date(text):
        raise ValueError("no day")
    return str(text)


def _instant(value: Any) -> int:
    stamp = seconds(value) if isinstance(value, datetime) else read_instant(value)
    if stamp is None:
        raise ValueError("no instant")
    return stamp


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise TypeError("no list of texts")
    return tuple(_text(one) for one in value)


def _id(value: Any) -> str:
    return _text(value["id"] if isinstance(value, dict) else value)


def _any_id(value: Any) -> tuple[str, str]:
    module, record = value
    return _text(module), _text(record)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "rich_text": _text,
    "recurrence": _text,
    "alarm": _text,
    "layout": _text,
    "module": _text,
    "territory": _text,
    "integer": _integer,
    "bigint": _bigint,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _day,
    "datetime": _instant,
    "choices": _texts,
    "taxes": _texts,
    "tags": _texts,
    "record": _id,
    "user": _id,
    "any_record": _any_id,
}
