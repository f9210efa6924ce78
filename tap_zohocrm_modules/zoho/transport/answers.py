"""The rows in Zoho's answers, page by page.

https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

import dataclasses
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


def read_rows(
    client: ZohoClient, call: Call, key: str, *, per_page: int = 0
) -> list[dict[str, Any]]:
    """Return the rows under `key`, of all pages; no content means no rows.

    Without a `key`, the answer is the one row itself. A call that takes `page` and `per_page` asks
    for so many rows at a time.

    Raises:
        ZohoError: Zoho refuses, or answers with anything but rows, or has more than it sent.
    """
    try:
        if per_page:
            return [row for page in _pages(client, call, key, per_page) for row in page]
        answer = client.call(call)
        if _says_more(answer):
            raise UnreadableAnswerError(
                f"{call}: there are more rows than the one answer holds, and no documented way to"
                f" ask for them. {REPORT}"
            )
        return _rows(answer, call, key)
    except ZohoError as error:
        forget_locals(error)
        raise


def _pages(
    client: ZohoClient, call: Call, key: str, per_page: int
) -> Iterator[list[dict[str, Any]]]:
    page, more = 0, True
    seen: set[int] = set()
    while more:
        page += 1
        paging = (("page", str(page)), ("per_page", str(per_page)))
        one = dataclasses.replace(call, params=(*call.params, *paging))
        answer = client.call(one)
        rows = _rows(answer, one, key)
        # Some paged endpoints have an `info` of another kind, which does not say.
        says_more = _says_more(answer)
        more = len(rows) == per_page if says_more is None else says_more
        print_of_page = hash(json_bytes(rows))
        if more and rows and print_of_page in seen:
            if says_more is None:
                # The call ignores `page`, and so the first answer was all there is.
                return
            raise UnreadableAnswerError(f"{one}: the same page once more. {REPORT}")
        if more and not rows:
            raise UnreadableAnswerError(
                f"{one}: an empty page is said to be followed by more. {REPORT}"
            )
        yield rows
        seen.add(print_of_page)


def _says_more(answer: Answer) -> bool | None:
    """Return whether the answer says that there is more; None if it says nothing about it."""
    info = (answer.body or {}).get("info")
    if not isinstance(info, dict) or "more_records" not in info:
        return None
    return info["more_records"] is True


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
