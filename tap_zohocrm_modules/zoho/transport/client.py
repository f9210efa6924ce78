"""The one way to call Zoho CRM's API: token, retries, concurrency, credits, errors.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

from typing_extensions import Self

from tap_zohocrm_modules.zoho.transport.answer_reader import AnswerReader
from tap_zohocrm_modules.zoho.transport.api_host import ApiHost
from tap_zohocrm_modules.zoho.transport.auth import ZohoAuthenticator
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call, despite_scope
from tap_zohocrm_modules.zoho.transport.connection import Connection
from tap_zohocrm_modules.zoho.transport.credits import CreditLedger
from tap_zohocrm_modules.zoho.transport.edition import MOST_CONCURRENCY, SUB_CONCURRENCY
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    GivenUpError,
    NoAnswerError,
    PermissionRefusedError,
    RedirectedError,
    TokenRefusedError,
    UnfinishedError,
    UnreadableAnswerError,
    ZohoError,
    forget_locals,
)
from tap_zohocrm_modules.zoho.transport.gate import Gate
from tap_zohocrm_modules.zoho.transport.hosts import file_url, on_host
from tap_zohocrm_modules.zoho.transport.http import HeaderAuth, HttpClient, Reply, ReplyHead
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from tap_zohocrm_modules.zoho.transport.token_cache import TokenCache

# One call's refusal may be a whim of that call; before any is accepted, two are not.
_REFUSALS = 2
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)


class ZohoClient:
    """Calls one organisation's API; thread-safe, and to be closed.

    `on_reply` is called with the head of each whole answer, in the thread that made the call.
    """

    def __init__(
        self,
        access: Connection,
        policy: RetryPolicy | None = None,
        on_reply: Callable[[ReplyHead], object] = lambda _: None,
    ) -> None:
        self.access = access
        self.machine = access.machine
        self._on_reply = on_reply
        self.policy = policy or RetryPolicy()
        self._gate = Gate(access.concurrency)
        self._sub_gate = Gate(SUB_CONCURRENCY)
        session = self.machine.session(
            pool=max(access.concurrency, MOST_CONCURRENCY),
            url=access.api_url or access.credentials.accounts_url,
        )
        self._http = HttpClient(session, access.times, access.bounds, self.machine)
        self._accepted = False
        self._refused: set[str] = set()
        self.credits = CreditLedger(access.credit_budget, access.credit_reserve)
        self.secrets = access.credentials.secrets()
        self.auth = ZohoAuthenticator(
            access.credentials,
            self._http,
            policy=self.policy,
            secrets=self.secrets,
            cache=TokenCache(access.token_cache, access.credentials, self.machine)
            if access.token_cache
            else None,
            on_retry=self.credits.note_retry,
        )
        self.host = ApiHost(access, self.auth, self._http)
        self._answers = AnswerReader(self.secrets, access.bounds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def allow(self, concurrency: int) -> None:
        """Let more calls be made at the same time, once the edition's limit is known."""
        self._gate.allow(concurrency)

    def server_now(self) -> datetime:
        """Return the time of the API host; see `ApiHost.now`."""
        return self.host.now()

    def call(self, call: Call) -> Answer:
        """Make a call and return its answer, with a body unless Zoho has nothing to say.

        Raises:
            ApiError: Zoho refused it; the subclass says what that means.
            RunEndError: no further call can succeed or may be made: no token, no credits, no host.
            ZohoError: it failed for good, retries included.
        """
        try:
            return self._renewing(call)
        except ZohoError as error:
            forget_locals(error)
            raise

    def download(self, call: Call, file: BinaryIO) -> None:
        """Write the body of a call's answer to a file, from its beginning.

        Raises:
            UnreadableAnswerError: it is not a file, or lies where the token must not go.
            ZohoError: as of `call`.
        """
        for _ in range(_MOST_REDIRECTS):
            try:
                answer = self._renewing(call, file)
            except RedirectedError as elsewhere:
                # Where it leads is checked when it is called.
                url = urljoin(call.url, elsewhere.location)
                call = dataclasses.replace(call, url=url, params=(), credits=0)
                continue
            if answer.body is not None:
                raise UnreadableAnswerError(f"{call}: JSON in place of a file. {REPORT}")
            return
        raise UnreadableAnswerError(f"{call}: redirected {_MOST_REDIRECTS} times. {REPORT}")

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
                # Each further call would only mint another token, of which Zoho issues but few.
                raise self.auth.give_up(error) from error
        self._accepted = True
        return answer

    def _attempts(self, call: Call, file: BinaryIO | None = None) -> Answer:
        began = tried = self.machine.monotonic()

        def once() -> Answer:
            nonlocal tried
            tried = self.machine.monotonic()
            return self._once(call, file)

        try:
            return self.policy.upto(call.most_tries).run(
                once,
                lambda: self.credits.note_retry(call.stream),
                lambda: self._patience(call),
                self.machine,
            )
        except GivenUpError as error:
            # Without the download host the run goes on.
            is_api = not call.url
            if is_api and isinstance(error.__cause__, (NoAnswerError, UnfinishedError)):
                self.host.end_if_dead(began, tried, error)
            raise

    def _once(self, call: Call, file: BinaryIO | None) -> Answer:
        token = self.auth.token()
        api = self.host.url()
        url = file_url(api, call.url) if call.url else on_host(api, call.full_path)
        # First the narrower gate: who waits for it must not hold up other calls.
        gates = [(self._sub_gate, call.alone)] if call.sub_concurrent else []
        gates.append((self._gate, False))
        with contextlib.ExitStack() as places:
            numbers = [
                (gate, places.enter_context(gate.passing(alone=alone))) for gate, alone in gates
            ]
            self.credits.charge(call.credits, call.stream)
            outcome, is_busy = self._http.exchange(
                call,
                call.method,
                url,
                auth=HeaderAuth(token.header),
                consume=lambda reply: self._outcome(call, reply),
                params=call.params,
                headers=dict(call.headers),
                json=call.body,
                file=file,
            )
            for gate, number in numbers:
                if is_busy:
                    gate.refused(number)
                else:
                    gate.succeeded()
        if is_busy:
            self.credits.refund(call.credits, call.stream)
        if isinstance(outcome, TokenRefusedError):
            self.auth.invalidate(token)
        if isinstance(outcome, PermissionRefusedError):
            raise despite_scope(outcome, str(call), call.scope, token.scopes)
        if isinstance(outcome, ZohoError):
            raise outcome
        return outcome

    def _patience(self, call: Call) -> float:
        if call.url:
            return self._http.hosts.patience(urlsplit(call.url).netloc)
        return self.host.patience()

    def _outcome(self, call: Call, reply: Reply) -> tuple[Answer | ZohoError, bool]:
        """Return the answer or what it means, and whether Zoho had too many calls at once."""
        head = reply.head
        if call.url:
            self._http.hosts.completed(urlsplit(call.url).netloc)
            if head.status in _REDIRECTS and (location := head.headers.get("Location")):
                return RedirectedError(f"{call}: HTTP {head.status}", location), False
        else:
            self.host.answered(head)
        self._on_reply(head)
        if head.credits_left is not None:
            self.credits.note_remaining(head.credits_left)
        is_busy = head.status == HTTPStatus.TOO_MANY_REQUESTS
        if reply.is_file:
            return Answer(head.status, None), is_busy
        try:
            return self._answers.read(call, reply), is_busy
        except ZohoError as error:
            return error, is_busy
