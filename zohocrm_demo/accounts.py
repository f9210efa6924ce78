"""Zoho Accounts: access tokens for a refresh token, and which scope covers which.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/refresh.html,
https://www.zoho.com/crm/developer/docs/api/v8/token-validity.html,
https://www.zoho.com/crm/developer/docs/api/v8/scopes.html,
https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from random import Random

from zohocrm_demo.answers import Answer, html_answer, json_answer
from zohocrm_demo.calls import Request
from zohocrm_demo.codes import LONGEST_LIFE, Codes
from zohocrm_demo.organisation.data_files import read_file

EVERY_SCOPE: tuple[str, ...] = tuple(read_file("routes.yaml")["every_scope"])

# The documents name the operation of one family as enough for each of its members.
_UMBRELLA_FAMILY = "ZohoCRM.modules"


def covers(granted: str, required: str) -> bool:
    """Whether `granted` is enough where `required` is asked for.

    `ZohoCRM.settings.ALL` covers `ZohoCRM.settings.modules.READ`, `ZohoCRM.users.ALL` covers
    `ZohoCRM.users.READ`, `ZohoCRM.modules.READ` covers `ZohoCRM.modules.leads.READ`. That
    `ZohoCRM.settings.READ` covers any family of settings is documented nowhere: it doesn't.
    """
    family, _, operation = granted.rpartition(".")
    wanted_family, _, wanted_operation = required.rpartition(".")
    if operation not in {"ALL", wanted_operation}:
        return False
    if family == wanted_family:
        return True
    umbrella = operation == "ALL" or family == _UMBRELLA_FAMILY
    return umbrella and wanted_family.startswith(f"{family}.")


def missing_scopes(granted: Iterable[str], required: Iterable[str]) -> tuple[str, ...]:
    """The required scopes that no granted one covers."""
    held = tuple(granted)
    return tuple(need for need in required if not any(covers(scope, need) for scope in held))


TOKEN_PATH = "/oauth/v2/token"  # noqa: S105 (a path)
REVOKE_PATH = "/oauth/v2/token/revoke"
SERVER_INFO_PATH = "/oauth/serverinfo"
_NEVER = datetime.min.replace(tzinfo=timezone.utc)
_TOO_MANY = {
    "error_description": "You have made too many requests continuously. "
    "Please try again after some time.",
    "error": "Access Denied",
    "status": "failure",
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Made-up client and refresh token in the form of Zoho's."""

    client_id: str
    client_secret: str
    refresh_token: str

    @classmethod
    def make(cls, seed: int | None = None) -> Credentials:
        """Credentials that a seed fixes, or new ones that open no other demo organisation."""
        source = source_of(seed)
        return cls(f"1000.{_hex(source, 15).upper()}", _hex(source, 21), _token(source))


@dataclass(slots=True)
class Accounts:
    """The accounts host of the demo organisation."""

    credentials: Credentials
    api_url: Callable[[Mapping[str, str]], str]
    clock: Callable[[], datetime]
    wait: Callable[[float], object]
    scopes: tuple[str, ...]  # of the refresh token
    lifetime: float  # seconds that an access token lives
    mints_per_window: int  # access tokens for one refresh token in one window
    mint_window: float  # length of that window in seconds, from the first mint in it
    # Access tokens alive at a time; one more invalidates the oldest. Zoho's pages say 10, 15 and
    # 30: the least is the safe reading.
    active_tokens: int
    source: Random  # of tokens and codes
    locations: Mapping[str, str] = field(default_factory=dict)  # data centre: its accounts host
    _codes: Codes = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _tokens: OrderedDict[str, datetime] = field(default_factory=OrderedDict)
    is_throttled: bool = True  # whether only so many tokens are handed out in a window
    _revoked: bool = False
    _window_end: datetime = _NEVER
    _minted: int = 0

    def __post_init__(self) -> None:
        self._codes = Codes(self.clock)

    def make_code(
        self,
        seconds: float = LONGEST_LIFE,
        client_id: str | None = None,
        redirect_uri: str | None = None,
        *,
        offline: bool = True,
    ) -> str:
        """A code as the API console makes it; of the Self Client of this organisation by default.

        A client that isn't a Self Client has a redirect URI; a code made for online access alone is
        worth no refresh token.
        """
        code = _token(self.source)
        client_id = client_id or self.credentials.client_id
        self._codes.add(code, client_id, seconds, redirect_uri, offline=offline)
        return code

    def scopes_of(self, access_token: str) -> tuple[str, ...] | None:
        """The scopes of a living access token; None for an unknown, expired or revoked one."""
        with self._lock:
            expiry = self._tokens.get(access_token)
        return self.scopes if expiry is not None and self.clock() < expiry else None

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
        self.wait(delay)
        if request.path == SERVER_INFO_PATH:
            return json_answer({"result": "success", "locations": dict(self.locations)})
        if request.path not in {TOKEN_PATH, REVOKE_PATH}:
            return html_answer(404, "Page Not Found")
        if request.method != "POST":
            return html_answer(405, "Method Not Allowed")
        sent = {**dict(request.pairs), **dict(request.form)}
        if request.path == REVOKE_PATH:
            return self._revoke(sent)
        return self._mint(sent, request.headers)

    def _mint(self, sent: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        error = self._refusal(sent)
        if error is not None:
            # Zoho refuses with HTTP 200; only the body says so.
            return json_answer({"error": error})
        has_refresh_token = False
        if sent["grant_type"] == "authorization_code":
            error, has_refresh_token = self._codes.redeem(sent)
            if error is not None:
                return json_answer({"error": error})
        with self._lock:
            token = self._next_token()
        if token is None:
            return json_answer(_TOO_MANY, 400)
        row = {"access_token": token, "scope": " ".join(self.scopes)}
        if has_refresh_token:
            row["refresh_token"] = self.credentials.refresh_token
        row |= {"api_domain": self.api_url(headers), "token_type": "Bearer"}
        return json_answer({**row, "expires_in": int(self.lifetime)})

    def _refusal(self, sent: Mapping[str, str]) -> str | None:
        known = self.credentials
        if sent.get("client_id") != known.client_id:
            return "invalid_client"
        grant = sent.get("grant_type")
        if grant not in {"authorization_code", "refresh_token"}:
            return "unsupported_grant_type"
        if sent.get("client_secret") != known.client_secret:
            return "invalid_client_secret"
        if grant == "authorization_code":
            return None
        if self._revoked or sent.get("refresh_token") != known.refresh_token:
            return "invalid_code"
        return None

    def _next_token(self) -> str | None:
        now = self.clock()
        if now >= self._window_end:
            self._window_end = now + timedelta(seconds=self.mint_window)
            self._minted = 0
        if self.is_throttled and self._minted >= self.mints_per_window:
            return None
        self._minted += 1
        token = _token(self.source)
        self._tokens[token] = now + timedelta(seconds=self.lifetime)
        while len(self._tokens) > self.active_tokens:
            self._tokens.popitem(last=False)
        return token

    def _revoke(self, sent: Mapping[str, str]) -> Answer:
        token = sent.get("token")
        if token == self.credentials.refresh_token:
            self.revoke_refresh_token()
            return json_answer({"status": "success"})
        with self._lock:
            known = token is not None and self._tokens.pop(token, None) is not None
        return json_answer({"status": "success"} if known else {"error": "invalid_token"})


def source_of(seed: int | str | None) -> Random:
    """A source of made-up tokens, which a seed fixes."""
    return secrets.SystemRandom() if seed is None else Random(seed)  # noqa: S311 (made up)


def _token(source: Random) -> str:
    return f"1000.{_hex(source, 16)}.{_hex(source, 16)}"


def _hex(source: Random, count: int) -> str:
    return source.getrandbits(8 * count).to_bytes(count, "big").hex()
