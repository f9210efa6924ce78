"""COQL, sentence by sentence.

    select {column [as alias], … up to 500} from {module[#view]} where {criteria}
        [group by {column, … up to 4}] [order by {column [asc|desc], … up to 10}]
        [limit {count} | limit {offset}, {count} | limit {count} offset {offset}]

A query in brackets may stand for the values of a criterion.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html,
https://www.zoho.com/crm/developer/docs/api/v8/COQL-Limitations.html
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.families.coql_cursor import Cursor
from zohocrm_demo.families.coql_query import (
    Column,
    Query,
    Subquery,
    missing_clause,
    over_limit,
    refuse_repeated,
    refuse_repeated_columns,
)
from zohocrm_demo.organisation.records.conditions import (
    Condition,
    Criteria,
    Group,
    Operator,
    conditions_in,
)

MOST_COLUMNS = 500
MOST_CRITERIA = 25
MOST_VALUES = 100
MOST_SORTED = 10
MOST_GROUPED = 4
MOST_AGGREGATES = 5
MOST_ROWS = 2_000
MOST_ROWS_IN_ALL = 100_000
MOST_SUBQUERIES = 5
MOST_SUBQUERY_ROWS = 100
USUAL_ROWS = 200
_AGGREGATES = frozenset({"SUM", "MIN", "MAX", "AVG", "COUNT"})
_COMPARISONS: tuple[Operator, ...] = ("=", "!=", "<=", ">=", "<", ">")


@functools.lru_cache(maxsize=256)
def parse(query: str, most_columns: int | None = None) -> Query:
    """Read a query, of 500 columns at most unless there are fewer allowed."""
    return _Parser(query).query(most_columns or MOST_COLUMNS)


class _Parser(Cursor):
    subqueries = 0

    def query(self, most_columns: int) -> Query:
        if self.now.kind == "name" and not self.now.says("select"):
            raise ZohoError("SYNTAX_ERROR", "given coql query not supported")
        found = self._select(most_columns)
        if not self.at_end():
            raise self.wrong()
        return found

    def _select(self, most_columns: int) -> Query:
        self.expect("select")
        columns = self._columns(most_columns)
        if self.at_end():
            raise missing_clause("from")
        self.expect("from")
        module, view = self._source()
        if not self.skip("where"):
            raise missing_clause("where") if self.ends_clause() else self.wrong()
        criteria = self._criteria()
        if len(list(conditions_in(criteria))) > MOST_CRITERIA:
            raise over_limit("too many criteria", MOST_CRITERIA, "where")
        groups = self._listed("group", self.name, MOST_GROUPED)
        order = self._listed("order", self._order, MOST_SORTED)
        offset, limit = self._limits()
        refuse_repeated(groups, "group by")
        refuse_repeated([name for name, _ in order], "order by")
        return Query(columns, module, view, criteria, groups, order, limit, offset)

    def _columns(self, most: int) -> tuple[Column, ...]:
        columns = self._several(self._column)
        if len(columns) > most:
            raise over_limit("too many columns in select", most, "select")
        if sum(bool(column.aggregate) for column in columns) > MOST_AGGREGATES:
            raise over_limit("too many aggregate functions", MOST_AGGREGATES, "select")
        refuse_repeated_columns(columns)
        return columns

    def _several(self, one: Callable[[], Any]) -> tuple[Any, ...]:
        found = [one()]
        while self.skip(","):
            found.append(one())
        return tuple(found)

    def _column(self) -> Column:
        aggregate = ""
        # Their names are the only words whose case counts.
        if self.now.kind == "name" and self.then.says("("):
            aggregate = self.take().text
            self.expect("(")
            name = self.name()
            self.expect(")")
            if aggregate not in _AGGREGATES:
                reason, whole = "unsupported aggregate function", f"{aggregate}({name})"
                raise ZohoError("INVALID_DATA", reason=reason, column=whole)
        else:
            name = self.name()
        if not self.skip("as"):
            return Column(name, aggregate)
        token = self.take()
        if token.kind not in {"text", "name"} or not token.text.strip():
            raise ZohoError("INVALID_ALIAS", alias=token.text, column_name=name)
        return Column(name, aggregate, token.text)

    def _source(self) -> tuple[str, str | None]:
        token = self.now
        if token.kind != "name" or "." in token.text or token.says("where"):
            raise missing_clause("from") if token.says("where") else self.wrong()
        module, _, view = self.take().text.partition("#")
        return module, view or None

    def _criteria(self) -> Criteria:
        # Never more than two side by side: a third has to be bracketed with one of them.
        left = self._operand()
        token = self.now
        if not self.skip("and", "or"):
            return left
        right = self._operand()
        if self.now.says("and", "or"):
            raise self.wrong()
        return Group("and" if token.text.lower() == "and" else "or", (left, right))

    def _operand(self) -> Criteria:
        if self.skip("("):
            inner = self._criteria()
            self.expect(")")
            return inner
        return self._condition()

    def _condition(self) -> Condition:
        if self.ends_clause():
            raise missing_clause("where")
        if self.now.says("not"):
            raise ZohoError("SYNTAX_ERROR", "operator not supported", operator="not")
        name = self.name()
        for symbol in _COMPARISONS:
            if self.skip(symbol):
                return Condition(name, symbol, self._value())
        if self.skip("is"):
            operator: Operator = "is not null" if self.skip("not") else "is null"
            self.expect("null")
            return Condition(name, operator)
        negated = self.skip("not")
        if self.skip("in"):
            return Condition(name, "not in" if negated else "in", self._values())
        if self.skip("like"):
            return Condition(name, "not like" if negated else "like", self._value())
        self.expect("between")
        least = self._value()
        self.expect("and")
        return Condition(name, "not between" if negated else "between", (least, self._value()))

    def _values(self) -> tuple[str, ...] | Subquery:
        if self.then.says("select"):
            return self._subquery()
        self.expect("(")
        values = self._several(self._value)
        self.expect(")")
        if len(values) > MOST_VALUES:
            raise over_limit("too many values in the list", MOST_VALUES, "where")
        return values

    def _subquery(self) -> Subquery:
        sequence = self.subqueries
        self.subqueries += 1
        if self.subqueries > MOST_SUBQUERIES:
            raise over_limit("too many subqueries", MOST_SUBQUERIES, "where")
        self.expect("(")
        query = self._select(MOST_COLUMNS)
        self.expect(")")
        names = [column.name for column in query.columns]
        if len(names) > 1:
            details = {"sub_query_sequence": sequence, "column_name": names}
            raise ZohoError("INVALID_QUERY", "one column is allowed in a subquery", **details)
        return Subquery(replace(query, limit=min(query.limit, MOST_SUBQUERY_ROWS)), sequence)

    def _value(self) -> str | Subquery:
        if self.now.says("(") and self.then.says("select"):
            return self._subquery()
        if self.now.kind in {"text", "number"} or self.now.says("true", "false"):
            return self.take().text
        raise self.wrong()

    def _listed(self, word: str, one: Callable[[], Any], most: int) -> tuple[Any, ...]:
        if not self.skip(word):
            return ()
        self.expect("by")
        found = self._several(one)
        if len(found) > most:
            raise over_limit(f"too many fields in {word} by", most, f"{word} by")
        return found

    def _order(self) -> tuple[str, bool]:
        name = self.name()
        descending = self.skip("desc")
        if not descending:
            self.skip("asc")
        return name, descending

    def _limits(self) -> tuple[int, int]:
        offset, limit = 0, USUAL_ROWS
        if self.skip("limit"):
            limit = self._count()
            if self.skip(","):
                offset, limit = limit, self._count()
            elif self.skip("offset"):
                offset = self._count()
        elif self.skip("offset"):
            offset = self._count()
        if limit <= 0:
            raise ZohoError("INVALID_DATA", "limit should be greater than 0")
        if limit > MOST_ROWS:
            raise over_limit("the limit given is out of range", MOST_ROWS, "limit")
        if offset + limit > MOST_ROWS_IN_ALL:
            raise over_limit("max records limit exceeded", MOST_ROWS_IN_ALL, "offset")
        return offset, limit

    def _count(self) -> int:
        token = self.take()
        try:
            return int(token.text)
        except ValueError:
            message = "limit given seems to be invalid"
            raise ZohoError("INVALID_QUERY", message, limit=token.text) from None
