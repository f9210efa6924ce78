"""What a field of a record holds, and conditions on it: those of COQL, Bulk Read, custom views.

Comparisons are SQL's: one with an empty value is never true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from zohocrm_demo.organisation.records.kinds import is_restricted, kind_of
from zohocrm_demo.organisation.records.table import Record
from zohocrm_demo.organisation.records.times import instant, is_date, read_instant
from zohocrm_demo.organisation.references import Row

if TYPE_CHECKING:
    from zohocrm_demo.organisation.records.reading import ReadableRecords

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


_Comparison: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]
_Listed: TypeAlias = Literal["in", "not in", "between", "not between"]
_Other: TypeAlias = Literal["like", "not like", "is null", "is not null"]
Operator: TypeAlias = _Comparison | _Listed | _Other
Test: TypeAlias = "Callable[[Record], bool]"
Reader: TypeAlias = "Callable[[Record], Any]"

_ENDLESS = 10**20
_WHOLE = frozenset({"record", "any_record", "user", "layout", "bigint", "integer"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison."""

    field: str  # API name, with dots for fields of records that it leads to
    operator: Operator
    value: Any = None  # with what: one value as `comparable` returns it, a list of them, or None


@dataclass(frozen=True, slots=True)
class Group:
    """Several conditions that hold all (`and`) or at least one (`or`)."""

    operator: Literal["and", "or"]
    parts: tuple[Condition | Group, ...]


Criteria: TypeAlias = "Condition | Group"


def conditions_in(criteria: Criteria) -> Iterable[Condition]:
    """All comparisons, from left to right."""
    if isinstance(criteria, Condition):
        yield criteria
    else:
        for part in criteria.parts:
            yield from conditions_in(part)


def compiled(criteria: Criteria, reader_of: Callable[[str], Reader]) -> Test:
    """A test of records."""
    if isinstance(criteria, Condition):
        return _compiled(criteria, reader_of(criteria.field))
    tests = [compiled(part, reader_of) for part in criteria.parts]
    if criteria.operator == "and":
        return lambda record: all(test(record) for test in tests)
    return lambda record: any(test(record) for test in tests)


def passing(records: Iterable[Record], tests: Iterable[Test]) -> Iterator[Record]:
    """The records that pass all tests."""
    for test in tests:
        records = filter(test, records)
    return iter(records)


def bounds(criteria: Criteria | None, field: str) -> tuple[int | None, int | None]:
    """The least value of a field that can meet the criteria, and the first that is too great."""
    low, high = (-_ENDLESS, _ENDLESS) if criteria is None else _interval(criteria, field)
    return (None if low == -_ENDLESS else low), (None if high == _ENDLESS else high)


def comparable(field: Row, text: object) -> Any:
    """A value for comparisons with a field, out of a criterion; ValueError if it can't have it."""
    kind = kind_of(field)
    if field["api_name"] == "id" or kind in _WHOLE:
        if isinstance(text, bool):
            raise ValueError("no number")
        return int(str(text))
    if kind == "decimal":
        if isinstance(text, bool) or not Decimal(str(text)).is_finite():
            raise ValueError("no number")
        return Decimal(str(text))
    if kind == "boolean":
        if str(text).lower() not in {"true", "false"}:
            raise ValueError("neither true nor false")
        return str(text).lower() == "true"
    if kind == "datetime":
        stamp = read_instant(str(text))
        if stamp is None:
            raise ValueError("no instant")
        return stamp
    if kind == "date" and not is_date(str(text)):
        raise ValueError("no day")
    return str(text)


def reader(field: Row) -> Reader:
    """A reader of a field's value in the form that `comparable` returns."""
    kind = kind_of(field)
    read = stored(field["api_name"])
    convert = _CONVERSIONS.get(kind)
    if convert is None or field["api_name"] == "id":
        return read

    def converted(record: Record) -> Any:
        value = read(record)
        return None if value is None else convert(value)

    return converted


_CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "record": int,
    "user": int,
    "layout": int,
    "any_record": lambda value: int(value[1]),
    "choices": ";".join,
    "taxes": ";".join,
    "tags": ",".join,
    "consent": lambda value: value["id"],
}


def _compiled(condition: Condition, read: Reader) -> Test:
    value = condition.value
    match condition.operator:
        case "is null":
            return lambda record: read(record) in (None, "")
        case "is not null":
            return lambda record: read(record) not in (None, "")
        case "in" | "not in":
            wanted, sense = frozenset(value), condition.operator == "in"
            return _present(read, lambda found: (found in wanted) is sense)
        case "between" | "not between":
            (least, most), sense = value, condition.operator == "between"
            return _present(read, lambda found: (least <= found <= most) is sense)
        case "like" | "not like":
            alike, sense = _alike(value), condition.operator == "like"
            return _present(read, lambda found: alike(found) is sense)
        case sign:
            compare = _COMPARISONS[sign]
            return _present(read, lambda found: compare(found, value))


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _present(read: Reader, test: Callable[[Any], bool]) -> Test:
    def check(record: Record) -> bool:
        found = read(record)
        return found is not None and test(found)

    return check


def _alike(pattern: str) -> Callable[[str], bool]:
    core = pattern.strip("%").casefold()
    before, after = pattern.startswith("%"), pattern.endswith("%")
    if before and after:
        return lambda found: core in found.casefold()
    if before or after:
        edge = str.endswith if before else str.startswith
        return lambda found: edge(found.casefold(), core)
    return lambda found: found.casefold() == core


def _interval(criteria: Criteria, field: str) -> tuple[int, int]:
    if isinstance(criteria, Group):
        lows, highs = zip(*(_interval(part, field) for part in criteria.parts), strict=True)
        both = criteria.operator == "and"
        return (max(lows), min(highs)) if both else (min(lows), max(highs))
    bounds_of = _BOUNDS.get(criteria.operator)
    if criteria.field != field or bounds_of is None:
        return -_ENDLESS, _ENDLESS
    return bounds_of(criteria.value)


_BOUNDS: Mapping[str, Callable[[Any], tuple[int, int]]] = {
    "=": lambda value: (value, value + 1),
    ">": lambda value: (value + 1, _ENDLESS),
    ">=": lambda value: (value, _ENDLESS),
    "<": lambda value: (-_ENDLESS, value),
    "<=": lambda value: (-_ENDLESS, value + 1),
    "between": lambda value: (value[0], value[1] + 1),
    "in": lambda value: (min(value), max(value) + 1),
}
