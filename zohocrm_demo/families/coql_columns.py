"""What a column of a COQL query means: which field of which record, and what goes with it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.families.coql_query import over_limit
from zohocrm_demo.families.records_access import ACCESS
from zohocrm_demo.organisation.records.conditions import (
    Condition,
    Reader,
    Way,
    at_end_of,
    comparable,
    following,
    reader,
    stored,
)
from zohocrm_demo.organisation.records.kinds import KINDS, kind_of
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.records.table import Record
from zohocrm_demo.organisation.records.values import Place, coql_writer
from zohocrm_demo.organisation.references import Row

_DEEPEST = 2
_RULES = KINDS["coql"]
SUMMED = frozenset({"integer", "bigint", "decimal"})
_NULL_TESTS = ("is null", "is not null")
_USER_FIELDS = frozenset({"first_name", "last_name", "email"})


@dataclass(frozen=True, slots=True)
class Resolved:
    """A column that is there and supported."""

    field: Row  # the metadata of the field at its end
    compare: Reader  # reads the value for comparisons and for the order
    show: Callable[[Record], Any]  # reads the value for the result
    written: Callable[[Any], Any]  # writes a value that has been read for comparisons
    joins: tuple[str, ...] = ()  # the lookups that it goes through

    @property
    def kind(self) -> str:
        """The sort of its values."""
        return kind_of(self.field)


class Columns:
    """The columns that a query on one module may have."""

    def __init__(self, store: RecordStore, module: str) -> None:
        self._store = store
        self._module = module
        self._view = store.view()
        # Finds a column; 400 INVALID_QUERY for unknown and unsupported ones, LIMIT_EXCEEDED.
        self.resolve = functools.cache(self._find)

    def typed(self, condition: Condition) -> Any:
        """The value of a condition in the form for comparisons."""
        try:
            column = self.resolve(condition.field)
        except UnsupportedColumnError as error:
            raise error.in_criteria(condition) from None
        kind, operator, value = column.kind, condition.operator, condition.value
        name = condition.field
        if kind in _RULES["select_only"]:
            raise _wrong(name, "the column is supported in select only", clause="where")
        if column.field.get("crypt") and operator not in {"=", *_NULL_TESTS}:
            raise _wrong(name, "encrypted columns are compared for equality")
        known = _RULES["operators"].get(kind, _RULES["text"])
        null_test = operator in _NULL_TESTS
        if operator not in known and (not null_test or kind == "boolean"):
            message, reason = "Invalid query formed", "invalid operator found"
            raise _wrong(name, message, operator=operator, reason=reason)
        try:
            if null_test:
                return None
            if operator in {"like", "not like"}:
                return _pattern(value, negated=operator == "not like")
            if isinstance(value, tuple):
                return tuple(comparable(column.field, one) for one in value)
            return comparable(column.field, value)
        except (ArithmeticError, ValueError) as error:
            message = "value given seems to be invalid for the column"
            raise _wrong(name, message, operator=operator) from error

    def _find(self, name: str) -> Resolved:
        first, arrow, rest = name.partition("->")
        if arrow:
            return self._through_any(name, first, rest)
        path = name.split(".")
        if len(path) > _DEEPEST + 1:
            raise over_limit("a column may go through two lookups at most", _DEEPEST, "select")
        return self._through(name, self._module, path)

    def _through_any(self, name: str, lookup: str, rest: str) -> Resolved:
        # What_Id->Accounts.Account_Name: of those that lead to this module and no other.
        module, _, far = rest.partition(".")
        field = self._field(self._module, lookup, name)
        if not far or module not in self._store.targets(field):
            raise _wrong(name)

        def go(record: Record) -> Record | None:
            value = record.value(lookup)
            at_home = value is not None and value[0] == module
            return self._store.find(module, value[1]) if at_home else None

        return self._through(name, module, far.split("."), go, (lookup,))

    def _through(
        self,
        name: str,
        module: str,
        path: list[str],
        way: Way | None = None,
        joins: tuple[str, ...] = (),
    ) -> Resolved:
        lookup, *rest = path
        field = self._field(module, lookup, name)
        if not rest:
            return self._end(module, field, way, joins)
        kind, joins = kind_of(field), (*joins, lookup)
        if kind == "user" and len(path) == _DEEPEST and rest[0] in _USER_FIELDS:
            return self._of_user(lookup, rest[0], way, joins)
        if kind == "record":
            target = field["lookup"]["module"]["api_name"]
            return self._through(
                name, target, rest, following(self._store, target, lookup, way), joins
            )
        raise _wrong(name)

    def _end(self, module: str, field: Row, way: Way | None, joins: tuple[str, ...]) -> Resolved:
        read = stored(field["api_name"])
        write = str if field["api_name"] == "id" else coql_writer(Place(module, field, self._view))
        show = at_end_of(way, lambda end: write(read(end)))
        return Resolved(field, at_end_of(way, reader(field)), show, write, joins)

    def _of_user(self, lookup: str, key: str, way: Way | None, joins: tuple[str, ...]) -> Resolved:
        field: Row = {"api_name": key, "data_type": "text", "type": "used", "virtual_field": False}
        view = self._view

        def read(record: Record) -> Any:
            value = record.value(lookup)
            return None if value is None else view.user_row(value).get(key)

        far = at_end_of(way, read)
        return Resolved(field, far, far, str, joins)

    def _field(self, module: str, api_name: str, column: str) -> Row:
        field = self._store.fields(module).get(api_name)
        if field is None or field["type"] == "unused":
            raise _wrong(column)
        named = f"{module}.{api_name}" in ACCESS["fields_in_neither"]
        if named or kind_of(field) in _RULES["unsupported"]:
            raise UnsupportedColumnError(column)
        return field


class UnsupportedColumnError(ZohoError):
    """400 INVALID_QUERY; `details {column_name}`: the column is not one for queries."""

    def __init__(self, column: str) -> None:
        super().__init__("INVALID_QUERY", "unsupported column", column_name=column)
        self._column = column

    def in_criteria(self, condition: Condition) -> ZohoError:
        """400 INVALID_QUERY; `details {cv_criteria, column_name, value, operator}`."""
        is_null_test = condition.operator in _NULL_TESTS
        sign = "=" if condition.operator == "is null" else "!="
        return _wrong(
            self._column,
            "unsupported column in criteria",
            cv_criteria=False,
            value="${EMPTY}" if is_null_test else condition.value,
            operator=sign if is_null_test else condition.operator,
        )


def _wrong(column: str, message: str | None = None, **details: Any) -> ZohoError:
    return ZohoError("INVALID_QUERY", message, column_name=column, **details)


def _pattern(value: str, *, negated: bool) -> str:
    core = value[value.startswith("%") : len(value) - value.endswith("%")]
    both = value.startswith("%") and value.endswith("%")
    if not core or "%" in core or core == value or (negated and not both):
        raise ValueError("no pattern")
    return value
