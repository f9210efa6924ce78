"""Several calls in one, for one credit.

https://www.zoho.com/crm/developer/docs/api/v8/composite-api.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from tap_zohocrm_modules.zoho.children.lists import ChildList
from tap_zohocrm_modules.zoho.children.patience import JOINED_TRIES
from tap_zohocrm_modules.zoho.transport.calls import CRM, Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient

COMPOSITE_SCOPE = "ZohoCRM.composite_requests.CUSTOM"
MOST_PARTS = 5
"""Calls in one: each has its own answer, and all together cost one credit."""

_KEY = "__composite_requests"


def first_answers(
    client: ZohoClient, children: ChildList, parents: Sequence[str], stream: str
) -> list[Mapping[str, Any] | None]:
    """Return the bodies of some records' first pages; an empty one says that there are none.

    None stands for an answer that the record has to give alone: it refuses, is limited, or differs
    from what a call of its own would return.

    Raises:
        ZohoError: Zoho refuses the call as a whole.
    """
    parts = [
        {
            "sub_request_id": f"p{number}",
            "method": "GET",
            "uri": f"{CRM}{children.path(parent)}",
            "params": children.params(None),
        }
        for number, parent in enumerate(parents)
    ]
    answers = joined_answers(client, parts, children.scope, stream)
    return [_body_of(children, answer) for answer in answers]


def joined_answers(
    client: ZohoClient, parts: Sequence[Mapping[str, Any]], scope: str, stream: str
) -> list[Mapping[str, Any] | None]:
    """Return what each of some calls is answered: `status_code` and `body`; None where nothing is.

    Raises:
        ZohoError: Zoho refuses the call as a whole.
    """
    call = Call(
        f"/{_KEY}",
        f"{COMPOSITE_SCOPE} {scope}",
        method="POST",
        body={_KEY: parts},
        sub_concurrent=True,
        stream=stream,
        most_tries=JOINED_TRIES,
    )
    body = client.call(call).body or {}
    found = body.get(_KEY)
    if not isinstance(found, list) or len(found) != len(parts):
        return [None] * len(parts)
    return [_response(answer) for answer in found]


def _response(answer: Any) -> Mapping[str, Any] | None:
    response: Any = answer
    for key in ("details", "response"):
        response = response.get(key) if isinstance(response, dict) else None
    return response if isinstance(response, dict) else None


def _body_of(children: ChildList, response: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if response is None:
        return None
    status, body = response.get("status_code"), response.get("body")
    if status == HTTPStatus.NO_CONTENT:
        return {}
    if isinstance(body, dict) and str(body.get("code")).upper() in children.kind.none:
        return {}
    if status != HTTPStatus.OK or not isinstance(body, dict) or not body:
        return None
    info = body.get("info")
    per_page = info.get("per_page") if isinstance(info, dict) else None
    # A part may have smaller pages than a call.
    is_whole = children.kind.per_page in {0, per_page}
    return body if is_whole else None
