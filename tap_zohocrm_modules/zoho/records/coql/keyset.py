"""Series of queries, each starting after the last record of the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from tap_zohocrm_modules.zoho.records.coql.answers import KeysetSequence, Rows
from tap_zohocrm_modules.zoho.records.coql.conditions import between
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

Select: TypeAlias = Callable[[Sequence[str], int], Rows]
"""Asks for the records that meet conditions, by id, at most so many."""


def by_id(
    name: str,
    select: Select,
    limit: Callable[[int], int],
    conditions: Sequence[str] = (),
    after: str | None = None,
) -> Iterator[Rows]:
    """Yield the answers of queries by id.

    Args:
        name: The module, for errors.
        select: Asks one query.
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
