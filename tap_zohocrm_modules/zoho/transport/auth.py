"""The refresh-token grant: one access token, shared by all threads, renewed in time.

https://www.zoho.com/crm/developer/docs/api/v8/refresh.html
https://www.zoho.com/crm/developer/docs/api/v8/token-validity.html
"""

from __future__ import annotations

import collections
import dataclasses
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from requests.auth import AuthBase
from typing_extensions import override

from tap_zohocrm_modules.zoho.transport.errors import AuthError, TransientError, ZohoError
from tap_zohocrm_modules.zoho.transport.http import (
    LOOPBACK,
    RetryPolicy,
    Secrets,
    decode,
    retry_after,
    send,
)

logger = logging.getLogger(__name__)

MINTS_PER_WINDOW = 10
MINT_WINDOW = 600.0

_TOKEN = re.compile(r"[!-~]+")
_RENEW_BEFORE_END = 300.0
_LONGEST_LIFE = 86_400
_UNKNOWN_GRANT = (
    "the refresh token is mistyped, revoked, made with another client, or made in another data"
    " centre than data_center says"
)
_WRONG_CLIENT = "client_id is not known there: check it, and that data_center is the client's own"
_REMEDIES: Mapping[str, str] = {
    "invalid_code": _UNKNOWN_GRANT,
    "invalid_grant": _UNKNOWN_GRANT,
    "invalid_client": _WRONG_CLIENT,
    "invalid_client_secret": "client_secret does not belong to client_id",
    "missing_org_info": "the client is not made for the refresh-token grant",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Credentials:
    """An OAuth client and its refresh token, and the accounts host that knows them."""

    accounts_url: str
    client_id: str = dataclasses.field(repr=False)
    client_secret: str = dataclasses.field(repr=False)
    refresh_token: str = dataclasses.field(repr=False)

    def secrets(self) -> Secrets:
        """Return what must not show in any text."""
        return Secrets((self.client_id, self.client_secret, self.refresh_token))


@dataclasses.dataclass(frozen=True, slots=True)
class Token:
    """An access token; `renew_at` is a time of the authenticator's clock."""

    value: str = dataclasses.field(repr=False)
    api_domain: str | None
    scopes: frozenset[str]
    renew_at: float

    @property
    def header(self) -> str:
        """The `Authorization` header."""
        return f"Zoho-oauthtoken {self.value}"


class ZohoAuthenticator(AuthBase):
    """Puts `Authorization: Zoho-oauthtoken …` on requests; thread-safe.

    Mints at most `MINTS_PER_WINDOW` access tokens in `MINT_WINDOW` seconds whatever happens, since
    Zoho blocks the refresh token of those who ask for more.
    """

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        credentials: Credentials,
        session: requests.Session,
        *,
        timeout: float,
        policy: RetryPolicy,
        on_retry: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = credentials
        self._session = session
        self._timeout = timeout
        self._policy = policy
        self._on_retry = on_retry
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._refused: AuthError | None = None
        self._minted: collections.deque[float] = collections.deque(maxlen=MINTS_PER_WINDOW)
        self.secrets = credentials.secrets()

    @override
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self.token().header
        return request

    def token(self) -> Token:
        """Return a token that is good for some minutes, minting one if need be.

        Raises:
            AuthError: none is to be had; it is not asked for again.
        """
        with self._lock:
            if self._refused is not None:
                raise self._refused
            if self._token is None or self._clock() >= self._token.renew_at:
                self._keep_within_window()
                try:
                    self._token = self._policy.run(self._mint, self._on_retry)
                except ZohoError as error:
                    # Asking again for each call to come would only add to the mints.
                    self._refused = AuthError(str(error))
                    raise self._refused from error
            return self._token

    def give_up(self, error: ZohoError) -> AuthError:
        """Return the error with which every further call for a token will end."""
        with self._lock:
            self._refused = self._refused or AuthError(str(error))
            return self._refused

    def invalidate(self, header: str) -> None:
        """Forget the token of this header, unless another thread has put a new one in its place."""
        with self._lock:
            if self._token is not None and self._token.header == header:
                self._token = None

    def _mint(self) -> Token:
        self._keep_within_window()
        self._minted.append(self._clock())
        credentials = self._credentials
        what = f"POST {credentials.accounts_url}/oauth/v2/token"
        asked_at = self._clock()
        response = send(
            self._session,
            what,
            "POST",
            f"{credentials.accounts_url}/oauth/v2/token",
            data={
                "grant_type": "refresh_token",
                "client_id": credentials.client_id,
                "client_secret": credentials.client_secret,
                "refresh_token": credentials.refresh_token,
            },
            auth=_no_auth,
            timeout=self._timeout,
        )
        answer = self._checked(what, response)
        value = answer["access_token"]
        self.secrets.add(value)
        lifetime = _lifetime(answer)
        scopes = answer.get("scope")
        logger.info("Access token obtained from %s.", urlsplit(credentials.accounts_url).hostname)
        return Token(
            value=value,
            api_domain=_api_domain(answer),
            scopes=frozenset(scopes.split()) if isinstance(scopes, str) else frozenset(),
            renew_at=asked_at + lifetime - min(_RENEW_BEFORE_END, lifetime / 10),
        )

    def _keep_within_window(self) -> None:
        now = self._clock()
        if len(self._minted) == MINTS_PER_WINDOW and now - self._minted[0] < MINT_WINDOW:
            wait = MINT_WINDOW - (now - self._minted[0])
            raise AuthError(
                f"{MINTS_PER_WINDOW} access tokens were asked for within {MINT_WINDOW / 60:.0f}"
                f" minutes, which is all that Zoho allows: run again in {wait:.0f} s, and find out"
                " what makes the tokens end early."
            )

    def _checked(self, what: str, response: requests.Response) -> dict[str, Any]:
        """Return the answer if it holds a token; errors come with HTTP 200 as well."""
        status = response.status_code
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            raise TransientError(f"{what}: HTTP {status}.", wait=retry_after(response.headers))
        try:
            answer = decode(response.content)
        except ValueError as error:
            if status != HTTPStatus.OK:
                raise AuthError(
                    f"{what}: HTTP {status} and a page in place of a token: check accounts_url and"
                    " data_center."
                ) from error
            raise TransientError(
                f"{what}: HTTP {status} whose body is not JSON: Zoho may be under maintenance, a"
                " proxy in the way, or accounts_url wrong."
            ) from error
        answer = answer if isinstance(answer, dict) else {}
        token = answer.get("access_token")
        if status == HTTPStatus.OK and isinstance(token, str) and _TOKEN.fullmatch(token):
            return answer
        raise AuthError(f"{what}: {self.secrets.mask(_explained(status, answer))}")


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep a .netrc file's password from the accounts host."""
    return request


def _explained(status: int, answer: Mapping[str, Any]) -> str:
    code = str(answer.get("error") or "no access_token")
    if code == "Access Denied":
        return (
            "Zoho blocks this refresh token because more than 10 access tokens were asked for"
            " within 10 minutes (Access Denied): wait 10 minutes, then run again, and share one"
            " refresh token among fewer programs."
        )
    said = answer.get("error_description")
    remedy = _REMEDIES.get(code, "check client_id, client_secret, refresh_token and data_center")
    return f"HTTP {status} {code}{f' ({said})' if said else ''}: {remedy}."


def _lifetime(answer: Mapping[str, Any]) -> float:
    """Return seconds; the older answers with `expires_in_sec` have milliseconds in `expires_in`."""
    seconds = answer.get("expires_in_sec", answer.get("expires_in"))
    if type(seconds) is not int or seconds <= 0:
        return MINT_WINDOW
    return float(min(seconds, _LONGEST_LIFE))


def _is_safe(parts: SplitResult) -> bool:
    """Whether a token may travel there."""
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _api_domain(answer: Mapping[str, Any]) -> str | None:
    domain = answer.get("api_domain")
    try:
        parts = urlsplit(domain) if isinstance(domain, str) else None
    except ValueError:
        return None
    if parts is None or not parts.hostname or not _is_safe(parts):
        return None
    return f"{parts.scheme}://{parts.netloc}"
