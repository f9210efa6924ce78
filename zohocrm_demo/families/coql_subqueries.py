"""Subqueries of COQL: their values stand in the criteria of the query around them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/COQL-subquery.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.families.coql_query import Query, Subquery
from zohocrm_demo.organisation.records.conditions import Condition, Criteria, Group, conditions_in

Values: TypeAlias = "Callable[[Query], list[Any]]"

_LISTED = ("in", "not in")
_NONE = Condition("id", "is null")


def queries_of(query: Query) -> Iterator[Query]:
    """The query and all that it has in it."""
    yield query
    for condition in conditions_in(query.criteria):
        if isinstance(condition.value, Subquery):
            yield from queries_of(condition.value.query)


def answered(criteria: Criteria, values: Values) -> Criteria:
    """The criteria with texts as written in place of subqueries; 400 INVALID_QUERY.

    Args:
        criteria: What may have subqueries in it.
        values: Returns the values of the one column of a query.
    """
    if isinstance(criteria, Group):
        return replace(criteria, parts=tuple(answered(part, values) for part in criteria.parts))
    subquery = criteria.value
    if not isinstance(subquery, Subquery):
        return criteria
    found = tuple(_written(value) for value in values(subquery.query) if value is not None)
    is_listed = criteria.operator in _LISTED
    if not found:
        return Condition(criteria.field, "is not null") if criteria.operator == "not in" else _NONE
    if len(found) > 1 and not is_listed:
        details = {"sub_query_sequence": subquery.sequence, "operator": criteria.operator}
        raise ZohoError("INVALID_QUERY", "more than one value for the operator", **details)
    return replace(criteria, value=found if is_listed else found[0])


def _written(value: Any) -> str:
    if isinstance(value, dict):
        value = value["id"]
    return str(value).lower() if isinstance(value, bool) else str(value)
