"""Reads a module by queries, each going on after the last record of the one before.

Nothing is read by position: changes and deletions meanwhile move no other record.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from tap_zohocrm_modules.zoho.records.coql.answers import KeysetSequence, Rows, rows_of
from tap_zohocrm_modules.zoho.records.coql.words import RESERVED
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.path_names import COQL
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import (
    CONVERTED,
    COQL_SCOPE,
    Page,
    PathRefusedError,
    Source,
    Window,
)
from tap_zohocrm_modules.zoho.transport.errors import (
    ApiError,
    Refusal,
    TokenRefusedError,
    UnreadableAnswerError,
)
from tap_zohocrm_modules.zoho.transport.instants import parse, zoho_literal

MOST_FIELDS = 500
AFTER = "after"

_WORD = re.compile(r"\w+")
_LIMITS = (200, 1_000, 2_000)
_SMALL, _MIDDLING, _LARGE = _LIMITS
_CREDITS = {_SMALL: 1, _MIDDLING: 2, _LARGE: 3}


class CoqlReader:
    """Reads one module's records by queries.

    Args:
        source: The module, and what queries are to give of it.
        most_rows: The greatest LIMIT.
    """

    def __init__(self, source: Source, most_rows: int = _LARGE) -> None:
        self._source = source
        self._most_rows = most_rows
        self._projection = source.projection(source.fields)
        self._names = {field.api_name for field in source.fields}
        self._quoted = {name for name in self._names if name.lower() in RESERVED}

    @property
    def mismatches(self) -> set[str]:
        """Columns of which a value did not fit, so far."""
        return self._projection.mismatches

    def count(self, window: Window) -> int:
        """Return how many records a first read of the window will give.

        Raises:
            PathRefusedError: the module cannot be queried.
            ZohoError: the query failed.
        """
        where = self._where(_started(window))
        return self._counted(where)

    def count_settled(self, window: Window, above: str | None, upto: str | None) -> int:
        """Return how many records of a range of ids belong to a window, its end included.

        Args:
            window: The window.
            above: The id below the range.
            upto: The last id of the range.
        """
        return self._counted(self._where([*self._settled(window), *_between(above, upto)]))

    def settled(self, window: Window, above: str | None, upto: str | None) -> Iterator[Page]:
        """Yield those records."""
        conditions = [*self._settled(window), *_between(None, upto)]
        after = above
        course = KeysetSequence(self._name)
        while True:
            where = self._where([*conditions, *_between(after, None)])
            found = course.next(partial(self._select, where, "id asc", self._most_rows))
            records = [self._projection.from_json(row) for row in found.rows]
            yield Page(records)
            if not found.more or not records:
                return
            after = records[-1][ID]

    def changed_ids(self, since: str) -> Iterator[str]:
        """Yield the ids of records changed since an instant."""
        after: str | None = None
        course = KeysetSequence(self._name)
        changed = f"Modified_Time >= '{zoho_literal(parse(since))}'"
        while True:
            where = self._where([changed, *_between(after, None)])
            query = f"select id from {self._name} where {where} order by id asc"  # noqa: S608 - COQL
            limit = _SMALL if after is None else self._most_rows
            found = course.next(partial(self._ask, f"{query} limit {limit}", limit))
            for row in found.rows:
                after = str(row[ID])
                yield after
            if not found.more:
                return

    def _settled(self, window: Window) -> list[str]:
        if not self._source.has_modified_time:
            return []
        before = f"Modified_Time < '{zoho_literal(window.until)}'"
        settled = f"({before} or Modified_Time is null)" if window.unstamped else before
        return [*_started(window), settled]

    def _counted(self, where: str) -> int:
        # Names come from Zoho's metadata, and COQL cannot change anything.
        query = f"select COUNT(id) from {self._name} where {where}"  # noqa: S608
        rows = self._ask(query, _SMALL).rows
        counts = [value for row in rows for value in row.values() if isinstance(value, int)]
        return counts[0] if counts else 0

    def by_id(
        self,
        window: Window,
        after: str | None = None,
        expected: Callable[[], int | None] = lambda: None,
    ) -> Iterator[Page]:
        """Yield all records of a window's beginning, and those without Modified_Time, by id.

        Args:
            window: What is wanted; it does not end at `until`.
            after: The id after which an earlier read goes on.
            expected: Tells how many there are, None while that is not known.

        Raises:
            PathRefusedError: the module, or a field, cannot be queried.
            ZohoError: a query failed.
        """
        given = 0
        course = KeysetSequence(self._name)
        while True:
            limit = self._limit(expected(), given)
            going_on = f"id > {after}" if after is not None else "id is not null"
            where = self._where([*_started(window), going_on])
            found = course.next(partial(self._select, where, "id asc", limit))
            records = [self._projection.from_json(row) for row in found.rows]
            position = {AFTER: records[-1][ID]} if records else None
            yield Page(records, position=position if found.more else None)
            if not found.more or not records:
                return
            after = records[-1][ID]
            given += len(records)

    def by_change(
        self, window: Window, expected: Callable[[], int | None] = lambda: None
    ) -> Iterator[Page]:
        """Yield the records changed within a window, by `Modified_Time` and id.

        Args:
            window: What is wanted.
            expected: Tells how many there are at most, None while that is not known.

        Raises:
            PathRefusedError: the module, or a field, cannot be queried.
            ZohoError: a query failed.
        """
        since = "" if window.since is None else zoho_literal(window.since)
        until = f"Modified_Time < '{zoho_literal(window.until)}'"
        last: Record | None = None
        given = 0
        course = KeysetSequence(self._name)
        while True:
            limit = self._limit(expected(), given)
            begin = [f"Modified_Time >= '{since}'"] if since else []
            going_on = [f"(Modified_Time > '{since}' or id > {last[ID]})"] if last else []
            where = self._where([*begin, until, *going_on])
            found = course.next(partial(self._select, where, "Modified_Time asc, id asc", limit))
            records = [self._projection.from_json(row) for row in found.rows]
            done = not found.more or not records
            yield Page(records, watermark=None if done else records[-1][MODIFIED_TIME])
            if done:
                return
            last = records[-1]
            since = self._literal(last)
            given += len(records)

    @property
    def _name(self) -> str:
        return self._source.module.api_name

    def _literal(self, record: Record) -> str:
        time = record[MODIFIED_TIME]
        if time is None:
            raise UnreadableAnswerError(
                f"{self._name}: a query by Modified_Time gave the record {record[ID]} without one."
            )
        return zoho_literal(parse(time))

    def _where(self, conditions: Sequence[str]) -> str:
        """Join conditions by `and`, bracketed in pairs as the grammar wants them."""
        wanted = list(conditions)
        if any(field.api_name == CONVERTED for field in self._source.module.fields):
            # Queries that do not speak of conversion leave converted leads out.
            wanted.append(f"({CONVERTED} = 'true' or {CONVERTED} = 'false')")
        joined = wanted[0] if wanted else "id is not null"
        for index, condition in enumerate(wanted[1:], 1):
            joined = f"{f'({joined})' if index > 1 else joined} and {condition}"
        return joined

    def _limit(self, expected: int | None, given: int) -> int:
        if expected is not None:
            return self._next_limit(expected - given)
        return self._next_limit(_LARGE if given else _SMALL)

    def _next_limit(self, expected: int) -> int:
        return next(
            (limit for limit in _LIMITS if expected <= limit <= self._most_rows),
            self._most_rows,
        )

    def _select(self, where: str, order: str, limit: int) -> Rows:
        limit = min(limit, self._most_rows)
        columns = ", ".join(
            f"'{field.api_name}'" if field.api_name in self._quoted else field.api_name
            for field in self._source.fields
        )
        query = f"select {columns} from {self._name} where {where} order by {order}"  # noqa: S608
        try:
            return self._ask(f"{query} limit {limit}", limit)
        except PathRefusedError as refused:
            if not self._can_mend(refused.error.refusal, limit):
                raise
        return self._select(where, order, limit)

    def _can_mend(self, refusal: Refusal, limit: int) -> bool:
        """Whether the query can be put otherwise: with fewer rows, or another name in quotes."""
        too_many = refusal.code.upper() == "LIMIT_EXCEEDED"
        if (too_many or refusal.details.get("clause") == "limit") and limit > _SMALL:
            # Some of Zoho's pages allow no more than 200 rows.
            self._most_rows = _SMALL
            return True
        word = _WORD.match(refusal.details.get("near", ""))
        reserved = {word[0]} & self._names - self._quoted if word is not None else set()
        self._quoted |= reserved
        return refusal.code.upper() == "SYNTAX_ERROR" and bool(reserved)

    def _ask(self, query: str, limit: int) -> Rows:
        call = self._source.call(
            "/coql",
            COQL_SCOPE,
            method="POST",
            credits=_CREDITS[limit],
            body={"select_query": query},
            sub_concurrent=True,
        )
        try:
            answer = self._source.client.call(call)
        except TokenRefusedError:
            raise
        except ApiError as error:
            details = error.refusal.details
            fields = self._names & {details.get("column_name", "")}
            raise PathRefusedError(COQL, error, frozenset(fields)) from error
        return rows_of(self._name, answer)


def _started(window: Window) -> list[str]:
    """Return the condition of a first read: from the start on, and what has no time."""
    if window.since is None:
        return []
    later = f"Modified_Time >= '{zoho_literal(window.since)}'"
    return [f"({later} or Modified_Time is null)" if window.unstamped else later]


def _between(above: str | None, upto: str | None) -> list[str]:
    low = [f"id > {above}"] if above is not None else []
    return [*low, f"id <= {upto}"] if upto is not None else low
