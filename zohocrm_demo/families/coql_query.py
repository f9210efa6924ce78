"""Answering a COQL query: which records, in which order, with what in them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cmp_to_key
from heapq import nsmallest
from itertools import islice
from typing import TYPE_CHECKING, Any

from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.coql_columns import SUMMED, Columns, Resolved
from zohocrm_demo.families.coql_grammar import over_limit
from zohocrm_demo.families.records_filters import view_test
from zohocrm_demo.organisation.records.conditions import (
    Condition,
    Criteria,
    Group,
    bounds,
    compiled,
    conditions_in,
    passing,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from zohocrm_demo.families.coql_grammar import Column, Order, Query
    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.records import Record
    from zohocrm_demo.organisation.records.table import By

_MOST_DYNAMIC = 5
_MOST_JOINS = 15
_FEW = 200_000
_SCANNED: tuple[By, ...] = ("id", "Created_Time", "Modified_Time")
_COUNTED = SUMMED | {"record", "any_record", "user"}
# The usual way to select everything, for criteria there must be.
_ALWAYS_TRUE = Condition("id", "is not null")


def answer_query(organisation: Organisation, query: Query) -> tuple[list[dict[str, Any]], bool]:
    """The rows of a query, and whether there are more after them.

    Raises:
        ZohoError: 400 INVALID_QUERY or LIMIT_EXCEEDED.
    """
    store = organisation.records
    columns = Columns(store, query.module)
    shown = [(column, columns.resolve(column.name)) for column in query.columns]
    _judge(query, shown)
    criteria = _typed(query.criteria, columns)
    test = compiled(criteria, lambda name: columns.resolve(name).compare)
    tests = [*([] if criteria == _ALWAYS_TRUE else [test]), *_unasked(query, organisation)]
    with store.lock:
        if query.groups or any(column.aggregate for column in query.columns):
            only = None if query.groups or len(query.columns) > 1 else query.columns[0]
            if only is not None and not tests and (only.aggregate, only.name) == ("COUNT", "id"):
                rows = [{only.key: store.count(query.module)}]
            else:
                records = _scanned(organisation, query, criteria, "id", descending=False)
                groups = [columns.resolve(name).compare for name in query.groups]
                rows = _aggregated(shown, groups, passing(records, tests))
            rows = rows[query.offset : query.offset + query.limit + 1]
        else:
            found = _ordered(organisation, query, criteria, tests, columns)
            keys = [(column.key, one.show) for column, one in shown]
            rows = [_row(record, keys) for record in found]
    return rows[: query.limit], len(rows) > query.limit


def _judge(query: Query, shown: list[tuple[Column, Resolved]]) -> None:
    joins = {found.joins for _, found in shown if found.joins}
    if len(joins) > _MOST_JOINS:
        raise over_limit("too many joins in select", _MOST_JOINS, "select")
    dynamic = [found for _, found in shown if (found.field.get("formula") or {}).get("dynamic")]
    if len(dynamic) > _MOST_DYNAMIC:
        raise over_limit("too many dynamic formula fields", _MOST_DYNAMIC, "select")
    grouped = bool(query.groups) or any(column.aggregate for column, _ in shown)
    for column, found in shown:
        if column.aggregate:
            picklist = found.field["data_type"] == "picklist"
            counted = column.aggregate == "COUNT" and (found.kind in _COUNTED or picklist)
            least = column.aggregate in {"MIN", "MAX"} and found.kind in {"date", "datetime"}
            if not (counted or least or found.is_summed):
                message = "the aggregate function is not supported for the column"
                details = {"column_name": column.name, "reason": column.aggregate}
                raise ZohoError("INVALID_QUERY", message, **details)
        elif grouped and column.name not in query.groups:
            raise ZohoError("INVALID_QUERY", "the column is not grouped", column_name=column.name)


def _typed(criteria: Criteria, columns: Columns) -> Criteria:
    if isinstance(criteria, Group):
        parts = tuple(_typed(part, columns) for part in criteria.parts)
        return replace(criteria, parts=parts)
    return Condition(criteria.field, criteria.operator, columns.typed(criteria))


def _unasked(query: Query, organisation: Organisation) -> Iterator[Callable[[Record], bool]]:
    # Seen in life: converted leads are left out unless the criteria speak of conversion.
    fields = organisation.records.fields(query.module)
    named = {condition.field for condition in conditions_in(query.criteria)}
    if "Converted__s" in fields and "Converted__s" not in named:
        yield lambda record: not record.value("Converted__s")
    if query.view is not None:
        try:
            yield view_test(organisation, query.module, query.view)
        except ZohoError as error:
            message = "the cvid given seems to be invalid"
            raise ZohoError("INVALID_QUERY", message, cvid=query.view) from error


def _ordered(
    organisation: Organisation,
    query: Query,
    criteria: Criteria,
    tests: list[Callable[[Record], bool]],
    columns: Columns,
) -> list[Record]:
    order = [(_unaliased(key, query), key.descending) for key in query.order] or [("id", False)]
    until = query.offset + query.limit + 1
    by, descending = order[0]
    scanned = next((key for key in _SCANNED if key == by), None)
    follows = order[1:] in ([], [("id", descending)])
    if scanned is not None and follows and not _narrower(organisation, query, criteria, scanned):
        records = _scanned(organisation, query, criteria, scanned, descending=descending)
        return list(islice(passing(records, tests), query.offset, until))
    keys = [(columns.resolve(name).compare, down) for name, down in order]
    records = _scanned(organisation, query, criteria, "Modified_Time", descending=False)
    found = nsmallest(until, passing(records, tests), key=cmp_to_key(_comparison(keys)))
    return found[query.offset :]


def _unaliased(key: Order, query: Query) -> str:
    return next((one.name for one in query.columns if one.alias == key.name), key.name)


def _narrower(organisation: Organisation, query: Query, criteria: Criteria, by: By) -> bool:
    """Whether the order of change with its bounds leads to few records, and `by` to many."""
    low, high = bounds(criteria, "Modified_Time")
    if by == "Modified_Time" or low is high is None or bounds(criteria, by) != (None, None):
        return False
    placement = organisation.records.placement(query.module)
    first = placement.unstamped if low is None else placement.first_rank(low)
    end = placement.count if high is None else placement.first_rank(high)
    return end - first <= min(_FEW, placement.count // 4)


def _scanned(
    organisation: Organisation, query: Query, criteria: Criteria, by: By, *, descending: bool
) -> Iterator[Record]:
    low, high = bounds(criteria, by)
    return organisation.records.scan(query.module, by, descending=descending, low=low, high=high)


def _comparison(
    keys: list[tuple[Callable[[Record], Any], bool]],
) -> Callable[[Record, Record], int]:
    def compare(one: Record, other: Record) -> int:
        for read, descending in keys:
            first, second = read(one), read(other)
            if first != second:
                # Empty values come first.
                less = first is None or (second is not None and first < second)
                return 1 if less is descending else -1
        return one.id - other.id

    return compare


def _row(record: Record, shown: list[tuple[str, Callable[[Record], Any]]]) -> dict[str, Any]:
    row = {key: show(record) for key, show in shown}
    row["id"] = str(record.id)
    return row


@dataclass(slots=True)
class _Total:
    count: int = 0
    sum: Any = 0
    least: Any = None
    most: Any = None

    def add(self, value: Any, *, summed: bool) -> None:
        self.count += 1
        if summed:
            self.sum += value
        if self.least is None or value < self.least:
            self.least = value
        if self.most is None or value > self.most:
            self.most = value

    def shown(self, aggregate: str, found: Resolved) -> Any:
        if aggregate == "COUNT":
            return self.count
        if not self.count:
            return None
        if aggregate == "SUM":
            return self.sum
        if aggregate == "AVG":
            return float(self.sum / Decimal(self.count))
        return found.written(self.least if aggregate == "MIN" else self.most)


def _aggregated(
    shown: list[tuple[Column, Resolved]],
    groups: list[Callable[[Record], Any]],
    records: Iterable[Record],
) -> list[dict[str, Any]]:
    """A row for each group, one in all without groups; empty values count for nothing."""
    aggregates = [(found.compare, found.is_summed) for column, found in shown if column.aggregate]
    totals: dict[tuple[Any, ...], tuple[Record | None, list[_Total]]] = {}
    if not groups:
        totals[()] = None, [_Total() for _ in aggregates]
    for record in records:
        key = tuple(read(record) for read in groups)
        if key not in totals:
            totals[key] = record, [_Total() for _ in aggregates]
        for total, (read_value, summed) in zip(totals[key][1], aggregates, strict=True):
            value = read_value(record)
            if value is not None:
                total.add(value, summed=summed)
    return [_group_row(shown, first, iter(values)) for first, values in totals.values()]


def _group_row(
    shown: list[tuple[Column, Resolved]], first: Record | None, values: Iterator[_Total]
) -> dict[str, Any]:
    row = {}
    for column, found in shown:
        if column.aggregate:
            row[column.key] = next(values).shown(column.aggregate, found)
        elif first is not None:
            row[column.key] = found.show(first)
    return row
