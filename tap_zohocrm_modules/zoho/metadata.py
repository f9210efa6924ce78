"""What an organisation consists of, as Zoho's metadata APIs tell it.

https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from tap_zohocrm_modules.zoho.client import Answer, Call, ZohoClient
from tap_zohocrm_modules.zoho.errors import UnreadableAnswerError


def read_modules(client: ZohoClient, statuses: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the organisation's modules of the given statuses, or all.

    Raises:
        ZohoError: Zoho refuses, or answers with anything but a list of modules.
    """
    call = Call(
        path="/settings/modules",
        scope="ZohoCRM.settings.modules.READ",
        params={"status": ",".join(statuses)} if statuses else {},
    )
    return rows_of(client.call(call), call, "modules")


def rows_of(answer: Answer, call: Call, key: str) -> list[dict[str, Any]]:
    """Return the rows that an answer holds under its key; no content means no rows.

    Raises:
        UnreadableAnswerError: the answer is no list of objects, or says "not modified" although
            nothing was said of what is known already.
    """
    if answer.status == HTTPStatus.NOT_MODIFIED:
        raise UnreadableAnswerError(
            f"{call.method} {call.path}: HTTP 304 (not modified), which was not asked for: a proxy"
            " in between seems to answer in Zoho's place."
        )
    if answer.body is None:
        return []
    rows = answer.body.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableAnswerError(
            f"{call.method} {call.path}: the answer has no list of objects under {key!r}. If it"
            " stays so, Zoho's API has changed: please report it."
        )
    return rows
