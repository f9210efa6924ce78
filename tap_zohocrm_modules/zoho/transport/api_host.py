"""The API host: its URL, its clock, and whether it is alive."""

from __future__ import annotations

import functools
from datetime import datetime
from urllib.parse import urlsplit

from tap_zohocrm_modules.zoho.transport.auth import ZohoAuthenticator
from tap_zohocrm_modules.zoho.transport.clock import ServerClock
from tap_zohocrm_modules.zoho.transport.connection import Connection
from tap_zohocrm_modules.zoho.transport.errors import (
    AuthError,
    GivenUpError,
    NoAnswerError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.hosts import is_zohos
from tap_zohocrm_modules.zoho.transport.http import HeaderAuth, HttpClient, ReplyHead, whole

_DATES_ASKED = 4


class ApiHost:
    """The host that an organisation's API is called on; thread-safe."""

    def __init__(self, access: Connection, auth: ZohoAuthenticator, http: HttpClient) -> None:
        self._access = access
        self._auth = auth
        self._http = http

    def url(self) -> str:
        """Return its URL: the user's, else the token's, else the data centre's.

        Raises:
            ZohoError: none of them names one, or the token's is none of Zoho's.
        """
        access = self._access
        if access.api_url:
            return access.api_url
        named = self._auth.token().api_domain
        if named is not None and not is_zohos(named):
            raise AuthError(
                f"The token's answer names the API host {urlsplit(named).hostname}, which is none"
                " of Zoho's: the access token is not sent there. Check accounts_url, or set api_url"
                " if that host is right."
            )
        url = named or access.fallback_api_url
        if url is None:
            raise ZohoError("The token's answer names no api_domain: set api_url.")
        parts = urlsplit(url)
        if access.host_prefix and parts.netloc.startswith("www."):
            return f"{parts.scheme}://{access.host_prefix}.{parts.netloc.removeprefix('www.')}"
        return url

    def now(self) -> datetime:
        """Return its time, by two of its answers that agree.

        Answers to earlier calls count; where there are none, unauthenticated ones are asked for,
        which cost no credits. A host that sends no usable `Date` has this machine's time.

        Raises:
            ClockError: it is more than a day from this machine's.
            AuthError: there is no token, and so no API host.
        """
        self._auth.token()
        for _ in range(_DATES_ASKED):
            if self._clock.is_known or not self._is_alive():
                break
        return self._clock.now()

    def answered(self, head: ReplyHead) -> None:
        """Take note that a call was answered, wholly."""
        self._http.hosts.completed(self._name())
        self._clock.observe(head.headers.get("Date"), head.answered_at)

    def patience(self) -> float:
        """Return the seconds for which it may still be waited for, over all tries."""
        return self._http.hosts.patience(self._name())

    def end_if_dead(self, began: float, tried: float, error: GivenUpError) -> None:
        """End the run if it answers no call: each further one would wait as long again.

        The failed call began, and was last tried, at monotonic times.

        Raises:
            DeadHostError: it is dead.
        """
        self._http.hosts.gave_up(self._name(), began, tried, error, self._is_alive)

    def _name(self) -> str:
        return urlsplit(self.url()).netloc

    @functools.cached_property
    def _clock(self) -> ServerClock:
        return ServerClock(self._name(), self._http.machine)

    def _is_alive(self) -> bool:
        """Whether it answers at all, to a call without a token and without cost."""
        url = self.url() + "/"
        try:
            head = self._http.exchange(
                f"HEAD {url}",
                "HEAD",
                url,
                auth=HeaderAuth(),
                consume=whole,
                longest=self._http.times.sign_of_life,
            ).head
        except NoAnswerError:
            return False
        self._clock.observe(head.headers.get("Date"), head.answered_at)
        return True
