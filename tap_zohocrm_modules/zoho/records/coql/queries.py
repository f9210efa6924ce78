"""COQL: the queries of one module.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http import HTTPStatus

from tap_zohocrm_modules.zoho.records.coql.ahead import PagesAhead
from tap_zohocrm_modules.zoho.records.coql.conditions import EVERY_RECORD, between
from tap_zohocrm_modules.zoho.records.get_records import RecordPage
from tap_zohocrm_modules.zoho.records.model import ID, request_names
from tap_zohocrm_modules.zoho.records.path_names import COQL
from tap_zohocrm_modules.zoho.records.reading import (
    CONVERTED,
    SCOPE,
    Page,
    PathRefusedError,
    Source,
)
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.errors import (
    ApiError,
    Refusal,
    TokenRefusedError,
    UnreadableAnswerError,
)

SYNTAX_ERROR = "SYNTAX_ERROR"
"""A code that may pass; see `Queries`."""

COQL_SCOPE = f"ZohoCRM.coql.READ {SCOPE}"

# Zoho says that there are such words, with one example (External): these are SQL's.
_WORDS = """
all and any array as asc between both by case cast check column commit condition constraint count
create cross cube current current_date current_time current_timestamp current_user cursor date day
default delete desc describe distinct drop each else end escape every except exists external false
fetch filter first for foreign from full function grant group having hour in index inner insert
intersect interval into is join key lag language last lead leading left like limit local match
max measures merge method min minute month natural new no not null of offset old on only option or
order out outer over overlaps partition percent period position precision primary procedure range
rank recursive references result return revoke right rollup row rows second select set show similar
some start static sum avg system table then time timestamp to top trailing trigger true truncate
union unique unknown update upper usage user using value values varying view when where window with
within without year zone
"""

_RESERVED = frozenset(_WORDS.split())


class Queries:
    """The queries of one module, which deliver the fields of its source.

    One whose form Zoho refuses is put otherwise, or asked once more while no other query runs. An
    answer has more if there are more rows than its LIMIT.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._limits = source.limits
        self._smallest = source.limits.query_credits[0][0]
        self._most_rows = source.limits.query_credits[-1][0]
        self._names = set(request_names(source.fields))
        self._quoted = {name for name in self._names if name.lower() in _RESERVED}
        self._projection = source.projection(source.fields)
        self._tables = source.tables(self._projection)

    @property
    def name(self) -> str:
        """The module's API name."""
        return self.source.module.api_name

    def limit(self, expected: int | None, read: int) -> int:
        """Return the LIMIT of the next query, when so many of the expected records are read."""
        if expected is not None:
            return min(self._most_rows, self._limits.query_limit(expected - read))
        return self._most_rows if read else self._smallest

    def select(
        self, conditions: Sequence[str], order: str, limit: int, offset: int = 0
    ) -> RecordPage:
        """Return the first rows that meet the conditions, with the fields of the source.

        The first of all are left out up to an offset.

        Raises:
            PathRefusedError: the module, or a field, cannot be queried.
            ZohoError: the query failed.
        """
        limit = min(limit, self._most_rows)
        names = request_names(self.source.fields)
        columns = ", ".join(f"'{one}'" if one in self._quoted else one for one in names)
        try:
            return self._ask(f"{self._of(columns, conditions)} order by {order}", limit, offset)
        except PathRefusedError as refused:
            if not self._can_mend(refused.error.refusal, limit):
                raise
        return self.select(conditions, order, limit, offset)

    def page(self, found: RecordPage) -> Page:
        """Return the records of rows that `select` returned."""
        if self._tables is not None and (table := self._tables.table(found.rows)) is not None:
            return Page(table[0], ambiguous=table[1])
        records, unclear = self._projection.from_rows(found.rows)
        return Page(Rows(records), ambiguous=unclear)

    def ids(self, conditions: Sequence[str], limit: int) -> RecordPage:
        """Return the ids of the first records that meet the conditions, by id."""
        return self._ask(f"{self._of('id', conditions)} order by id asc", limit)

    def by_id(
        self,
        select: Callable[[Sequence[str], int], RecordPage],
        limit: Callable[[int], int],
        conditions: Sequence[str],
        after: str | None = None,
        ahead: PagesAhead | None = None,
    ) -> Iterator[RecordPage]:
        """Yield the answers of queries for the records that meet conditions, by id.

        Args:
            select: Asks for records that meet conditions, by id, at most so many.
            limit: Returns the LIMIT of a query, by how many records have been read.
            conditions: What the records have to meet.
            after: The id after which to begin; None for the lowest.
            ahead: The pages that are asked for before their turn, of the same records.

        Raises:
            ZohoError: a query failed, or the queries make no progress.
        """
        sequence = KeysetSequence(self.name)
        read = 0
        while True:
            met = None if ahead is None or after is None else ahead.take(after)
            # Where those ahead do not follow, a few have come between.
            is_gap = met is None and ahead is not None and ahead.are_begun
            size = self._smallest if is_gap else limit(read)
            ask = partial(select, [*conditions, *between(after, None)], size)
            found = sequence.next(ask) if met is None else sequence.met(ask, met)
            read += len(found.rows)
            last = str(found.rows[-1].get(ID)) if found.more and found.rows else None
            goes_on = last is not None and last.isdecimal() and int(last) > int(after or 0)
            if ahead is not None and last is not None and goes_on:
                # While what has come is worked on.
                ahead.begin(last, read, len(found.rows))
            yield found
            if last is None:
                return
            if not goes_on:
                raise no_progress(self.name, last)
            after = last

    def count(self, conditions: Sequence[str]) -> int:
        """Return how many records meet the conditions.

        No row at all is asked for twice, for it would hide whatever is missing.
        """
        for _ in range(2):
            rows = self._ask(self._of("COUNT(id)", conditions), None).rows
            texts = [str(value) for row in rows for name, value in row.items() if name != ID]
            if counts := [int(text) for text in texts if text.isdecimal()]:
                return counts[0]
        return 0

    def _of(self, columns: str, conditions: Sequence[str]) -> str:
        wanted = [*conditions]
        if any(field.api_name == CONVERTED for field in self.source.module.fields):
            # Queries that do not speak of conversion leave converted leads out.
            wanted.append(f"({CONVERTED} = 'true' or {CONVERTED} = 'false')")
        joined, *others = wanted or [EVERY_RECORD]
        for index, condition in enumerate(others):
            # Bracketed in pairs.
            joined = f"{f'({joined})' if index else joined} and {condition}"
        # Names come from Zoho's metadata, and COQL cannot change anything.
        return f"select {columns} from {self.name} where {joined}"  # noqa: S608

    def _ask(self, query: str, limit: int | None, offset: int = 0) -> RecordPage:
        begin = f"{offset}, " if offset else ""
        text = query if limit is None else f"{query} limit {begin}{limit}"
        price = self._limits.credits_of(limit or self._smallest)
        try:
            answer = self._answer(text, price)
        except TokenRefusedError:
            raise
        except ApiError as error:
            details = error.refusal.details
            fields = self._names & {details.get("column_name", "")}
            raise PathRefusedError(COQL, error, frozenset(fields)) from error
        return _page_of(self.name, answer)

    def _answer(self, query: str, price: int) -> Answer:
        try:
            return self._called(query, price)
        except ApiError as error:
            refusal = error.refusal
            is_told = self._reserved_near(refusal) or refusal.details.get("clause")
            if refusal.code.upper() != SYNTAX_ERROR or is_told:
                raise
        # Seen in life: of queries at the same time one now and then fails with nothing wrong in it.
        return self._called(query, price, alone=True)

    def _called(self, query: str, price: int, *, alone: bool = False) -> Answer:
        call = Call(
            "/coql",
            COQL_SCOPE,
            stream=self.source.stream,
            method="POST",
            credits=price,
            body={"select_query": query},
            sub_concurrent=True,
            alone=alone,
        )
        return self.source.client.call(call)

    def _reserved_near(self, refusal: Refusal) -> set[str]:
        """Return the name that Zoho stumbles over, if quotes may help."""
        near = re.split(r"\W", refusal.details.get("near", ""), maxsplit=1)[0]
        return {near} & self._names - self._quoted

    def _can_mend(self, refusal: Refusal, limit: int) -> bool:
        """Whether the query can be put otherwise: with fewer rows, or another name in quotes."""
        too_many = refusal.code.upper() == "LIMIT_EXCEEDED"
        if (too_many or refusal.details.get("clause") == "limit") and limit > self._smallest:
            # Some of Zoho's pages allow no more than 200 rows.
            self._most_rows = self._smallest
            return True
        reserved = self._reserved_near(refusal)
        self._quoted |= reserved
        return refusal.code.upper() == SYNTAX_ERROR and bool(reserved)


def _page_of(name: str, answer: Answer) -> RecordPage:
    if answer.status == HTTPStatus.NOT_MODIFIED:
        raise UnreadableAnswerError(
            f"{name}: HTTP 304 (not modified) to a query: a proxy in between seems to answer in"
            " Zoho's place."
        )
    if answer.body is None:
        return RecordPage(())
    rows, info = answer.body.get("data"), answer.body.get("info")
    more = info.get("more_records") if isinstance(info, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableAnswerError(f"{name}: a query's answer has no rows under 'data'.")
    if not isinstance(more, bool):
        raise UnreadableAnswerError(f"{name}: a query's answer does not say whether there is more.")
    if more and not rows:
        raise UnreadableAnswerError(f"{name}: an empty answer is said to be followed by more.")
    return RecordPage(rows, more)


class KeysetSequence:
    """Answers of queries of which each goes on where the one before has ended."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._last: Callable[[], RecordPage] | None = None
        self._met: frozenset[str] = frozenset()

    def next(self, ask: Callable[[], RecordPage]) -> RecordPage:
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
        return self.met(ask, found)

    def met(self, ask: Callable[[], RecordPage], found: RecordPage) -> RecordPage:
        """Return an answer that has come, and note what would be asked to have it again."""
        self._last, self._met = ask, _ids(found)
        return found


def _ids(answer: RecordPage) -> frozenset[str]:
    return frozenset(str(row.get(ID)) for row in answer.rows)


def no_progress(name: str, record_id: str) -> UnreadableAnswerError:
    """Return the error for queries that would go on for ever."""
    return UnreadableAnswerError(
        f"{name}: a query announced more records, but did not get beyond the record"
        f" {record_id[:40]}: the read would never end. Run again, and report it if it stays so."
    )
