"""Which hosts may be called, which have answered, and how long others are waited for."""

from __future__ import annotations

import dataclasses
import math
import re
import threading
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from tap_zohocrm_modules.zoho.transport.clock import LocalClock
from tap_zohocrm_modules.zoho.transport.connection import TimeLimits
from tap_zohocrm_modules.zoho.transport.errors import (
    DeadHostError,
    GivenUpError,
    UnreadableAnswerError,
)

FIRST_ANSWER_GRACE = 15.0
"""Seconds beyond `request` after which the tap stops waiting for a host that has never answered."""

_STRIKES = 2
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

# https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html, and the hosts in Zoho's own clients.
_API_HOST = re.compile(
    r"([a-z0-9-]+\.)?(zohoapis\.(com|eu|in|com\.au|jp|com\.cn|ca|sa|uk|ae)|zohocloud\.ca)"
)


def is_safe(parts: SplitResult) -> bool:
    """Whether a token may travel there."""
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def is_zohos(url: str) -> bool:
    """Whether a URL is that of an API host of Zoho, or of this machine."""
    host = (urlsplit(url).hostname or "").lower()
    return host in LOOPBACK or _API_HOST.fullmatch(host) is not None


def on_host(base: str, target: str) -> str:
    """Return the URL of a path, or of an absolute URL, that lies on the host of `base`.

    Raises:
        UnreadableAnswerError: it leads elsewhere, and so the token must not be sent there.
    """
    path = target if target.startswith("/") else _path_on(base, target)
    is_plain = path.isascii() and path.isprintable() and not set(path) & set(' \\"<>')
    # After the host's name anything but a path would make it another one.
    if not path.startswith("/") or path.startswith("//") or not is_plain:
        raise UnreadableAnswerError(
            "Zoho names a URL that is not on its API host: it is not called, since the access"
            " token would go there."
        )
    return base + path


def _path_on(base: str, target: str) -> str:
    """Return the path and query of an absolute URL on the host of `base`; else an empty text."""
    try:
        parts, home = urlsplit(target), urlsplit(base)
    except ValueError:
        return ""
    if (parts.scheme, parts.netloc.lower()) != (home.scheme, home.netloc.lower()):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


@dataclasses.dataclass(slots=True)
class _Health:
    first_called: float
    has_answered: bool = False
    last_whole: float = -math.inf
    strikes: int = 0
    doubted_since: float | None = None
    dead: DeadHostError | None = None


class HostHealth:
    """Remembers of each host when it was first called and last answered; thread-safe."""

    def __init__(self, limits: TimeLimits, clock: LocalClock) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._hosts: dict[str, _Health] = {}
        self._session_end = clock.monotonic() + (limits.session or math.inf)

    def called(self, host: str) -> None:
        """Note that a host is about to be called; DeadHostError: it was found dead before."""
        with self._lock:
            health = self._of(host)
            if health.dead is not None:
                raise health.dead
            if health.strikes and health.doubted_since is None:
                health.doubted_since = self._clock.monotonic()

    def answered(self, host: str) -> float:
        """Note that a host's answer has begun, and return the monotonic time of it."""
        with self._lock:
            self._of(host).has_answered = True
            return self._clock.monotonic()

    def completed(self, host: str) -> None:
        """Note that a whole answer has come from a host."""
        with self._lock:
            health = self._of(host)
            health.last_whole, health.strikes = self._clock.monotonic(), 0
            health.doubted_since = None

    def gave_up(
        self,
        host: str,
        began: float,
        tried: float,
        error: GivenUpError,
        is_alive: Callable[[], bool],
    ) -> None:
        """Note that a call had no whole answer; it began, and was last tried, at monotonic times.

        A host that shows a sign of life may have failed on this call only, unless the next one has
        no whole answer either.

        Raises:
            DeadHostError: the host is dead, and so every further call of it ends.
        """
        if self._has_completed_since(host, tried):
            return
        has_life = is_alive()
        if has_life and self._has_completed_since(host, began):
            return
        with self._lock:
            health = self._of(host)
            health.strikes += has_life
            if has_life and health.strikes < _STRIKES:
                return
            health.dead = health.dead or DeadHostError(str(error))
            raise health.dead from error

    def _has_completed_since(self, host: str, then: float) -> bool:
        with self._lock:
            return self._of(host).last_whole >= then

    def patience(self, host: str) -> float:
        """Return the seconds for which a host may still be waited for, over all tries.

        One that has answered has all that the tries take. If a call had no whole answer in all of
        them, the next one is not waited for as long again, but once.
        """
        now = self._clock.monotonic()
        left = self._session_end - now
        with self._lock:
            health = self._hosts.get(host)
            if health is None:
                return left
            began = health.doubted_since
            if began is None and not health.has_answered:
                began = health.first_called
        if began is None:
            return left
        return min(left, began + self._limits.request + FIRST_ANSWER_GRACE - now)

    def _of(self, host: str) -> _Health:
        return self._hosts.setdefault(host, _Health(self._clock.monotonic()))
