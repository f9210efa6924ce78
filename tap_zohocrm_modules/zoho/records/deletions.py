"""Deleted records: Zoho's list of them, a module at a time.

https://www.zoho.com/crm/developer/docs/api/v8/get-deleted-records.html
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import logging
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from tap_zohocrm_modules.zoho.records.get_records import RecordPage, listed
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.reading import SCOPE, Source
from tap_zohocrm_modules.zoho.records.stable_scan import Scan, stable_scan
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import ApiError, UnreadableAnswerError, ZohoError
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339, zoho_literal
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

RECYCLED, PERMANENT = "recycle", "permanent"
ALL = "all"

UNTRACKED = frozenset({"subform", "static_subform", "linking"})
"""Kinds of modules whose deletions leave no trace."""

# One credit in most of Zoho's lists of costs, two in an older one.
DELETION_CREDITS = 2
_SECOND = timedelta(seconds=1)
_TOO_DEEP = "DISCRETE_PAGINATION_LIMIT_EXCEEDED"
_ROW = "row"


@dataclasses.dataclass(frozen=True, slots=True)
class Deletion:
    """That a record was deleted; people by their ids."""

    id: str
    kind: str
    deleted_time: datetime
    display_name: str | None = None
    deleted_by: str | None = None
    created_by: str | None = None


@dataclasses.dataclass(eq=False, slots=True)
class DeletionList:
    """How far a list of all deletions has been read, and its rows so far."""

    rows: list[Mapping[str, Any]] = dataclasses.field(default_factory=list)
    scan: Scan = dataclasses.field(default_factory=Scan)
    has_surplus: bool = False  # it has ended where Zoho's lists do: there are more
    is_taken_up: bool = False  # an earlier run has begun it


class TooManyDeletionsError(ZohoError):
    """Zoho has more deletions since an instant than it lists."""


@dataclasses.dataclass(frozen=True, slots=True)
class Deletions:
    """The deletions in one module."""

    client: ZohoClient
    module: str
    stream: str  # the stream that the credits are counted for
    limits: Limits  # the sizes in which they are read
    executor: Executor | None = None  # where pages are read at the same time
    pages: int = 0  # so many pages at least a list of all deletions is known to have
    # How far lists of all deletions have been read, by their kind; None where nobody goes on.
    lists: dict[str, DeletionList] | None = None

    @classmethod
    def from_source(cls, source: Source) -> Deletions:
        """Return the deletions in the module of a source."""
        return cls(source.client, source.module.api_name, source.stream, source.limits)

    def since(self, instant: datetime | None, *, recycled_only: bool = False) -> list[Deletion]:
        """Return the deletions since an instant, by time and id.

        Zoho keeps those of the recycle bin for 60 days, and permanent ones for 120. It lists 2,000
        of a kind; without an instant, a warning says so if there are more.

        Raises:
            TooManyDeletionsError: there are more since an instant than Zoho lists.
        """
        deletions, surplus = self.listed(instant, recycled_only=recycled_only)
        if surplus and instant is not None:
            raise surplus
        if surplus:
            logger.warning("%s: %s", self.stream, surplus, extra=about(self.stream))
        return deletions

    def listed(
        self, instant: datetime | None, *, recycled_only: bool = False
    ) -> tuple[list[Deletion], TooManyDeletionsError | None]:
        """Return the deletions that Zoho lists, and the error if there are more of them."""
        rows, surplus = self._listed(instant, RECYCLED if recycled_only else None)
        if surplus and not recycled_only:
            parts = [self._listed(instant, kind) for kind in (RECYCLED, PERMANENT)]
            rows = [row for part, _ in parts for row in part]
            surplus = next((error for _, error in parts if error), None)
        deletions = {_deletion(row) for row in rows}
        found = sorted(
            (one for one in deletions if instant is None or instant <= one.deleted_time),
            key=lambda one: (one.deleted_time, len(one.id), one.id, one.kind),
        )
        return found, surplus

    def are_binned(self, ids: Collection[str]) -> bool:
        """Whether the recycle bin holds just as many records as these, by its last page alone.

        It is listed in an order that no document names: where there are as many, and those of the
        last page are among them, none of these has come back. Two credits. A list as long as Zoho's
        lists can be shows nothing.
        """
        if len(ids) >= self.limits.deletions:
            return False
        page = -(-len(ids) // self.limits.page_rows)
        try:
            found = self._page(None, RECYCLED, str(page))
        except TooManyDeletionsError:
            return False
        last = {str(row[_ROW].get(ID)) for row in found.rows}
        on_others = (page - 1) * self.limits.page_rows
        return not found.more and on_others + len(last) == len(ids) and last.issubset(ids)

    def _listed(
        self, since: datetime | None, kind: str | None
    ) -> tuple[list[Mapping[str, Any]], TooManyDeletionsError | None]:
        """Return the rows of a list, and the error if Zoho has more of them."""
        found = self._begun(since, kind)
        read = functools.partial(self._page, since, kind)
        pages = _Pages(read, self._ahead, self.pages if since is None else 0)
        try:
            if not found.has_surplus:
                for some in stable_scan(pages.page, lambda _: False, self.module, found.scan):
                    found.rows += [row[_ROW] for row in some]
        except TooManyDeletionsError:
            found.has_surplus = True
        # A list that ends where Zoho's lists end at the latest may have been cut there.
        has_surplus = found.has_surplus or len(found.rows) >= self.limits.deletions
        return found.rows, self.surplus(since) if has_surplus else None

    def _begun(self, since: datetime | None, kind: str | None) -> DeletionList:
        """Return how far a list has been read: in this run it is read once, unless it goes on.

        What was deleted since an earlier run read it is in the list since then.
        """
        if self.lists is None or since is not None:
            return DeletionList()
        begun = self.lists.get(kind or ALL)
        if begun is None or not (begun.is_taken_up or not begun.scan.is_whole):
            begun = self.lists[kind or ALL] = DeletionList()
        return begun

    def _ahead(self, pages: int) -> Executor | None:
        """Return where so many pages are read at the same time, if they can be paid for."""
        left = self.client.credits.left
        return self.executor if left is None or left >= pages * DELETION_CREDITS else None

    def _page(self, since: datetime | None, kind: str | None, token: str | None) -> RecordPage:
        page = int(token or 1)
        call = Call(
            f"/{quote(self.module, safe='')}/deleted",
            SCOPE,
            params=(
                *((("type", kind),) if kind else ()),
                ("page", str(page)),
                ("per_page", str(self.limits.page_rows)),
            ),
            # No document says whether it includes its own second.
            headers=(("If-Modified-Since", zoho_literal(since - _SECOND)),) if since else (),
            credits=DELETION_CREDITS,
            stream=self.stream,
        )
        try:
            answer = self.client.call(call)
        except ApiError as error:
            if error.refusal.code.upper() == _TOO_DEEP:
                raise self.surplus(since) from error
            raise
        found = listed(call, answer, conditional=since is not None)
        # A record's line changes when it leaves the recycle bin for good.
        rows = [{ID: line_of(row), _ROW: row} for row in found.rows]
        return RecordPage(rows, found.more, str(page + 1))

    def surplus(self, since: datetime | None) -> TooManyDeletionsError:
        """Return the error that there are more since an instant than Zoho lists."""
        when = f"were deleted since {rfc3339(since)}" if since else "have been deleted"
        return TooManyDeletionsError(
            f"more records of {self.module} {when} than Zoho lists, which is 2,000 in the recycle"
            " bin and 2,000 for good."
        )


@dataclasses.dataclass(eq=False)
class _Pages:
    """The pages of a list by their numbers; those of a pass before are read at the same time."""

    read: Callable[[str | None], RecordPage]
    executor: Callable[[int], Executor | None]  # returns where so many are read at the same time
    known: int  # so many there are at least
    _ahead: dict[int, Future[RecordPage]] = dataclasses.field(default_factory=dict, init=False)

    def page(self, token: str | None) -> RecordPage:
        """Return a page, the first one without a token."""
        number = int(token or 1)
        if number == 1:
            for future in self._ahead.values():
                future.cancel()
            self._ahead = {}
            executor = self.executor(self.known) if self.known > 1 else None
            if executor is not None:
                for one in range(1, self.known + 1):
                    self._ahead[one] = executor.submit(self.read, str(one))
        self.known = max(self.known, number)
        if number in self._ahead:
            return self._ahead.pop(number).result()
        return self.read(token)


def line_of(row: Mapping[str, Any]) -> str:
    """Return what a line of a list is known by."""
    time = str(row.get("deleted_time"))
    # Whatever offset the organisation's times have by now.
    with contextlib.suppress(ValueError):
        time = rfc3339(parse(time))
    return f"{row.get(ID)} {time}"


def _deletion(row: Mapping[str, Any]) -> Deletion:
    record_id, time = row.get(ID), row.get("deleted_time")
    try:
        deleted_time = parse(str(time))
    except ValueError as error:
        raise UnreadableAnswerError(
            f"The deletion of the record {record_id} has no valid deleted_time."
        ) from error
    return Deletion(
        id=str(record_id),
        kind=str(row.get("type")),
        deleted_time=deleted_time,
        display_name=name if isinstance(name := row.get("display_name"), str) and name else None,
        deleted_by=_person(row.get("deleted_by")),
        created_by=_person(row.get("created_by")),
    )


def _person(value: object) -> str | None:
    found = value.get("id") if isinstance(value, dict) else value
    return None if found is None else str(found)
