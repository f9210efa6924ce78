"""The rows in Zoho's answers, page by page.

https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    UnreadableAnswerError,
    ZohoError,
    forget_locals,
)
from tap_zohocrm_modules.zoho.transport.json_text import json_bytes

_MOST_READS = 5


def read_rows(
    client: ZohoClient, call: Call, key: str, *, per_page: int = 0, may_be_empty: bool = False
) -> list[dict[str, Any]]:
    """Return the rows under `key`, of all pages; no content means no rows.

    Without a `key`, the answer is the one row itself. A call that takes `page` and `per_page` asks
    for so many rows at a time. One answer may be false: pages are read until they stay as they are,
    and where there are no rows at all, Zoho is asked twice, unless `may_be_empty` says that it is
    no surprise and does no harm.

    Raises:
        ZohoError: Zoho refuses, or answers with anything but rows, or has more than it sent.
    """
    try:
        if per_page:
            pages = _stable_pages(client, call, key, per_page, may_be_empty=may_be_empty)
            return [row for page in pages for row in page]
        answer = client.call(call) if may_be_empty else _asked_twice(client, call, key)
        if _says_more(answer):
            raise UnreadableAnswerError(
                f"{call}: there are more rows than the one answer holds, and no documented way to"
                f" ask for them. {REPORT}"
            )
        return _rows(answer, call, key)
    except ZohoError as error:
        forget_locals(error)
        raise


def _asked_twice(client: ZohoClient, call: Call, key: str) -> Answer:
    """Return the answer to a call, the second one if the first has no rows."""
    answer = client.call(call)
    return answer if _rows(answer, call, key) else client.call(call)


def _stable_pages(
    client: ZohoClient, call: Call, key: str, per_page: int, *, may_be_empty: bool
) -> list[list[dict[str, Any]]]:
    """Return the pages of a list, all of which were there at one moment.

    A row that goes lets those behind it move forward, past a page that is read later. So all but
    the last, which may be empty, are asked for once more; if they have changed, the list is read
    again.
    """
    for _ in range(_MOST_READS):
        pages = list(_pages(client, call, key, per_page, may_be_empty=may_be_empty))
        whole = [page for page in pages if page is not None]
        if len(whole) == len(pages) and all(
            _same(page, _rows(client.call(one), one, key))
            for page, one in zip(whole[:-1], _page_calls(call, per_page), strict=False)
        ):
            return whole
    raise UnreadableAnswerError(
        f"{call}: the list was not whole, or was changed, in each of {_MOST_READS} reads: run again"
        " when there is less going on."
    )


def _pages(
    client: ZohoClient, call: Call, key: str, per_page: int, *, may_be_empty: bool
) -> Iterator[list[dict[str, Any]] | None]:
    """Yield the pages of a list in one pass; None in the end if it ends before the list."""
    seen: set[int] = set()
    count, announced = 0, False
    for one in _page_calls(call, per_page):
        is_sure = may_be_empty or seen
        answer = client.call(one) if is_sure else _asked_twice(client, one, key)
        rows = _rows(answer, one, key)
        count += len(rows)
        says_more = _says_more(answer, count)
        if not rows:
            if says_more:
                raise UnreadableAnswerError(
                    f"{one}: an empty page is said to be followed by more. {REPORT}"
                )
            # What was announced may have gone, or the answer be wrong.
            yield None if announced else rows
            return
        print_of_page = hash(json_bytes(rows))
        if print_of_page in seen:
            if announced:
                raise UnreadableAnswerError(f"{one}: the same page once more. {REPORT}")
            # The call ignores `page`, and so the first answer was all there is.
            return
        yield rows
        seen.add(print_of_page)
        announced = says_more is True
        # Some paged endpoints have an `info` of another kind, or fewer rows on a page than asked
        # for; and a full page that is said to be the last costs one call to be sure of.
        if says_more is False and len(rows) < per_page:
            return


def _page_calls(call: Call, per_page: int) -> Iterator[Call]:
    for page in itertools.count(1):
        paging = (("page", str(page)), ("per_page", str(per_page)))
        yield dataclasses.replace(call, params=(*call.params, *paging))


def _same(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> bool:
    """Whether two answers have the same rows in the same order, whatever else is in them."""
    return [row.get("id", row) for row in one] == [row.get("id", row) for row in other]


def _says_more(answer: Answer, count: int = 0) -> bool | None:
    """Return whether the answer says that there is more; None if it says nothing about it.

    A few lists say how many rows there are in all, of which `count` have come.
    """
    info = (answer.body or {}).get("info")
    if not isinstance(info, dict):
        return None
    if "more_records" in info:
        return info["more_records"] is True
    total = info.get("total_count")
    return count < total if count and type(total) is int else None


def _rows(answer: Answer, call: Call, key: str) -> list[dict[str, Any]]:
    if answer.status == HTTPStatus.NOT_MODIFIED:
        raise UnreadableAnswerError(
            f"{call}: HTTP 304 (not modified), which was not asked for: a proxy in between seems to"
            " answer in Zoho's place."
        )
    if answer.body is None:
        return []
    rows = answer.body.get(key) if key else answer.body
    if isinstance(rows, dict):
        rows = [rows]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableAnswerError(
            f"{call}: the answer has no list of objects under {key!r}. {REPORT}"
        )
    return rows
