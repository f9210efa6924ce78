"""The accounts host: an access token for a refresh token, and a refresh token for a code.

https://www.zoho.com/crm/developer/docs/api/v8/access-refresh.html
https://www.zoho.com/crm/developer/docs/api/v8/refresh.html
https://www.zoho.com/crm/developer/docs/api/v8/token-validity.html
"""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from tap_zohocrm_modules.zoho.transport.connection import Credentials
from tap_zohocrm_modules.zoho.transport.errors import AuthError, TransientError
from tap_zohocrm_modules.zoho.transport.hosts import is_safe
from tap_zohocrm_modules.zoho.transport.http import HeaderAuth, HttpClient, Reply, whole
from tap_zohocrm_modules.zoho.transport.json_text import ExcessiveError, decode_json
from tap_zohocrm_modules.zoho.transport.texts import Secrets

logger = logging.getLogger(__name__)

MINT_WINDOW = 600.0
"""Seconds in which Zoho issues ten access tokens for one refresh token."""

DENIED_WAIT = 115.0
"""Seconds to wait when Zoho issues no more: five such waits outlast most of a window."""

_TOKEN = re.compile(r"[!-~]{1,4096}")
_RENEW_BEFORE_END = 300.0
_LONGEST_LIFE = 86_400
_UNKNOWN_GRANT = (
    "the refresh token is mistyped, revoked, made with another client, or made in another data"
    " centre than data_center says"
)
_WRONG_CLIENT = "client_id is not known there: check it, and that data_center is the client's own"
_SHARED = {
    "invalid_client": _WRONG_CLIENT,
    "invalid_client_secret": "client_secret does not belong to client_id",
}
REMEDIES: Mapping[str, str] = _SHARED | {
    "invalid_code": _UNKNOWN_GRANT,
    "invalid_grant": _UNKNOWN_GRANT,
    "missing_org_info": "the client is not made for the refresh-token grant",
}
CODE_REMEDIES: Mapping[str, str] = _SHARED | {
    "invalid_code": (
        "the code has been used, is older than the minutes chosen for it (10 at most), or was made"
        " with another client or in another data centre: make a new one and paste it at once"
    ),
    "invalid_redirect_uri": (
        "the client has a redirect URI, so it is not a Self Client: add a Self Client in the API"
        " console and make the code there"
    ),
}
_OTHER_REMEDY = "check client_id, client_secret, refresh_token and data_center"
_OTHER_CODE_REMEDY = "check client id and client secret, and make a new code"


class GrantRefusedError(AuthError):
    """Zoho Accounts refuses; `code` is its word for why."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclasses.dataclass(frozen=True, slots=True)
class Token:
    """An access token."""

    value: str = dataclasses.field(repr=False)  # what the header carries
    api_domain: str | None  # URL of the API host that it is for, if Zoho says so
    scopes: frozenset[str]  # what it may do; empty if Zoho does not say
    good_for: float  # seconds from its issue until it should be renewed

    @property
    def header(self) -> str:
        """The `Authorization` header."""
        return f"Zoho-oauthtoken {self.value}"


def mint(http: HttpClient, credentials: Credentials, secrets: Secrets) -> Token:
    """Return a new access token, which `secrets` masks from then on.

    Raises:
        AuthError: Zoho refuses.
        TransientError: the accounts host fails, or has issued too many tokens lately.
    """
    grant = {"grant_type": "refresh_token", "refresh_token": credentials.refresh_token}
    refusal = Refusal(REMEDIES, _OTHER_REMEDY)
    answer = _granted(http, credentials, grant, refusal, secrets)
    lifetime = _lifetime(answer)
    scopes = answer.get("scope")
    logger.info("Access token obtained from %s.", urlsplit(credentials.accounts_url).hostname)
    return Token(
        value=answer["access_token"],
        api_domain=api_domain(answer.get("api_domain")),
        scopes=frozenset(scopes.split()) if isinstance(scopes, str) else frozenset(),
        good_for=lifetime - min(_RENEW_BEFORE_END, lifetime / 10),
    )


def redeem(
    http: HttpClient, credentials: Credentials, code: str, secrets: Secrets
) -> tuple[str, str | None]:
    """Return the refresh token that a code is worth, once, and the API host's URL if Zoho names it.

    The refresh token of `credentials` does not matter. `secrets` masks the new one from then on.

    Raises:
        GrantRefusedError: Zoho refuses.
        TransientError: the accounts host fails.
    """
    grant = {"grant_type": "authorization_code", "code": code}
    refusal = Refusal(CODE_REMEDIES, _OTHER_CODE_REMEDY)
    answer = _granted(http, credentials, grant, refusal, secrets)
    token = answer.get("refresh_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise GrantRefusedError(
            "The code is worth an access token of an hour and no refresh token, since it was made"
            " for online access: make a code with a Self Client, whose codes have both.",
            "no_refresh_token",
        )
    secrets.add(token)
    return token, api_domain(answer.get("api_domain"))


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """What to do about each of Zoho's words for a refusal, and about any other."""

    remedies: Mapping[str, str]
    otherwise: str


def _granted(
    http: HttpClient,
    credentials: Credentials,
    grant: Mapping[str, str],
    refusal: Refusal,
    secrets: Secrets,
) -> dict[str, Any]:
    """Return the answer that holds an access token, which `secrets` masks from then on."""
    url = f"{credentials.accounts_url}/oauth/v2/token"
    what = f"POST {url}"
    client = {"client_id": credentials.client_id, "client_secret": credentials.client_secret}
    reply = http.exchange(
        what, "POST", url, auth=HeaderAuth(), consume=whole, data={**grant, **client}
    )
    answer = _checked(what, reply, refusal, secrets)
    secrets.add(answer["access_token"])
    return answer


def _checked(what: str, reply: Reply, refusal: Refusal, secrets: Secrets) -> dict[str, Any]:
    """Return the answer if it holds a token; errors come with HTTP 200 as well."""
    status = reply.head.status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise TransientError(f"{what}: HTTP {status}.", wait=reply.head.retry_after)
    try:
        answer = decode_json(reply.body)
    except (ValueError, ExcessiveError) as error:
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
    code = secrets.mask(str(answer.get("error") or "no access_token"), 100)
    if code == "Access Denied":
        raise TransientError(
            f"{what}: Zoho issues no more access tokens for this refresh token, since more than 10"
            " were asked for within 10 minutes (Access Denied): wait 10 minutes, and share one"
            " token among your programs (token_cache, token_cache_dir).",
            wait=DENIED_WAIT,
        )
    said = secrets.mask(str(answer.get("error_description") or ""))
    remedy = refusal.remedies.get(code, refusal.otherwise)
    raise GrantRefusedError(
        f"{what}: HTTP {status} {code}{f' ({said})' if said else ''}: {remedy}.", code
    )


def _lifetime(answer: Mapping[str, Any]) -> float:
    """Return seconds; the older answers with `expires_in_sec` have milliseconds in `expires_in`."""
    seconds = answer.get("expires_in_sec", answer.get("expires_in"))
    if type(seconds) is not int or seconds <= 0:
        return MINT_WINDOW
    return float(min(seconds, _LONGEST_LIFE))


def api_domain(domain: object) -> str | None:
    """Return the URL of an API host that a token may travel to; None for anything else."""
    try:
        parts = urlsplit(domain) if isinstance(domain, str) else None
    except ValueError:
        return None
    # A user name in front of the host may only be there to deceive.
    if parts is None or not parts.hostname or "@" in parts.netloc or not is_safe(parts):
        return None
    return f"{parts.scheme}://{parts.netloc}"
