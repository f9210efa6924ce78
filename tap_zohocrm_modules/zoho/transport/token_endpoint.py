"""The accounts host: an access token for a refresh token.

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
REMEDIES: Mapping[str, str] = {
    "invalid_code": _UNKNOWN_GRANT,
    "invalid_grant": _UNKNOWN_GRANT,
    "invalid_client": _WRONG_CLIENT,
    "invalid_client_secret": "client_secret does not belong to client_id",
    "missing_org_info": "the client is not made for the refresh-token grant",
}


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
    url = f"{credentials.accounts_url}/oauth/v2/token"
    what = f"POST {url}"
    reply = http.exchange(
        what,
        "POST",
        url,
        auth=HeaderAuth(),
        consume=whole,
        data={
            "grant_type": "refresh_token",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            "refresh_token": credentials.refresh_token,
        },
    )
    answer = _checked(what, reply, secrets)
    secrets.add(answer["access_token"])
    lifetime = _lifetime(answer)
    scopes = answer.get("scope")
    logger.info("Access token obtained from %s.", urlsplit(credentials.accounts_url).hostname)
    return Token(
        value=answer["access_token"],
        api_domain=api_domain(answer.get("api_domain")),
        scopes=frozenset(scopes.split()) if isinstance(scopes, str) else frozenset(),
        good_for=lifetime - min(_RENEW_BEFORE_END, lifetime / 10),
    )


def _checked(what: str, reply: Reply, secrets: Secrets) -> dict[str, Any]:
    """Return the answer if it holds a token; errors come with HTTP 200 as well."""
    status = reply.status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise TransientError(f"{what}: HTTP {status}.", wait=reply.retry_after)
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
    remedy = REMEDIES.get(code, "check client_id, client_secret, refresh_token and data_center")
    raise AuthError(f"{what}: HTTP {status} {code}{f' ({said})' if said else ''}: {remedy}.")


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
