"""What sort of value a field holds, whatever its `data_type` claims, and what is kept for it.

Source: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html; where `json_type` and
`data_type` clash (Tag, Layout, Participants, Comments), `json_type` says what comes. A made-up
value follows from the names and the type that its module and field had at first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.records.times import is_date, read_instant, seconds
from zohocrm_demo.organisation.references import Row

# Never assigned to a character, so no text that Unicode allows to be exchanged holds it.
MARK = "\ufdd0"
KINDS: Mapping[str, Any] = read_file("kinds.yaml")
COMPUTED = frozenset(KINDS["computed"])
# Their changes leave Modified_Time alone.
SILENT_TYPES = frozenset({"formula", "rollup_summary"})
_OF_DATA_TYPE: Mapping[str, str] = KINDS["of_data_type"]
_OF_NAME: Mapping[str, str] = KINDS["of_name"]


def kind_of(field: Row) -> str:  # noqa: PLR0911 (a rule a line)
    """The sort of a field's values: `text`, `rich_text`, or one that `kinds.yaml` names."""
    data_type = field["data_type"]
    if data_type in {"text", "bigint"} and field.get("json_type") in {"jsonarray", "jsonobject"}:
        return _OF_NAME.get(field["api_name"], "objects")
    if data_type == "lookup" and not field["lookup"]:
        return "any_record"
    if data_type == "formula":
        return _OF_DATA_TYPE.get(field["formula"]["return_type"], "text")
    if data_type == "rollup_summary":
        # A number in all three, so never the text that other bigints are.
        kind = _OF_DATA_TYPE[field["rollup_summary"]["return_type"]]
        return "integer" if kind == "bigint" else kind
    if data_type == "textarea" and field["textarea"]["type"] == "rich_text":
        return "rich_text"
    if data_type == "text" and field["virtual_field"] and "Coordinates" in field["api_name"]:
        return "coordinates"
    if data_type == "multiselectpicklist" and field["api_name"] == "Tax":
        return "taxes"
    return _OF_DATA_TYPE.get(data_type, "text")


def is_restricted(field: Row) -> bool:
    """Whether the API hides the field's values, as it does with protected health data."""
    return bool((field.get("hipaa_compliance") or {}).get("restricted"))


def accepted(field: Row, value: Any) -> Any:
    """What is kept for a field; ValueError: it can't hold this value, or is worked out of others.

    Numbers may be int, float, Decimal or text; date-times aware or ISO 8601 with an offset; records
    and users an id or `{id: ...}`, in fields for any module `(module, id)`.
    """
    kind = kind_of(field)
    name = field["api_name"]
    if kind in COMPUTED:
        raise ValueError(f"{name} is worked out of other values")
    if value is None or value == "":
        # Zoho keeps no empty texts.
        return None
    try:
        return _READERS.get(kind, lambda same: same)(value)
    except (ArithmeticError, TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{name} ({kind}) can't hold {value!r}") from error


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
    "bigint": lambda value: int(value) if isinstance(value, str) else _integer(value),
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _day,
    "datetime": _instant,
    "choices": _texts,
    "taxes": _texts,
    "tags": _texts,
    "record": lambda value: _text(value["id"] if isinstance(value, dict) else value),
    "user": lambda value: _text(value["id"] if isinstance(value, dict) else value),
    "any_record": _any_id,
}


@dataclass(slots=True)
class Origins:
    """The first names of modules, and the first state of fields."""

    # First names by present ones, of modules that have been renamed.
    modules: dict[str, str] = field(default_factory=dict)
    # By present module and name, the metadata that a changed field had at first; None for one that
    # was added to a module with records, and is empty in those.
    fields: dict[tuple[str, str], Row | None] = field(default_factory=dict)
    # What keeps the ids of modules' records apart, by present name.
    places: dict[str, int] = field(default_factory=dict)

    def first_name(self, module: str) -> str:
        """What a module was called at first."""
        return self.modules.get(module, module)

    def present_name(self, module: str) -> str:
        """What the module of this first name is called now."""
        return next((now for now, first in self.modules.items() if first == module), module)

    def first_field(self, module: str, known: Row) -> Row | None:
        """The metadata that a field had at first; None if its made-up values are empty."""
        return self.fields.get((module, known["api_name"]), known)

    def rename_module(self, old: str, new: str) -> None:
        """Let a module have a new name."""
        self.modules[new] = self.modules.pop(old, old)
        self.places[new] = self.places.pop(old)
        for module, name in [key for key in self.fields if key[0] == old]:
            self.fields[new, name] = self.fields.pop((module, name))

    def change_field(self, module: str, before: Row, new_name: str) -> None:
        """Remember a field as it was before its first change."""
        first = self.fields.pop((module, before["api_name"]), before)
        self.fields[module, new_name] = None if first is None else dict(first)


def converted(known: Row, value: Any) -> Any:
    """A kept value of another type, as the field keeps it; None where the field can't hold it."""
    if kind_of(known) in {"text", "rich_text"} and value is not None and value != ():
        value = ";".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    try:
        return accepted(known, value)
    except ValueError:
        return None


def leads_to(value: Any, module: str) -> bool:
    """Whether a kept value is a reference to a record of this module."""
    return isinstance(value, tuple) and len(value) == 2 and value[0] == module  # noqa: PLR2004
