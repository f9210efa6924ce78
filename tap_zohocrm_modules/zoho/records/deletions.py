"""Deleted records: Zoho's list of them, a module at a time.

https://www.zoho.com/crm/developer/docs/api/v8/get-deleted-records.html
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.reading import SCOPE
from tap_zohocrm_modules.zoho.records.rest.get_records import PER_PAGE, RecordPage, listed
from tap_zohocrm_modules.zoho.records.rest.stable_scan import stable_scan
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import ApiError, UnreadableAnswerError, ZohoError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339, utc, zoho_literal

logger = logging.getLogger(__name__)

RECYCLED, PERMANENT = "recycle", "permanent"

UNTRACKED = frozenset({"subform", "static_subform", "linking"})
"""Kinds of modules whose deletions leave no trace."""

# One credit in most of Zoho's lists of costs, two in an older one.
_CREDITS = 2
_SECOND = timedelta(seconds=1)
_TOO_DEEP = "DISCRETE_PAGINATION_LIMIT_EXCEEDED"
_ROW = "row"


@dataclasses.dataclass(frozen=True, slots=True)
class Deletion:
    """That a record was deleted; times as `2025-04-24T17:32:20Z`, people by their ids."""

    id: str
    kind: str
    deleted_time: str
    display_name: str | None = None
    deleted_by: str | None = None
    created_by: str | None = None


def deleted_since(
    client: ZohoClient,
    module: str,
    since: datetime | None,
    stream: str,
    *,
    recycled_only: bool = False,
) -> list[Deletion]:
    """Return the deletions in a module since an instant, by time and id.

    Zoho keeps those of the recycle bin for 60 days, and permanent ones for 120. Of all that it
    keeps, without `since`, more than 2,000 of a kind are not to be had; that is warned of.

    Raises:
        ZohoError: Zoho refuses, or there are more since an instant than it lists.
    """
    rows, surplus = _listed(client, module, since, stream, RECYCLED if recycled_only else None)
    if surplus and not recycled_only:
        parts = [_listed(client, module, since, stream, kind) for kind in (RECYCLED, PERMANENT)]
        rows = [row for part, _ in parts for row in part]
        surplus = next((error for _, error in parts if error), None)
    if surplus and since is not None:
        raise surplus
    if surplus:
        logger.warning("%s: %s", stream, surplus)
    deletions = {_deletion(row) for row in rows}
    begin = rfc3339(since) if since else ""
    return sorted(
        (one for one in deletions if begin <= one.deleted_time),
        key=lambda one: (one.deleted_time, len(one.id), one.id, one.kind),
    )


class TooManyDeletionsError(ZohoError):
    """The list is longer than Zoho gives."""


def _listed(
    client: ZohoClient, module: str, since: datetime | None, stream: str, kind: str | None
) -> tuple[list[Mapping[str, Any]], TooManyDeletionsError | None]:
    """Return the rows of a list, and the error if there are more of them."""
    rows: list[Mapping[str, Any]] = []
    try:
        for some in _rows(client, module, since, stream, kind):
            rows += some
    except TooManyDeletionsError as error:
        return rows, error
    return rows, None


def _rows(
    client: ZohoClient, module: str, since: datetime | None, stream: str, kind: str | None
) -> Iterator[list[Mapping[str, Any]]]:
    def read(token: str | None) -> RecordPage:
        page = int(token or 1)
        call = Call(
            f"/{quote(module, safe='')}/deleted",
            SCOPE,
            params=(
                *((("type", kind),) if kind else ()),
                ("page", str(page)),
                ("per_page", str(PER_PAGE)),
            ),
            # No document says whether it includes its own second.
            headers=(("If-Modified-Since", zoho_literal(since - _SECOND)),) if since else (),
            credits=_CREDITS,
            stream=stream,
        )
        try:
            answer = client.call(call)
        except ApiError as error:
            if error.refusal.code.upper() == _TOO_DEEP:
                raise TooManyDeletionsError(_too_many(module, since)) from error
            raise
        found = listed(call, answer, conditional=since is not None)
        # A record's line changes when it leaves the recycle bin for good.
        rows = [{ID: f"{row.get(ID)} {row.get('deleted_time')}", _ROW: row} for row in found.rows]
        return RecordPage(rows, found.more, str(page + 1))

    for rows in stable_scan(read, lambda _: False, module):
        yield [row[_ROW] for row in rows]


def _too_many(module: str, since: datetime | None) -> str:
    if since is None:
        return (
            f"more records of {module} have been deleted than Zoho lists, which is 2,000 in the"
            " recycle bin and 2,000 for good."
        )
    return (
        f"more records of {module} were deleted since {rfc3339(since)} than Zoho lists, which is"
        " 2,000 in the recycle bin and 2,000 for good. Load the module anew: remove the stream's"
        " part of STATE."
    )


def _deletion(row: Mapping[str, Any]) -> Deletion:
    record_id, time = row.get(ID), row.get("deleted_time")
    try:
        deleted_time = utc(str(time))
    except ValueError as error:
        raise UnreadableAnswerError(
            f"The deletion of the record {record_id} has no valid deleted_time."
        ) from error
    return Deletion(
        id=str(record_id),
        kind=str(row.get("type")),
        deleted_time=deleted_time,
        display_name=_text(row.get("display_name")),
        deleted_by=_person(row.get("deleted_by")),
        created_by=_person(row.get("created_by")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _person(value: object) -> str | None:
    found = value.get("id") if isinstance(value, dict) else value
    return None if found is None else str(found)
