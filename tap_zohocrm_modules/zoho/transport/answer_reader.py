"""From an HTTP reply to Zoho's answer, or to the error that its refusal means.

https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.connection import Bounds
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    OutOfCreditsError,
    TransientError,
    UnreadableAnswerError,
    error_for,
)
from tap_zohocrm_modules.zoho.transport.http import CREDITS_LEFT, Reply
from tap_zohocrm_modules.zoho.transport.json_text import ExcessiveError, decode_json
from tap_zohocrm_modules.zoho.transport.refusal import refusal_in
from tap_zohocrm_modules.zoho.transport.stream_warnings import about
from tap_zohocrm_modules.zoho.transport.texts import Secrets

logger = logging.getLogger(__name__)


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
        head = reply.head
        if head.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            return Answer(head.status, None)
        body = self._decoded(call, reply)
        refusal = refusal_in(head, body or {}, self._secrets.mask)
        if refusal is None:
            if body is None:
                raise UnreadableAnswerError(
                    f"{call}: HTTP {head.status} and no JSON object. {REPORT}"
                )
            return Answer(head.status, body)
        if head.status == HTTPStatus.TOO_MANY_REQUESTS and head.credits_left == 0:
            raise OutOfCreditsError(
                f"{call}: {refusal}. The organisation's API credits are used up ({CREDITS_LEFT} is"
                " 0): they come back over 24 hours. Run again later, from the last STATE."
            )
        raise error_for(str(call), refusal, scope=call.scope, wait=head.retry_after)

    def _decoded(self, call: Call, reply: Reply) -> dict[str, Any] | None:
        """Return the body if it is a JSON object; None if not, but the status says enough."""
        head = reply.head
        try:
            body = decode_json(reply.body, self._bounds, lambda: self._say_mended(call))
        except ExcessiveError as error:
            raise UnreadableAnswerError(
                f"{call}: the answer has {error}, far beyond what Zoho sends: something else"
                f" answers in its place. {REPORT}"
            ) from error
        except ValueError as error:
            if not head.is_success:
                return None
            kind = self._secrets.mask(head.headers.get("Content-Type", "no content type"), 100)
            raise TransientError(
                f"{call}: HTTP {head.status} whose body is not JSON, or is cut short"
                f" ({kind}, {len(reply.body)} bytes): Zoho may be under maintenance, a proxy"
                " in the way, or api_url wrong."
            ) from error
        return body if isinstance(body, dict) else None

    def _say_mended(self, call: Call) -> None:
        if call.stream not in self._mended:
            self._mended.add(call.stream)
            logger.warning(
                "%s%s: the answer holds half characters, which no text can: each becomes U+FFFD.",
                f"{call.stream}: " if call.stream else "",
                call,
                extra=about(call.stream),
            )
