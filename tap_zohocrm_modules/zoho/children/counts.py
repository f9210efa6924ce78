"""Which related lists of records Zoho counts no rows of, some records in a call.

https://www.zoho.com/crm/developer/docs/api/v8/related-list-meta.html, and of the counts themselves
Zoho's OpenAPI file `get-related-records-count`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from tap_zohocrm_modules.definitions.endpoint import value_at
from tap_zohocrm_modules.zoho.children.composite import joined_answers
from tap_zohocrm_modules.zoho.children.lists import ChildList
from tap_zohocrm_modules.zoho.transport.calls import CRM
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

MOST_LISTS = 20
"""Lists of a record that Zoho counts at once."""

_KEY = "get_related_records_count"
_NONE: frozenset[str] = frozenset()


def counted_empty(
    client: ZohoClient,
    children: ChildList,
    ids: Mapping[str, str],
    parents: Sequence[str],
    stream: str,
) -> list[frozenset[str]]:
    """Return the names of the lists without rows, for each of some records; a credit.

    What Zoho does not count, or not as documented, is not among them.

    Args:
        client: The organisation.
        children: One of the lists, whose scope opens the others as well.
        ids: The lists of the records' module, by name; `MOST_LISTS` at the most.
        parents: Ids of records, as many as calls can be joined.
        stream: The stream that the credit is counted for.

    Raises:
        ZohoError: Zoho refuses the call as a whole, or counts for none of the records.
    """
    lists = [{"related_list": {"api_name": name, "id": one}} for name, one in ids.items()]
    parts = [
        {
            "sub_request_id": f"p{number}",
            "method": "POST",
            "uri": f"{CRM}/{children.module}/{parent}/actions/{_KEY}",
            "body": {_KEY: lists},
        }
        for number, parent in enumerate(parents)
    ]
    answers = joined_answers(client, parts, children.scope, stream)
    if not any(map(_is_answer, answers)):
        codes = {str(value_at(one or {}, "body.code")) for one in answers}
        raise UnreadableAnswerError(f"{children.module}: {_KEY} answers {', '.join(sorted(codes))}")
    return [_empty(answer, ids) for answer in answers]


def _is_answer(answer: Mapping[str, Any] | None) -> bool:
    return answer is not None and answer.get("status_code") == HTTPStatus.OK


def _empty(answer: Mapping[str, Any] | None, ids: Mapping[str, str]) -> frozenset[str]:
    if answer is None or not _is_answer(answer):
        return _NONE
    counts: dict[str, list[object]] = {}
    for row in _rows(answer.get("body")):
        related = row.get("related_list")
        name = related.get("api_name") if isinstance(related, dict) else None
        counts.setdefault(str(name), []).append(row.get("count"))
    return frozenset(
        name
        for name, found in counts.items()
        if name in ids and all(type(one) is int and one == 0 for one in found)
    )


def _rows(body: object) -> Iterator[Mapping[str, Any]]:
    """Yield the counts, which are in lists within a list."""
    parts = body.get(_KEY) if isinstance(body, dict) else None
    for part in parts if isinstance(parts, list) else ():
        for row in part if isinstance(part, list) else (part,):
            if isinstance(row, dict):
                yield row
