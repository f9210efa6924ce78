"""Whole lists by position.

While a list is read page by page, a deletion moves all behind it forward, and one record from a
page not yet read to one that was. Records that are still there in a later pass cannot have moved
any others: a pass of which all records are met again in the next one was whole.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from tap_zohocrm_modules.zoho.records.get_records import RecordPage, Row
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.reading import SPENT
from tap_zohocrm_modules.zoho.transport.errors import ApiError, UnreadableAnswerError

_MOST_PASSES = 6
_MOST_IDLE = 3


@dataclasses.dataclass(eq=False, slots=True)
class Scan:
    """How far a list has been read: a later run may resume it, however much later.

    A pass that takes long is as good as a quick one: it was whole if the next one meets all of it.
    """

    known: set[str] = dataclasses.field(default_factory=set)  # ids that have been yielded
    before: set[str] | None = None  # those that the last whole pass has met
    met: set[str] = dataclasses.field(default_factory=set)  # those of the pass under way
    pages: int = 0  # so many pages of the pass under way have been read
    token: str | None = None  # of the page that is next; None for the first one
    is_whole: bool = False  # two passes agree

    def end_pass(self, *, is_broken: bool) -> None:
        """Note that a pass has come to its end, or that it has broken off."""
        if not (is_broken or (self.known and not self.met)):
            self.is_whole = self.pages <= 1 or (self.before is not None and self.before <= self.met)
            self.before = self.met
        self.met, self.token = set(), None
        self.pages = 0


def stable_scan(
    read: Callable[[str | None], RecordPage],
    beyond: Callable[[Row], bool],
    name: str,
    scan: Scan | None = None,
) -> Iterator[list[Row]]:
    """Yield a list's rows, page by page, those of each id once.

    Args:
        read: Returns the list's first page, or that of a token; the rows have ids.
        beyond: Whether to stop at a page with this last row.
        name: The module, for errors.
        scan: How far it has been read, which is kept; None to begin.

    Raises:
        ZohoError: Zoho refuses, or the list changes too fast for any pass to be whole.
    """
    scan = scan or Scan()
    # Each run has as many passes as another, however often the list changed before it.
    for _ in range(_MOST_PASSES):
        if scan.is_whole:
            return
        is_broken = False
        for rows, token in _one_pass(read, beyond, name, scan.token):
            is_broken = rows is None
            by_id = {str(row[ID]): row for row in rows or ()}
            fresh = [row for record_id, row in by_id.items() if record_id not in scan.known]
            scan.known.update(by_id)
            scan.met.update(by_id)
            scan.pages, scan.token = scan.pages + 1, token
            if fresh:
                yield fresh
        scan.end_pass(is_broken=is_broken)
    if not scan.is_whole:
        raise UnreadableAnswerError(
            f"{name}: a list that can only be read by position was not whole, or was changed, in"
            f" each of {_MOST_PASSES} reads: run again when there is less going on."
        )


def _one_pass(
    read: Callable[[str | None], RecordPage],
    beyond: Callable[[Row], bool],
    name: str,
    token: str | None,
) -> Iterator[tuple[list[Row] | None, str | None]]:
    """Yield a list's rows, page by page, and the next page's token.

    It begins with a token's page, the first one without; None if rows end before the list.
    """
    met: set[str] = set()
    # Those sent once more since the last new one: as many as were met, if the list has shifted.
    again: set[str] = set()
    idle = 0
    while True:
        found = _page(read, token, name)
        if found is None or (token is not None and not found.rows):
            # The token is no good any more, or nothing came where more was announced.
            yield None, None
            return
        rows = [row for row in found.rows if row.get(ID) is not None]
        yield list(rows), found.token
        ids = {str(row[ID]) for row in rows}
        # Changes meanwhile may shift a list, by however much, but not time and again.
        idle = idle + (ids <= again) if ids <= met else 0
        again = again | ids if ids <= met else set()
        met |= ids
        if not found.more or (rows and beyond(rows[-1])):
            return
        if found.token is None:
            raise UnreadableAnswerError(f"{name}: Get Records sent no page_token for what follows.")
        if found.token == token or idle >= _MOST_IDLE:
            raise UnreadableAnswerError(
                f"{name}: Zoho announced more rows of a list, but repeated those that it"
                " had sent: the read would never end. Run again, and report it if it stays so."
            )
        token = found.token


def _page(
    read: Callable[[str | None], RecordPage], token: str | None, name: str
) -> RecordPage | None:
    """Return a page, or None if its token is no good any more."""
    try:
        return read(token)
    except ApiError as error:
        code = error.refusal.code.upper()
        if code == "PAGINATION_LIMIT_EXCEEDED":
            raise UnreadableAnswerError(
                f"{name}: Get Records lists no more than 100,000 records of this kind"
                " (those without Modified_Time, or changed in one and the same second). Read"
                " the module by queries or in bulk, where Zoho allows it: read_path auto."
            ) from error
        if token is not None and code in SPENT:
            return None
        raise
