"""What a field of a record really holds, before any call writes it in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.records.kinds import is_restricted, kind_of
from zohocrm_demo.organisation.records.times import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zohocrm_demo.organisation.records.record import Record
    from zohocrm_demo.organisation.references import Row

_SYSTEM: Mapping[str, Callable[[Record], Any]] = {
    "id": lambda record: record.id,
    "Created_Time": lambda record: record.created,
    "Modified_Time": lambda record: record.modified,
}


def stored(name: str) -> Callable[[Record], Any]:
    """A reader of a field's kept value."""
    system = _SYSTEM.get(name)
    return system or (lambda record: record.value(name))


def native(field: Row, record: Record) -> Any:
    """A field's value as Python has it; None where Zoho hides it."""
    name = field["api_name"]
    value = stored(name)(record)
    if value is None or is_restricted(field) or field["type"] == "unused":
        return None
    if name == "id":
        return str(value)
    kind = kind_of(field)
    if kind == "datetime":
        return instant(value)
    return list(value) if kind in {"choices", "taxes", "tags"} else value
