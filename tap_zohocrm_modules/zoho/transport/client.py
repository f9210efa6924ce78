"""The one way to call Zoho CRM's API: token, retries, concurrency, credits, errors.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import contextlib
import dataclasses
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from urllib.parse import urlsplit

from typing_extensions import Self

from tap_zohocrm_modules.zoho.transport.answer_reader import AnswerReader
from tap_zohocrm_modules.zoho.transport.auth import ZohoAuthenticator
from tap_zohocrm_modules.zoho.transport.bounds import PROBE_TIMEOUT, Bounds, TimeLimits
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.clock import LocalClock, ServerClock
from tap_zohocrm_modules.zoho.transport.credits import CreditLedger
from tap_zohocrm_modules.zoho.transport.edition import (
    LEAST_CONCURRENCY,
    MOST_CONCURRENCY,
    SUB_CONCURRENCY,
)
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    DeadHostError,
    GivenUpError,
    NoAnswerError,
    TokenRefusedError,
    UnreadableAnswerError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.gate import Gate
from tap_zohocrm_modules.zoho.transport.headers import credits_left
from tap_zohocrm_modules.zoho.transport.http import HeaderAuth, HttpClient, Reply, new_session
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from tap_zohocrm_modules.zoho.transport.token_cache import TokenCache
from tap_zohocrm_modules.zoho.transport.token_endpoint import Credentials
from tap_zohocrm_modules.zoho.transport.urls import on_host

# One call's refusal may be a whim of that call; before any is accepted, two are not.
_REFUSALS = 2
_DATES_ASKED = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Connection:
    """Where an organisation is found and how it may be called.

    Attributes:
        credentials: The OAuth client, its refresh token and the accounts host.
        api_url: The API host if the user insists on one.
        fallback_api_url: The data centre's own, should the token's answer not name one.
        host_prefix: `sandbox` or `developer`, in the place of an API host's `www`.
        concurrency: Simultaneous calls.
        credit_budget: Credits that may be spent, None for no bound.
        credit_reserve: Credits of the day that are left to others, None for none.
        token_cache: Folder of the token cache, None for no cache.
        times: How long things may take.
        bounds: How large answers may be.
        clock: This machine's clocks.
    """

    credentials: Credentials
    api_url: str | None = None
    fallback_api_url: str | None = None
    host_prefix: str | None = None
    concurrency: int = LEAST_CONCURRENCY
    credit_budget: int | None = None
    credit_reserve: int | None = None
    token_cache: Path | None = None
    times: TimeLimits = dataclasses.field(default_factory=TimeLimits)
    bounds: Bounds = dataclasses.field(default_factory=Bounds)
    clock: LocalClock = dataclasses.field(default_factory=LocalClock)


class ZohoClient:
    """Calls one organisation's API; thread-safe, and to be closed."""

    def __init__(self, access: Connection, policy: RetryPolicy | None = None) -> None:
        self._access = access
        self.policy = policy or RetryPolicy()
        self._gate = Gate(access.concurrency)
        self._sub_gate = Gate(SUB_CONCURRENCY)
        session = new_session(
            pool=max(access.concurrency, MOST_CONCURRENCY),
            url=access.api_url or access.credentials.accounts_url,
        )
        self._http = HttpClient(session, access.times, access.bounds, access.clock)
        self._clock: ServerClock | None = None
        self._accepted = False
        self._refused: set[str] = set()
        self.credits = CreditLedger(access.credit_budget, access.credit_reserve)
        self.secrets = access.credentials.secrets()
        self.auth = ZohoAuthenticator(
            access.credentials,
            self._http,
            policy=self.policy,
            secrets=self.secrets,
            cache=_cache(access),
            on_retry=self.credits.note_retry,
        )
        self._answers = AnswerReader(self.secrets, access.bounds)

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

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def accounts_url(self) -> str:
        """The host that issues access tokens."""
        return self._access.credentials.accounts_url

    @property
    def width(self) -> int:
        """How many calls may be under way now."""
        return self._gate.width

    def allow(self, concurrency: int) -> None:
        """Let more calls be made at the same time, once the edition's limit is known."""
        self._gate.allow(concurrency)

    def shown(self, text: str) -> str:
        """Return what Zoho sent as it may be shown: one bounded line without secrets."""
        return self.secrets.mask(text)

    def server_now(self) -> datetime:
        """Return the time of the API host, by two of its answers that agree.

        Answers to earlier calls count; where there are none, unauthenticated ones are asked for,
        which cost no credits. A host that sends no usable `Date` has this machine's time.

        Raises:
            ClockError: it is more than a day from this machine's.
            AuthError: there is no token, and so no API host.
        """
        clock = self._host_clock()
        for _ in range(_DATES_ASKED):
            if clock.is_known or not self._is_alive():
                break
        return clock.now()

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
            ApiError: Zoho refused it; the subclass says what that means.
            RunEndError: no further call can succeed or may be made: no token, no credits, no host.
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
                # Each further call would only mint another token, of which Zoho issues but few.
                raise self.auth.give_up(error) from error
        self._accepted = True
        return answer

    def _attempts(self, call: Call, file: BinaryIO | None = None) -> Answer:
        began = self._http.clock.monotonic()
        try:
            return self.policy.run(
                lambda: self._once(call, file), self.credits.note_retry, self._patience
            )
        except GivenUpError as error:
            if isinstance(error.__cause__, NoAnswerError):
                self._bury_if_dead(began, error)
            raise

    def _patience(self) -> float:
        return self._http.hosts.patience(urlsplit(self.api_url()).netloc)

    def _bury_if_dead(self, began: float, error: GivenUpError) -> None:
        """End the run if the host answers nobody: each further call would wait as long again."""
        host = urlsplit(self.api_url()).netloc
        hosts = self._http.hosts
        if not hosts.has_answered_since(host, began) and not self._is_alive():
            raise hosts.declare_dead(host, DeadHostError(str(error))) from error

    def _is_alive(self) -> bool:
        """Whether the API host answers at all, to a call without a token and without cost."""
        url = self.api_url() + "/"
        try:
            reply = self._http.exchange(
                f"HEAD {url}", "HEAD", url, auth=HeaderAuth(), longest=PROBE_TIMEOUT
            )
        except NoAnswerError:
            return False
        self._observe(reply)
        return True

    def _host_clock(self) -> ServerClock:
        if self._clock is None:
            self._clock = ServerClock(urlsplit(self.api_url()).netloc, self._http.clock)
        return self._clock

    def _observe(self, reply: Reply) -> None:
        self._host_clock().observe(reply.headers.get("Date"), reply.answered_at)
        left = credits_left(reply.headers)
        if left is not None:
            self.credits.note_remaining(left)

    def _once(self, call: Call, file: BinaryIO | None) -> Answer:
        token = self.auth.token()
        url = on_host(self.api_url(), call.full_path)
        # First the narrower gate: who waits for it must not hold up other calls.
        gates = [self._sub_gate, self._gate] if call.sub_concurrent else [self._gate]
        with contextlib.ExitStack() as places:
            numbers = [(gate, places.enter_context(gate.passing())) for gate in gates]
            self.credits.charge(call.credits, call.stream)
            reply = self._http.exchange(
                str(call),
                call.method,
                url,
                auth=HeaderAuth(token.header),
                params=call.params,
                headers=dict(call.headers),
                json=call.body,
                file=file,
            )
            for gate, number in numbers:
                if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
                    gate.refused(number)
                else:
                    gate.succeeded()
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            self.credits.refund(call.credits, call.stream)
        self._observe(reply)
        if reply.is_file:
            return Answer(reply.status, None)
        try:
            return self._answers.read(call, reply)
        except TokenRefusedError:
            self.auth.invalidate(token)
            raise


def _cache(access: Connection) -> TokenCache | None:
    if access.token_cache is None:
        return None
    return TokenCache(access.token_cache, access.credentials, access.clock)
