"""Which data centre knows a client and its code: each of Zoho's is asked.

https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html
"""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from tap_zohocrm_modules.config.choices import DATA_CENTERS
from tap_zohocrm_modules.zoho.transport.connection import Credentials
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.hosts import LOOPBACK
from tap_zohocrm_modules.zoho.transport.http import HeaderAuth, HttpClient, whole
from tap_zohocrm_modules.zoho.transport.json_text import ExcessiveError, decode_json
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from tap_zohocrm_modules.zoho.transport.texts import Secrets
from tap_zohocrm_modules.zoho.transport.token_endpoint import GrantRefusedError, redeem

logger = logging.getLogger(__name__)

_ZOHO = re.compile(r"accounts\.zoho(cloud)?\.[a-z]{2,3}(\.[a-z]{2})?")
# The refusal that says most comes first: where the client is known, the code is what is wrong.
_MOST_TELLING = (
    "no_refresh_token",
    "invalid_redirect_uri",
    "invalid_client_secret",
    "invalid_code",
    "invalid_client",
)


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What a code was exchanged for, and where."""

    data_center: str | None  # the setting's value; None where Zoho's name is none of ours
    accounts_url: str
    api_url: str | None  # as the answer names it
    refresh_token: str = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client and a code that was made with it."""

    client_id: str = dataclasses.field(repr=False)
    client_secret: str = dataclasses.field(repr=False)
    code: str = dataclasses.field(repr=False)

    def at(self, accounts_url: str) -> Credentials:
        """Return the client as one data centre's accounts host may know it."""
        return Credentials(accounts_url, self.client_id, self.client_secret, "")


def exchange(
    http: HttpClient,
    client: Client,
    policy: RetryPolicy,
    *,
    first: str | None = None,
    accounts_url: str | None = None,
) -> Found:
    """Return what the data centre that knows the client gives for its code.

    A code stays good where it is refused, so that all can be asked.

    Args:
        http: Makes the calls.
        client: The client and its code.
        policy: How often a host that fails is asked again.
        first: The data centre that is asked first; the others follow all the same.
        accounts_url: The accounts host that says which others there are, in place of Zoho's.

    Raises:
        GrantRefusedError: all refuse; the error is the one that says most.
        ZohoError: none could be asked.
    """
    refused: list[GrantRefusedError] = []
    failed: list[ZohoError] = []
    for name, url in _centers(http, accounts_url, first):
        found = _asked(http, client, policy, name, url)
        if isinstance(found, Found):
            return found
        if isinstance(found, GrantRefusedError):
            refused.append(found)
        else:
            logger.info("%s could not be asked: %s", urlsplit(url).hostname, found)
            failed.append(found)
    raise min(refused, key=_rank) if refused else failed[0]


def _asked(
    http: HttpClient, client: Client, policy: RetryPolicy, name: str, url: str
) -> Found | ZohoError:
    """Return what one data centre says to the code."""
    secrets = Secrets((client.client_id, client.client_secret, client.code))
    try:
        token, api_url = policy.run(
            lambda: redeem(http, client.at(url), client.code, secrets),
            lambda: None,
            machine=http.machine,
        )
    except ZohoError as error:
        return error
    return Found(name if name in DATA_CENTERS else None, url, api_url, token)


def _rank(error: GrantRefusedError) -> int:
    return _MOST_TELLING.index(error.code) if error.code in _MOST_TELLING else -1


def _centers(
    http: HttpClient, accounts_url: str | None, first: str | None
) -> Iterator[tuple[str, str]]:
    """Yield the data centres and their accounts hosts, each host once."""
    centers: Mapping[str, str]
    if accounts_url is None:
        documented = {name: center.accounts_url for name, center in DATA_CENTERS.items()}
        centers = {**documented, **_listed(http, documented["us"])}
    else:
        centers = _listed(http, accounts_url) or {first or "us": accounts_url}
    seen: set[str] = set()
    for name in sorted(centers, key=lambda name: name != first):
        url = centers[name]
        if url not in seen:
            seen.add(url)
            yield name, url


def _listed(http: HttpClient, base: str) -> Mapping[str, str]:
    """Return the accounts hosts that one of them lists; empty where it lists none.

    The client's secret goes to these hosts: to Zoho's own only, or from this machine to itself.
    """
    url = f"{base}/oauth/serverinfo"
    try:
        reply = http.exchange(f"GET {url}", "GET", url, auth=HeaderAuth(), consume=whole)
        answer = decode_json(reply.body) if reply.head.is_success else None
    except (ZohoError, ValueError, ExcessiveError) as error:
        logger.debug("%s says nothing of data centres: %s", base, error)
        return {}
    places = answer.get("locations") if isinstance(answer, dict) else None
    if not isinstance(places, dict):
        return {}
    return {
        name: place.rstrip("/")
        for name, place in places.items()
        if isinstance(place, str) and _is_trusted(place, base)
    }


def _is_trusted(place: str, base: str) -> bool:
    try:
        parts = urlsplit(place)
        home = urlsplit(base)
    except ValueError:
        return False
    if parts.hostname is None or "@" in parts.netloc:
        return False
    if home.hostname in LOOPBACK:
        return parts.hostname in LOOPBACK
    return parts.scheme == "https" and _ZOHO.fullmatch(parts.netloc.lower()) is not None
