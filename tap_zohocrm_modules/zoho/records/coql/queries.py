"""Asks the queries of one module, each after the last record of the one before.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records.coql.conditions import RESERVED, between, where
from tap_zohocrm_modules.zoho.records.model import ID, request_names
from tap_zohocrm_modules.zoho.records.path_names import COQL
from tap_zohocrm_modules.zoho.records.reading import COQL_SCOPE, PathRefusedError, Source
from tap_zohocrm_modules.zoho.transport.calls import Answer
from tap_zohocrm_modules.zoho.transport.errors import (
    ApiError,
    Refusal,
    TokenRefusedError,
    UnreadableAnswerError,
)

_WORD = re.compile(r"\w+")


@dataclasses.dataclass(frozen=True, slots=True)
class Rows:
    """One answer, and whether the query has more rows than its LIMIT."""

    rows: Sequence[Mapping[str, Any]]
    more: bool


Ask: TypeAlias = Callable[[], Rows]


class Queries:
    """The queries of one module, which deliver the fields of its source.

    One whose form Zoho refuses is put otherwise.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._limits = source.limits
        self._smallest = source.limits.query_credits[0][0]
        self._most_rows = source.limits.query_credits[-1][0]
        self._names = set(request_names(source.fields))
        self._quoted = {name for name in self._names if name.lower() in RESERVED}

    @property
    def name(self) -> str:
        """The module's API name."""
        return self.source.module.api_name

    def limit(self, expected: int | None, read: int) -> int:
        """Return the LIMIT of the next query, when so many of the expected records are read."""
        if expected is not None:
            return min(self._most_rows, self._limits.query_limit(expected - read))
        return self._most_rows if read else self._smallest

    def select(self, conditions: Sequence[str], order: str, limit: int) -> Rows:
        """Return the first rows that meet the conditions, with the fields of the source.

        Raises:
            PathRefusedError: the module, or a field, cannot be queried.
            ZohoError: the query failed.
        """
        limit = min(limit, self._most_rows)
        columns = ", ".join(
            f"'{name}'" if name in self._quoted else name
            for name in request_names(self.source.fields)
        )
        try:
            return self._ask(f"{self._of(columns, conditions)} order by {order}", limit)
        except PathRefusedError as refused:
            if not self._can_mend(refused.error.refusal, limit):
                raise
        return self.select(conditions, order, limit)

    def ids(self, conditions: Sequence[str], limit: int) -> Rows:
        """Return the ids of the first records that meet the conditions, by id."""
        return self._ask(f"{self._of('id', conditions)} order by id asc", limit)

    def count(self, conditions: Sequence[str]) -> int:
        """Return how many records meet the conditions."""
        answer = self._ask(self._of("COUNT(id)", conditions), None)
        counts = [value for row in answer.rows for value in row.values() if isinstance(value, int)]
        return counts[0] if counts else 0

    def _of(self, columns: str, conditions: Sequence[str]) -> str:
        # Names come from Zoho's metadata, and COQL cannot change anything.
        return f"select {columns} from {self.name} where {where(self.source, conditions)}"  # noqa: S608

    def _ask(self, query: str, limit: int | None) -> Rows:
        call = self.source.call(
            "/coql",
            COQL_SCOPE,
            method="POST",
            credits=self._limits.credits_of(limit or self._smallest),
            body={"select_query": query if limit is None else f"{query} limit {limit}"},
            sub_concurrent=True,
        )
        try:
            answer = self.source.client.call(call)
        except TokenRefusedError:
            raise
        except ApiError as error:
            details = error.refusal.details
            fields = self._names & {details.get("column_name", "")}
            raise PathRefusedError(COQL, error, frozenset(fields)) from error
        return _rows_of(self.name, answer)

    def _can_mend(self, refusal: Refusal, limit: int) -> bool:
        """Whether the query can be put otherwise: with fewer rows, or another name in quotes."""
        too_many = refusal.code.upper() == "LIMIT_EXCEEDED"
        if (too_many or refusal.details.get("clause") == "limit") and limit > self._smallest:
            # Some of Zoho's pages allow no more than 200 rows.
            self._most_rows = self._smallest
            return True
        word = _WORD.match(refusal.details.get("near", ""))
        reserved = {word[0]} & self._names - self._quoted if word is not None else set()
        self._quoted |= reserved
        return refusal.code.upper() == "SYNTAX_ERROR" and bool(reserved)


def _rows_of(name: str, answer: Answer) -> Rows:
    if answer.status == HTTPStatus.NOT_MODIFIED:
        raise UnreadableAnswerError(
            f"{name}: HTTP 304 (not modified) to a query: a proxy in between seems to answer in"
            " Zoho's place."
        )
    if answer.body is None:
        return Rows((), more=False)
    rows, info = answer.body.get("data"), answer.body.get("info")
    more = info.get("more_records") if isinstance(info, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableAnswerError(f"{name}: a query's answer has no rows under 'data'.")
    if not isinstance(more, bool):
        raise UnreadableAnswerError(f"{name}: a query's answer does not say whether there is more.")
    if more and not rows:
        raise UnreadableAnswerError(f"{name}: an empty answer is said to be followed by more.")
    return Rows(rows, more)


class KeysetSequence:
    """Answers of queries of which each goes on where the one before has ended."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._last: Ask | None = None
        self._met: frozenset[str] = frozenset()

    def next(self, ask: Ask) -> Rows:
        """Return the next query's answer.

        Nothing, where more was announced, is believed only if what was announced is gone.

        Raises:
            ZohoError: a query failed, or gave nothing though there is more.
        """
        found = ask()
        if not found.rows and self._last is not None:
            again = self._last()
            if not again.rows or again.more or not _ids(again) <= self._met:
                found = ask()
                if not found.rows:
                    raise UnreadableAnswerError(
                        f"{self._name}: a query gave nothing, though the one before announced"
                        " more: run again."
                    )
        self._last, self._met = ask, _ids(found)
        return found


def _ids(answer: Rows) -> frozenset[str]:
    return frozenset(str(row.get(ID)) for row in answer.rows)


def by_id(
    name: str,
    select: Callable[[Sequence[str], int], Rows],
    limit: Callable[[int], int],
    conditions: Sequence[str] = (),
    after: str | None = None,
) -> Iterator[Rows]:
    """Yield the answers of queries for the records that meet conditions, by id.

    Args:
        name: The module, for errors.
        select: Asks for records that meet conditions, by id, at most so many.
        limit: Returns the LIMIT of a query, by how many records have been read.
        conditions: What the records have to meet.
        after: The id after which to begin; None for the lowest.

    Raises:
        ZohoError: a query failed, or the queries make no progress.
    """
    sequence = KeysetSequence(name)
    read = 0
    while True:
        wanted = [*conditions, *between(after, None)]
        found = sequence.next(partial(select, wanted, limit(read)))
        yield found
        if not found.more or not found.rows:
            return
        last = str(found.rows[-1].get(ID))
        if not last.isdecimal() or (after is not None and int(last) <= int(after)):
            raise no_progress(name, last)
        after = last
        read += len(found.rows)


def no_progress(name: str, record_id: str) -> UnreadableAnswerError:
    """Return the error for queries that would go on for ever."""
    return UnreadableAnswerError(
        f"{name}: a query announced more records, but did not get beyond the record"
        f" {record_id[:40]}: the read would never end. Run again, and report it if it stays so."
    )
