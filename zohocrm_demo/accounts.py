"""Zoho Accounts: access tokens for a refresh token.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/refresh.html,
https://www.zoho.com/crm/developer/docs/api/v8/token-validity.html
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from zohocrm_demo.answers import Answer, html_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zohocrm_demo.calls import Request

TOKEN_PATH = "/oauth/v2/token"  # noqa: S105 (a path)
REVOKE_PATH = "/oauth/v2/token/revoke"
_TOO_MANY = {
    "error_description": "You have made too many requests continuously. "
    "Please try again after some time.",
    "error": "Access Denied",
    "status": "failure",
}


@dataclass(frozen=True, slots=True)
class TokenRules:
    """How tokens are issued.

    Attributes:
        scopes: Scopes of the refresh token.
        lifetime: Seconds that an access token lives.
        mints_per_window: Access tokens for one refresh token in one window.
        mint_window: Length of that window in seconds, from the first mint in it.
        active_tokens: Access tokens alive at a time; one more invalidates the oldest. Zoho's
            pages say 10, 15 and 30: the least is the safe reading.
    """

    scopes: tuple[str, ...]
    lifetime: float = 3600
    mints_per_window: int = 10
    mint_window: float = 600
    active_tokens: int = 10


@dataclass(frozen=True, slots=True)
class Credentials:
    """Made-up client and refresh token in the form of Zoho's."""

    client_id: str
    client_secret: str
    refresh_token: str

    @classmethod
    def make(cls, seed: int | None = None) -> Credentials:
        """Credentials that a seed fixes, or new ones that open no other demo organisation."""
        source = secrets.SystemRandom() if seed is None else Random(seed)  # noqa: S311 (made up)
        return cls(f"1000.{_hex(source, 15).upper()}", _hex(source, 21), _token(source))


class Accounts:
    """The accounts host of the demo organisation."""

    def __init__(
        self,
        credentials: Credentials,
        rules: TokenRules,
        api_url: Callable[[Mapping[str, str]], str],
        clock: Callable[[], datetime],
        wait: Callable[[float], object],
    ) -> None:
        self._credentials = credentials
        self._rules = rules
        self._api_url = api_url
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._tokens: OrderedDict[str, datetime] = OrderedDict()
        self._revoked = False
        self._window_end = datetime.min.replace(tzinfo=clock().tzinfo)
        self._minted = 0

    def scopes_of(self, access_token: str) -> tuple[str, ...] | None:
        """The scopes of a living access token; None for an unknown, expired or revoked one."""
        with self._lock:
            expiry = self._tokens.get(access_token)
        return self._rules.scopes if expiry is not None and self._clock() < expiry else None

    def expire_tokens(self) -> None:
        """End the life of every access token issued so far."""
        with self._lock:
            self._tokens.clear()

    def revoke_refresh_token(self) -> None:
        """Issue no more access tokens and end those issued."""
        with self._lock:
            self._revoked = True
            self._tokens.clear()

    def answer(self, request: Request, delay: float) -> Answer:
        """Answer a request to the accounts host; wrong paths and verbs get HTML, as from Zoho."""
        self._wait(delay)
        if request.path not in {TOKEN_PATH, REVOKE_PATH}:
            return html_answer(404, "Page Not Found")
        if request.method != "POST":
            return html_answer(405, "Method Not Allowed")
        given = {**dict(request.pairs), **dict(request.form)}
        if request.path == REVOKE_PATH:
            return self._revoke(given)
        return self._mint(given, request.headers)

    def _mint(self, given: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        error = self._refusal(given)
        if error is not None:
            # Zoho refuses with HTTP 200; only the body says so.
            return json_answer({"error": error})
        with self._lock:
            token = self._next_token()
        if token is None:
            return json_answer(_TOO_MANY, 400)
        row = {"access_token": token, "scope": " ".join(self._rules.scopes)}
        row |= {"api_domain": self._api_url(headers), "token_type": "Bearer"}
        return json_answer({**row, "expires_in": int(self._rules.lifetime)})

    def _refusal(self, given: Mapping[str, str]) -> str | None:
        known = self._credentials
        if given.get("client_id") != known.client_id:
            return "invalid_client"
        if given.get("grant_type") == "authorization_code":
            return "invalid_code"
        if given.get("grant_type") != "refresh_token":
            return "unsupported_grant_type"
        if given.get("client_secret") != known.client_secret:
            return "invalid_client_secret"
        if self._revoked or given.get("refresh_token") != known.refresh_token:
            return "invalid_code"
        return None

    def _next_token(self) -> str | None:
        now = self._clock()
        if now >= self._window_end:
            self._window_end = now + timedelta(seconds=self._rules.mint_window)
            self._minted = 0
        if self._minted >= self._rules.mints_per_window:
            return None
        self._minted += 1
        token = _token(secrets.SystemRandom())
        self._tokens[token] = now + timedelta(seconds=self._rules.lifetime)
        while len(self._tokens) > self._rules.active_tokens:
            self._tokens.popitem(last=False)
        return token

    def _revoke(self, given: Mapping[str, str]) -> Answer:
        token = given.get("token")
        if token == self._credentials.refresh_token:
            self.revoke_refresh_token()
            return json_answer({"status": "success"})
        with self._lock:
            known = token is not None and self._tokens.pop(token, None) is not None
        return json_answer({"status": "success"} if known else {"error": "invalid_token"})


def _token(source: Random) -> str:
    return f"1000.{_hex(source, 16)}.{_hex(source, 16)}"


def _hex(source: Random, count: int) -> str:
    return source.getrandbits(8 * count).to_bytes(count, "big").hex()
