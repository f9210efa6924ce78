"""The access token of a run: shared by all threads, and with other processes; renewed in time."""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from tap_zohocrm_modules.zoho.transport.connection import Credentials
from tap_zohocrm_modules.zoho.transport.errors import AuthError, ZohoError
from tap_zohocrm_modules.zoho.transport.http import HttpClient
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from tap_zohocrm_modules.zoho.transport.texts import Secrets
from tap_zohocrm_modules.zoho.transport.token_cache import TokenCache
from tap_zohocrm_modules.zoho.transport.token_endpoint import MINT_WINDOW, Token, mint

MINTS_PER_WINDOW = 10


class _TooManyMintsError(AuthError):
    """This process has asked for too many tokens lately; it may ask again later."""


class ZohoAuthenticator:
    """Holds one organisation's access token; thread-safe.

    Asks for at most `MINTS_PER_WINDOW` access tokens in `MINT_WINDOW` seconds whatever happens,
    since Zoho blocks the refresh token of those who ask for more.

    Args:
        secrets: Masks what must not show; tokens are added.
        cache: Where other processes find the token; None for nowhere.
        on_retry: Called before each further try.
    """

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        credentials: Credentials,
        http: HttpClient,
        *,
        policy: RetryPolicy,
        secrets: Secrets | None = None,
        cache: TokenCache | None = None,
        on_retry: Callable[[], None] = lambda: None,
    ) -> None:
        self._credentials = credentials
        self._http = http
        self._policy = policy
        self.secrets = secrets or credentials.secrets()
        self._cache = cache
        self._on_retry = on_retry
        self._lock = threading.Lock()
        self._held: Token | None = None
        self._renew_at = 0.0  # monotonic
        self._rejected: set[str] = set()
        self._refused: str | None = None
        self._minted: collections.deque[float] = collections.deque(maxlen=MINTS_PER_WINDOW)

    def token(self) -> Token:
        """Return a token that is good for some minutes, asking for one if need be.

        Raises:
            AuthError: none is to be had; it is not asked for again.
        """
        with self._lock:
            if self._refused is not None:
                raise AuthError(self._refused)
            if self._held is None or self._now() >= self._renew_at:
                try:
                    self._held = self._obtained()
                except _TooManyMintsError:
                    raise
                except ZohoError as error:
                    # Asking again for each call to come would only add to the mints.
                    self._refused = str(error)
                    raise AuthError(self._refused) from error
            return self._held

    def give_up(self, error: ZohoError) -> AuthError:
        """Return the error with which every further call for a token will end."""
        with self._lock:
            self._refused = self._refused or str(error)
            return AuthError(self._refused)

    def invalidate(self, token: Token) -> None:
        """Forget a token that Zoho rejects, unless another thread has replaced it already."""
        with self._lock:
            self._rejected.add(token.value)
            if self._held is not None and self._held.value == token.value:
                self._held = None

    def _now(self) -> float:
        return self._http.machine.monotonic()

    def _obtained(self) -> Token:
        if self._cache is None:
            return self._minted_patiently()
        if found := self._found(self._cache):
            return found
        with self._cache.locked(min(self._policy.max_time, self._patience())):
            # Whoever held the lock before may have left a token.
            if found := self._found(self._cache):
                return found
            token = self._minted_patiently()
            self._cache.write(token)
            return token

    def _found(self, cache: TokenCache) -> Token | None:
        token = cache.read()
        if token is None or token.value in self._rejected:
            return None
        self.secrets.add(token.value)
        self._renew_at = self._now() + token.good_for
        return token

    def _minted_patiently(self) -> Token:
        return self._policy.run(self._mint, self._on_retry, self._patience, self._http.machine)

    def _patience(self) -> float:
        return self._http.hosts.patience(urlsplit(self._credentials.accounts_url).netloc)

    def _mint(self) -> Token:
        now = self._now()
        if len(self._minted) == MINTS_PER_WINDOW and now - self._minted[0] < MINT_WINDOW:
            wait = MINT_WINDOW - (now - self._minted[0])
            raise _TooManyMintsError(
                f"{MINTS_PER_WINDOW} access tokens were asked for within {MINT_WINDOW / 60:.0f}"
                f" minutes, which is all that Zoho allows: run again in {wait:.0f} s, and find out"
                " what makes the tokens end early."
            )
        self._minted.append(now)
        token = mint(self._http, self._credentials, self.secrets)
        self._renew_at = now + token.good_for
        return token
