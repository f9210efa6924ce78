"""Series of queries, each starting after the last record of the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from tap_zohocrm_modules.zoho.records.coql.conditions import between
from tap_zohocrm_modules.zoho.records.coql.queries import Rows
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

Ask: TypeAlias = Callable[[], Rows]


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
