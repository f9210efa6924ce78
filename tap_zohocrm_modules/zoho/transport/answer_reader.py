"""From an HTTP reply to Zoho's answer, or to the error that its refusal means.

https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.connection import Bounds
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    OutOfCreditsError,
    Refusal,
    TransientError,
    UnreadableAnswerError,
    error_for,
)
from tap_zohocrm_modules.zoho.transport.http import CREDITS_LEFT, Reply
from tap_zohocrm_modules.zoho.transport.json_text import ExcessiveError, decode_json
from tap_zohocrm_modules.zoho.transport.stream_warnings import about
from tap_zohocrm_modules.zoho.transport.texts import Secrets

logger = logging.getLogger(__name__)

_MOST_DETAILS = 10


class AnswerReader:
    """Reads replies of the API host, and masks in errors what must not show."""

    def __init__(self, secrets: Secrets, bounds: Bounds) -> None:
        self._secrets = secrets
        self._bounds = bounds
        self._mended: set[str] = set()

    def read(self, call: Call, reply: Reply) -> Answer:
        """Return the answer, with a body unless Zoho has nothing to say.

        Raises:
            ApiError: Zoho refused the call; the subclass says what that means.
            OutOfCreditsError: the day's credits are used up.
            TransientError: it may succeed if made again.
            UnreadableAnswerError: it is complete, but nothing that Zoho documents.
        """
        if reply.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            return Answer(reply.status, None)
        what = str(call)
        body = self._decoded(call, what, reply)
        refusal = _refusal_in(reply, body or {}, self._secrets.mask)
        if refusal is None:
            if body is None:
                raise UnreadableAnswerError(
                    f"{what}: HTTP {reply.status} and no JSON object. {REPORT}"
                )
            return Answer(reply.status, body)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS and reply.credits_left == 0:
            raise OutOfCreditsError(
                f"{what}: {refusal}. The organisation's API credits are used up ({CREDITS_LEFT} is"
                " 0): they come back over 24 hours. Run again later, from the last STATE."
            )
        raise error_for(what, refusal, scope=call.scope, wait=reply.retry_after)

    def _decoded(self, call: Call, what: str, reply: Reply) -> dict[str, Any] | None:
        """Return the body if it is a JSON object; None if not, but the status says enough."""
        try:
            body = decode_json(reply.body, self._bounds, lambda: self._say_mended(call, what))
        except ExcessiveError as error:
            raise UnreadableAnswerError(
                f"{what}: the answer has {error}, far beyond what Zoho sends: something else"
                f" answers in its place. {REPORT}"
            ) from error
        except ValueError as error:
            if not reply.is_success:
                return None
            kind = self._secrets.mask(reply.headers.get("Content-Type", "no content type"), 100)
            raise TransientError(
                f"{what}: HTTP {reply.status} whose body is not JSON, or is cut short"
                f" ({kind}, {len(reply.body)} bytes): Zoho may be under maintenance, a proxy"
                " in the way, or api_url wrong."
            ) from error
        return body if isinstance(body, dict) else None

    def _say_mended(self, call: Call, what: str) -> None:
        if call.stream not in self._mended:
            self._mended.add(call.stream)
            logger.warning(
                "%s%s: the answer holds half characters, which no text can: each becomes U+FFFD.",
                f"{call.stream}: " if call.stream else "",
                what,
                extra=about(call.stream),
            )


def refusal_of(status: int, error: Mapping[str, Any], mask: Callable[[str], str]) -> Refusal:
    """Return one of Zoho's error objects as a refusal that may be shown."""
    details = error.get("details")
    listed = [*details.items()][:_MOST_DETAILS] if isinstance(details, dict) else []
    return Refusal(
        status,
        code=mask(str(error["code"])),
        message=mask(str(error.get("message") or "")),
        details={mask(key): mask(str(value)) for key, value in listed},
    )


def _refusal_in(
    reply: Reply, body: Mapping[str, Any], mask: Callable[[str], str]
) -> Refusal | None:
    """Return Zoho's refusal, flat or wrapped in a list, or None for a success.

    The status alone is not enough: some endpoints wrap an error in a list under HTTP 200.
    """
    wrapped = [
        row for rows in body.values() if isinstance(rows, list) and len(rows) == 1 for row in rows
    ]
    error = next((row for row in (body, *wrapped) if _is_error(row)), None)
    if error is None and not reply.is_success and isinstance(body.get("code"), str):
        # Some endpoints leave out the error's own `status`.
        error = body
    if error is None:
        return None if reply.is_success else Refusal(reply.status)
    return refusal_of(reply.status, error, mask)


def _is_error(value: object) -> bool:
    return isinstance(value, dict) and value.get("status") == "error" and "code" in value
