"""Reads a list by position until nothing can have been missed.

While a list is read page by page, a deletion moves all behind it forward, and one record from a
page not yet read to one that was. Records that are still there in a later pass cannot have moved
any others: a pass of which all records are met again in the next one was whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.errors import RefusedError, UnreadableAnswerError
from tap_zohocrm_modules.zoho.records.fields import ID
from tap_zohocrm_modules.zoho.records.lists import Listed

Row: TypeAlias = Mapping[str, Any]

_MOST_PASSES = 6


def positional(
    read: Callable[[str | None], Listed],
    beyond: Callable[[Row], bool],
    name: str,
) -> Iterator[list[Row]]:
    """Yield a list's rows, page by page, those of each id once.

    Args:
        read: Returns the list's first page, or that of a token; the rows have ids.
        beyond: Tells where to stop: at a page whose last row is beyond.
        name: The module, for errors.

    Raises:
        ZohoError: Zoho refuses, or the list changes too fast for any pass to be whole.
    """
    known: set[str] = set()
    before: set[str] | None = None
    for _ in range(_MOST_PASSES):
        met: set[str] = set()
        pages = 0
        for rows in _pages(read, beyond, name):
            pages += 1
            by_id = {str(row[ID]): row for row in rows}
            met.update(by_id)
            if fresh := [row for record_id, row in by_id.items() if record_id not in known]:
                known.update(by_id)
                yield fresh
        if pages <= 1 or (before is not None and before <= met):
            return
        before = met
    raise UnreadableAnswerError(
        f"{name}: records were deleted or changed during each of {_MOST_PASSES} reads of a list"
        " that can only be read by position: run again when there is less going on."
    )


def _pages(
    read: Callable[[str | None], Listed],
    beyond: Callable[[Row], bool],
    name: str,
) -> Iterator[list[Row]]:
    token: str | None = None
    while True:
        try:
            listed = read(token)
        except RefusedError as error:
            if error.refusal.code.upper() == "PAGINATION_LIMIT_EXCEEDED":
                raise UnreadableAnswerError(
                    f"{name}: Get Records lists no more than 100,000 records of this kind (those"
                    " without Modified_Time, or changed in one and the same second). Read the"
                    " module by queries or in bulk: read_path auto."
                ) from error
            raise
        rows = [row for row in listed.rows if row.get(ID) is not None]
        yield list(rows)
        if not listed.more or (rows and beyond(rows[-1])):
            return
        if listed.token is None:
            raise UnreadableAnswerError(f"{name}: Get Records gave no page_token for what follows.")
        token = listed.token
