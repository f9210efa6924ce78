"""The one way to call Zoho CRM's API: token, retries, concurrency, credits, errors.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
import threading
from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import requests
from typing_extensions import Self

from tap_zohocrm_modules.zoho.transport.auth import Credentials, ZohoAuthenticator
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.clock import ServerClock
from tap_zohocrm_modules.zoho.transport.credits import CreditLedger
from tap_zohocrm_modules.zoho.transport.edition import (
    LEAST_CONCURRENCY,
    MOST_CONCURRENCY,
    SUB_CONCURRENCY,
)
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    OutOfCreditsError,
    TokenRefusedError,
    TransientError,
    UnreadableAnswerError,
    ZohoError,
    error_for,
)
from tap_zohocrm_modules.zoho.transport.http import (
    RetryPolicy,
    decode,
    new_session,
    retry_after,
    save,
    send,
)
from tap_zohocrm_modules.zoho.transport.refusals import refusal_in

CREDITS_LEFT = "X-API-CREDITS-REMAINING"

# One call's refusal may be a whim of that call; before any is accepted, two are not.
_REFUSALS = 2
_CREDITS = re.compile(r"\d{1,15}", re.ASCII)


@dataclasses.dataclass(frozen=True, slots=True)
class Connection:
    """Where an organisation is found and how it may be called; durations in seconds.

    Attributes:
        credentials: The OAuth client, its refresh token and the accounts host.
        api_url: The API host if the user insists on one.
        fallback_api_url: The data centre's own, should the token's answer not name one.
        host_prefix: `sandbox` or `developer`, to stand in the place of an API host's `www`.
        concurrency: Simultaneous calls.
        credit_budget: Credits that may be spent, None for no bound.
        timeout: How long to wait for a connection, and for each piece of an answer.
    """

    credentials: Credentials
    api_url: str | None = None
    fallback_api_url: str | None = None
    host_prefix: str | None = None
    concurrency: int = LEAST_CONCURRENCY
    credit_budget: int | None = None
    timeout: float = 300


class ZohoClient:
    """Calls one organisation's API; thread-safe, and to be closed."""

    def __init__(self, access: Connection, policy: RetryPolicy | None = None) -> None:
        self._access = access
        self.policy = policy or RetryPolicy()
        self._concurrency = access.concurrency
        self._gate = threading.Semaphore(access.concurrency)
        self._sub_gate = threading.Semaphore(SUB_CONCURRENCY)
        self._session = new_session(
            pool=max(access.concurrency, MOST_CONCURRENCY),
            url=access.api_url or access.credentials.accounts_url,
        )
        self._clock = ServerClock()
        self._session.hooks["response"].append(self._clock.observe)
        self._accepted = False
        self._refused: set[str] = set()
        self.ledger = CreditLedger(access.credit_budget)
        self.auth = ZohoAuthenticator(
            access.credentials,
            self._session,
            timeout=access.timeout,
            policy=self.policy,
            on_retry=self.ledger.note_retry,
        )

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    @property
    def accounts_url(self) -> str:
        """The host that gives access tokens."""
        return self._access.credentials.accounts_url

    def allow(self, concurrency: int) -> None:
        """Let more calls be made at the same time, once the edition's limit is known.

        To be called by one thread; fewer than before are not possible.
        """
        more = concurrency - self._concurrency
        if more > 0:
            self._gate.release(more)
            self._concurrency = concurrency

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def server_now(self) -> datetime:
        """Return the time of Zoho's servers.

        Raises:
            ZohoError: there is no token to be had, and so no answer to tell the time by.
        """
        self.auth.token()
        return self._clock.now()

    def api_url(self) -> str:
        """Return the API host: the user's, else the token's, else the data centre's.

        Raises:
            ZohoError: none of them names one.
        """
        access = self._access
        if access.api_url:
            return access.api_url
        url = self.auth.token().api_domain or access.fallback_api_url
        if url is None:
            raise ZohoError("The token's answer names no api_domain: set api_url.")
        parts = urlsplit(url)
        if access.host_prefix and parts.netloc.startswith("www."):
            return f"{parts.scheme}://{access.host_prefix}.{parts.netloc.removeprefix('www.')}"
        return url

    def call(self, call: Call) -> Answer:
        """Make a call and return its answer, with a body unless Zoho has nothing to say.

        Raises:
            ApiError: Zoho refused it; the subclass tells what that means.
            AuthError: there is no token to call with.
            OutOfCreditsError: the budget or the day's credits are used up.
            ZohoError: it failed for good, retries included.
        """
        return self._renewing(call)

    def download(self, call: Call, file: BinaryIO) -> None:
        """Write the body of a call's answer to a file, from its beginning.

        Raises:
            ZohoError: as `call` does.
        """
        answer = self._renewing(call, file)
        if answer.body is not None:
            raise UnreadableAnswerError(f"{call}: JSON in place of a file. {REPORT}")

    def _renewing(self, call: Call, file: BinaryIO | None = None) -> Answer:
        try:
            answer = self._attempts(call, file)
        except TokenRefusedError:
            # A token may end before its time; a second refusal means that no token will do.
            try:
                answer = self._attempts(call, file)
            except TokenRefusedError as error:
                self._refused.add(call.full_path)
                if self._accepted or len(self._refused) < _REFUSALS:
                    raise
                # ForEach further call would only mint another token, of which Zoho gives but few.
                raise self.auth.give_up(error) from error
        self._accepted = True
        return answer

    def _attempts(self, call: Call, file: BinaryIO | None = None) -> Answer:
        return self.policy.run(lambda: self._once(call, file), self.ledger.note_retry)

    def _once(self, call: Call, file: BinaryIO | None) -> Answer:
        what = str(call)
        # First the narrower gate: who waits for it must not hold up other calls.
        narrow = self._sub_gate if call.sub_concurrent else contextlib.nullcontext()
        with narrow, self._gate:
            self.auth.token()
            url = self.api_url() + call.full_path
            self.ledger.charge(call.credits, call.stream)
            response = send(
                self._session,
                what,
                call.method,
                url,
                params=call.params,
                headers=dict(call.headers),
                json=call.body,
                auth=self.auth,
                timeout=self._access.timeout,
                stream=file is not None,
            )
            if file is not None and response.status_code == HTTPStatus.OK and _is_file(response):
                save(what, response, file)
                return Answer(response.status_code, None)
        try:
            return self._read(what, call, response)
        except TokenRefusedError:
            self.auth.invalidate(response.request.headers["Authorization"])
            raise

    def _read(self, what: str, call: Call, response: requests.Response) -> Answer:
        left = response.headers.get(CREDITS_LEFT, "")
        if _CREDITS.fullmatch(left):
            self.ledger.note_remaining(int(left))
        status = response.status_code
        if status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            return Answer(status, None)
        body = self._decoded(what, response)
        refusal = refusal_in(status, body, self.auth.secrets.mask)
        if refusal is None:
            if body is None:
                raise UnreadableAnswerError(f"{what}: HTTP {status} and no JSON object. {REPORT}")
            return Answer(status, body)
        if status == HTTPStatus.TOO_MANY_REQUESTS and left == "0":
            raise OutOfCreditsError(
                f"{what}: {refusal}. The organisation's API credits are used up ({CREDITS_LEFT} is"
                " 0): they come back over 24 hours. Run again later, from the last STATE."
            )
        raise error_for(what, refusal, scope=call.scope, wait=retry_after(response.headers))

    def _decoded(self, what: str, response: requests.Response) -> dict[str, Any] | None:
        """Return the body if it is a JSON object; None if not, but the status tells enough."""
        try:
            body = decode(response.content)
        except ValueError as error:
            if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
                return None
            kind = self.auth.secrets.mask(response.headers.get("Content-Type", "no content type"))
            raise TransientError(
                f"{what}: HTTP {response.status_code} whose body is not JSON, or is cut short"
                f" ({kind}, {len(response.content)} bytes): Zoho may be under maintenance, a proxy"
                " in the way, or api_url wrong."
            ) from error
        return body if isinstance(body, dict) else None


def _is_file(response: requests.Response) -> bool:
    """Whether an answer is no page or error of which the status does not tell."""
    kind = response.headers.get("Content-Type", "").lower()
    return not kind.startswith("text/") and "json" not in kind
