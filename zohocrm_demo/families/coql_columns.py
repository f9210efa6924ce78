"""What a column of a COQL query means: which field of which record, and what may be done with it.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html,
https://www.zoho.com/crm/developer/docs/api/v8/COQL-Limitations.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zohocrm_demo.families.coql_tokens import invalid_query, over_limit
from zohocrm_demo.organisation.records.conditions import comparable, reader
from zohocrm_demo.organisation.records.kinds import Kind, is_encrypted, kind_of
from zohocrm_demo.organisation.records.truth import stored
from zohocrm_demo.organisation.records.values import Place, coql_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zohocrm_demo.organisation.records import Record, RecordStore
    from zohocrm_demo.organisation.records.conditions import Condition, Reader
    from zohocrm_demo.organisation.records.view import OrganisationView
    from zohocrm_demo.organisation.references import Row

_DEEPEST = 2
_ARROW = "->"
_NOT_IN_COQL: frozenset[Kind] = frozenset(
    {
        "rows",
        "links",
        "people",
        "files",
        "line_taxes",
        "objects",
        "times",
        "address",
        "coordinates",
    }
)
_NOT_IN_COQL_BY_NAME = frozenset({("Calls", "CTI_Entry")})
_SELECT_ONLY: frozenset[Kind] = frozenset(
    {"territories", "territory", "tags", "reminders", "recurrence", "alarm", "module"}
)
SUMMED: frozenset[Kind] = frozenset({"integer", "bigint", "decimal"})
_NULL_TESTS = frozenset({"is null", "is not null"})
_SAME = frozenset({"=", "!=", "in", "not in"}) | _NULL_TESTS
_TEXT = _SAME | {"like", "not like"}
_ORDERED = _SAME | {"<", "<=", ">", ">=", "between", "not between"}
_OPERATORS: Mapping[Kind, frozenset[str]] = {
    "boolean": frozenset({"="}),
    "integer": _ORDERED,
    "bigint": _ORDERED,
    "decimal": _ORDERED,
    "date": _ORDERED,
    "datetime": _ORDERED,
    "record": _SAME,
    "any_record": _SAME,
    "user": _SAME,
    "layout": _SAME,
    "choices": _TEXT,
    "taxes": _TEXT,
    "consent": _NULL_TESTS,
}
_USER_FIELDS = frozenset({"first_name", "last_name", "email"})


@dataclass(frozen=True, slots=True)
class Resolved:
    """A column that is there and supported.

    Attributes:
        name: As the query writes it.
        field: The metadata of the field at its end.
        compare: Reads the value for comparisons and for the order.
        show: Reads the value for the result.
        written: Writes a value that has been read for comparisons.
        joins: The lookups that it goes through.
    """

    name: str
    field: Row
    compare: Reader
    show: Callable[[Record], Any]
    written: Callable[[Any], Any]
    joins: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """The sort of its values."""
        return kind_of(self.field)

    @property
    def is_summed(self) -> bool:
        """Whether its values can be added up."""
        return self.kind in SUMMED


class Columns:
    """The columns that a query on one module may have.

    Args:
        store: Where the records are.
        module: The module's API name.
    """

    def __init__(self, store: RecordStore, module: str) -> None:
        self._store = store
        self._module = module
        self._view = store.view()
        self._resolved: dict[str, Resolved] = {}

    def resolve(self, name: str) -> Resolved:
        """Find a column.

        Raises:
            ZohoError: 400 INVALID_QUERY for unknown and unsupported ones, LIMIT_EXCEEDED.
        """
        if name not in self._resolved:
            self._resolved[name] = self._find(name)
        return self._resolved[name]

    def typed(self, condition: Condition) -> Any:
        """The value of a condition in the form for comparisons.

        Raises:
            ZohoError: 400 INVALID_QUERY: the operator or the value doesn't go with the column.
        """
        column = self.resolve(condition.field)
        kind, operator, value = column.kind, condition.operator, condition.value
        details = {"column_name": condition.field}
        if kind in _SELECT_ONLY:
            raise invalid_query("the column is supported in select only", **details, clause="where")
        if is_encrypted(column.field) and operator not in {"=", *_NULL_TESTS}:
            raise invalid_query("encrypted columns are compared for equality", **details)
        if operator not in _OPERATORS.get(kind, _TEXT):
            reason = "invalid operator for the data type"
            raise invalid_query(
                "invalid operator found", **details, operator=operator, reason=reason
            )
        try:
            if operator in _NULL_TESTS:
                return None
            if operator in {"like", "not like"}:
                return _pattern(value, negated=operator == "not like")
            if isinstance(value, tuple):
                return tuple(comparable(column.field, one) for one in value)
            return comparable(column.field, value)
        except (ArithmeticError, ValueError) as error:
            message = "value given seems to be invalid for the column"
            raise invalid_query(message, **details, operator=operator) from error

    def _find(self, name: str) -> Resolved:
        first, arrow, rest = name.partition(_ARROW)
        if arrow:
            return self._through_any(name, first, rest)
        path = name.split(".")
        if len(path) > _DEEPEST + 1:
            raise over_limit("a column may go through two lookups at most", _DEEPEST, "select")
        return self._through(name, self._module, path, lambda record: record)

    def _through_any(self, name: str, lookup: str, rest: str) -> Resolved:
        # What_Id->Accounts.Account_Name: of those that lead to this module and no other.
        module, _, far = rest.partition(".")
        field = self._field(self._module, lookup, name)
        if not far or module not in self._store.targets(field):
            raise _unknown(name)

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
        go: Callable[[Record], Record | None],
        joins: tuple[str, ...] = (),
    ) -> Resolved:
        field = self._field(module, path[0], name)
        if len(path) == 1:
            return self._end(name, module, field, go, joins)
        joins = (*joins, path[0])
        kind = kind_of(field)
        if kind == "user" and len(path) == _DEEPEST and path[1] in _USER_FIELDS:
            return _of_user(name, path, go, self._view, joins)
        if kind == "record":
            target = field["lookup"]["module"]["api_name"]
            follow = _follow(self._store, target, path[0], go)
            return self._through(name, target, path[1:], follow, joins)
        raise _unknown(name)

    def _end(
        self,
        name: str,
        module: str,
        field: Row,
        go: Callable[[Record], Record | None],
        joins: tuple[str, ...],
    ) -> Resolved:
        compare, read = reader(field), stored(field["api_name"])
        write = str if field["api_name"] == "id" else coql_writer(Place(module, field, self._view))
        if not joins:
            return Resolved(name, field, compare, lambda record: write(read(record)), write)

        def far(read_one: Callable[[Record], Any]) -> Callable[[Record], Any]:
            def read_far(record: Record) -> Any:
                end = go(record)
                return None if end is None else read_one(end)

            return read_far

        show = far(lambda end: write(read(end)))
        return Resolved(name, field, far(compare), show, write, joins)

    def _field(self, module: str, api_name: str, column: str) -> Row:
        field = self._store.fields(module).get(api_name)
        if field is None or field["type"] == "unused":
            raise _unknown(column)
        if kind_of(field) in _NOT_IN_COQL or (module, api_name) in _NOT_IN_COQL_BY_NAME:
            raise invalid_query("unsupported column given in query", column_name=column)
        return field


def _follow(
    store: RecordStore, target: str, lookup: str, go: Callable[[Record], Record | None]
) -> Callable[[Record], Record | None]:
    def follow(record: Record) -> Record | None:
        near = go(record)
        value = None if near is None else near.value(lookup)
        return None if value is None else store.find(target, value)

    return follow


def _of_user(
    name: str,
    path: list[str],
    go: Callable[[Record], Record | None],
    view: OrganisationView,
    joins: tuple[str, ...],
) -> Resolved:
    field: Row = {"api_name": path[1], "data_type": "text", "type": "used", "virtual_field": False}

    def read(record: Record) -> Any:
        near = go(record)
        value = None if near is None else near.value(path[0])
        return None if value is None else view.user_row(value).get(path[1])

    return Resolved(name, field, read, read, str, joins)


def _unknown(name: str) -> Exception:
    return invalid_query("column given seems to be invalid", column_name=name)


def _pattern(value: str, *, negated: bool) -> str:
    core = value[value.startswith("%") : len(value) - value.endswith("%")]
    both = value.startswith("%") and value.endswith("%")
    if not core or "%" in core or core == value or (negated and not both):
        raise ValueError("no pattern")
    return value
