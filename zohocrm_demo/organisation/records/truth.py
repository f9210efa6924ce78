"""What a field of a record really holds, before any call writes it in its own way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from zohocrm_demo.organisation.records.kinds import is_restricted, kind_of
from zohocrm_demo.organisation.records.times import instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zohocrm_demo.organisation.records.reading import ReadableRecords
    from zohocrm_demo.organisation.records.record import Record
    from zohocrm_demo.organisation.references import Row

Way: TypeAlias = "Callable[[Record], Record | None]"

_SYSTEM: Mapping[str, Callable[[Record], Any]] = {
    "id": lambda record: record.id,
    "Created_Time": lambda record: record.created,
    "Modified_Time": lambda record: record.modified,
}


def stored(name: str) -> Callable[[Record], Any]:
    """A reader of a field's kept value."""
    system = _SYSTEM.get(name)
    return system or (lambda record: record.value(name))


def following(store: ReadableRecords, target: str, lookup: str, way: Way | None = None) -> Way:
    """The way through a lookup to a record of the module `target`, after a way there."""

    def follow(record: Record) -> Record | None:
        near = record if way is None else way(record)
        value = None if near is None else near.value(lookup)
        return None if value is None else store.find(target, value)

    return follow


def at_end_of(way: Way | None, read: Callable[[Record], Any]) -> Callable[[Record], Any]:
    """Reads from the record at the end of a way; None where there is none."""
    if way is None:
        return read

    def read_far(record: Record) -> Any:
        end = way(record)
        return None if end is None else read(end)

    return read_far


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
