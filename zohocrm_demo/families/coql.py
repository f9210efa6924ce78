"""Queries: `POST /crm/v8/coql`: which records, in which order, with what in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cmp_to_key, partial
from heapq import nsmallest
from itertools import islice
from typing import Any

from zohocrm_demo.answers import NO_CONTENT, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.coql_columns import SUMMED, Columns, Resolved
from zohocrm_demo.families.coql_grammar import parse
from zohocrm_demo.families.coql_groups import aggregated
from zohocrm_demo.families.coql_query import Column, Query, over_limit
from zohocrm_demo.families.coql_subqueries import answered, queries_of
from zohocrm_demo.families.records_access import ACCESS, read_scope, view_test
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.records.conditions import (
    Condition,
    Criteria,
    Group,
    bounds,
    compiled,
    conditions_in,
    passing,
)
from zohocrm_demo.organisation.records.table import By, Record

_MOST_DYNAMIC = 5
_MOST_JOINS = 15
_FEW = 200_000
_SCANNED: tuple[By, ...] = ("id", "Created_Time", "Modified_Time")
_COUNTED = SUMMED | {"record", "any_record", "user"}
# The usual way to select everything, for criteria there must be.
_ALWAYS_TRUE = Condition("id", "is not null")


def answer_query(organisation: Organisation, query: Query) -> tuple[list[dict[str, Any]], bool]:
    """The rows of a query, and whether there are more after them."""
    store = organisation.records
    columns = Columns(store, query.module)
    shown = [(column, columns.resolve(column.name)) for column in query.columns]
    _judge(query, shown)
    criteria = _typed(answered(query.criteria, partial(_values_of, organisation)), columns)
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
                rows = aggregated(shown, groups, passing(records, tests))
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
            if not (counted or least or found.kind in SUMMED):
                message = "the aggregate function is not supported for the column"
                details = {"column_name": column.name, "reason": column.aggregate}
                raise ZohoError("INVALID_QUERY", message, **details)
        elif grouped and column.name not in query.groups:
            raise ZohoError("INVALID_QUERY", "Invalid query formed")


def _values_of(organisation: Organisation, query: Query) -> list[Any]:
    """The values of the one column of a query."""
    rows, _ = answer_query(organisation, query)
    return [row[query.columns[0].key] for row in rows]


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
    names = {column.alias: column.name for column in query.columns if column.alias is not None}
    order = [(names.get(name, name), descending) for name, descending in query.order]
    order = order or [("id", False)]
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


_SCOPE = "ZohoCRM.coql.READ"
_FIELDS_SCOPE = "ZohoCRM.settings.fields.READ"
_META = "include_meta"

# Rows up to which a query takes one credit, and two; beyond it takes three.
_CHEAP, _MIDDLING = 200, 1_000


def run_query(context: Context) -> Answer:
    """`{data, info {count, more_records}}`, with `include_meta` also `fields`; 204 without rows."""
    body = _body(context)
    query = parse(body["select_query"], context.limits.query_columns)
    if context.most_rows is not None:
        query = replace(query, limit=min(query.limit, context.most_rows))
    for one in queries_of(query):
        _refuse_module(context, one.module)
    rows, more = answer_query(context.organisation, query)
    if not rows:
        return NO_CONTENT
    payload: dict[str, Any] = {"data": rows}
    if _META in body:
        known = context.organisation.records.fields(query.module)
        names = [column.name for column in query.columns]
        payload["fields"] = {name: known[name] for name in names if name in known}
    payload["info"] = {"count": len(rows), "more_records": more}
    return json_answer(payload)


def _body(context: Context) -> Mapping[str, Any]:
    try:
        body = json.loads(context.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _wrong_type("jsonobject", "", "$")
    if "select_query" not in body:
        raise ZohoError("MANDATORY_NOT_FOUND", api_name="select_query")
    if not isinstance(body["select_query"], str):
        raise _wrong_type("text", "select_query", "$.select_query")
    if _META in body:
        if not isinstance(body[_META], list):
            raise _wrong_type("jsonarray", _META, f"$.{_META}")
        for place, name in enumerate(body[_META]):
            if name != "fields":
                path, known = f"$.{_META}[{place}]", ["fields"]
                kind = {} if isinstance(name, str) else {"expected_data_type": "text"}
                details = {"api_name": _META, "json_path": path, "supported_values": known}
                raise ZohoError("INVALID_DATA", **kind, **details)
    return body


def _wrong_type(expected: str, api_name: str, path: str) -> ZohoError:
    details = {"expected_data_type": expected, "api_name": api_name, "json_path": path}
    return ZohoError("INVALID_DATA", **details)


def _refuse_module(context: Context, name: str) -> None:
    module = context.organisation.module(name)
    if module is None or module["api_name"] != name or name in ACCESS["unknown_in_coql"]:
        raise ZohoError("INVALID_MODULE")
    refused = name in ACCESS["not_in_coql"] or module["generated_type"] == "linking"
    if refused or not module["api_supported"]:
        raise ZohoError("INVALID_QUERY", "the module is not supported in the query", module=name)


def _well_formed(context: Context) -> Query | None:
    try:
        return parse(_body(context)["select_query"])
    except ZohoError:
        # The handler will say so; before that the call has to pass the gates.
        return None


def scopes(context: Context) -> tuple[str, ...]:
    """The scopes that a query needs: one for queries, one for its module, one for metadata."""
    query = _well_formed(context)
    if query is None:
        return (_SCOPE,)
    modules = [context.organisation.module(one.module) for one in queries_of(query)]
    more = (_FIELDS_SCOPE,) if _META in _body(context) else ()
    return (_SCOPE, *(read_scope(module) for module in modules if module is not None), *more)


def cost(context: Context) -> Cost:
    """One to three credits, by the query's LIMIT."""
    query = _well_formed(context)
    limit = 1 if query is None else query.limit
    credits_ = 1 if limit <= _CHEAP else 2 if limit <= _MIDDLING else 3
    return Cost(credits_, sub_concurrent=True)
