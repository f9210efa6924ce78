"""Which hosts have answered in this run, and how long one that has not is waited for."""

from __future__ import annotations

import dataclasses
import math
import threading

from tap_zohocrm_modules.zoho.transport.bounds import FIRST_ANSWER_GRACE, TimeLimits
from tap_zohocrm_modules.zoho.transport.clock import LocalClock
from tap_zohocrm_modules.zoho.transport.errors import DeadHostError


@dataclasses.dataclass(slots=True)
class _Health:
    first_called: float
    has_answered: bool = False
    last_whole: float = -math.inf
    strikes: int = 0
    doubted_since: float | None = None
    dead: DeadHostError | None = None


class HostHealth:
    """Remembers of each host when it was first called and last answered; thread-safe.

    Args:
        limits: How long things may take.
    """

    def __init__(self, limits: TimeLimits, clock: LocalClock) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._hosts: dict[str, _Health] = {}
        self._session_end = clock.monotonic() + (limits.session or math.inf)

    def called(self, host: str) -> None:
        """Note that a host is about to be called.

        Raises:
            DeadHostError: it was found dead before.
        """
        with self._lock:
            now = self._clock.monotonic()
            health = self._hosts.setdefault(host, _Health(now))
            if health.dead is not None:
                raise health.dead
            if health.strikes and health.doubted_since is None:
                health.doubted_since = now

    def answered(self, host: str) -> float:
        """Note that a host's answer has begun, and return the monotonic time of it."""
        now = self._clock.monotonic()
        with self._lock:
            self._hosts.setdefault(host, _Health(now)).has_answered = True
        return now

    def completed(self, host: str) -> None:
        """Note that a whole answer has come from a host."""
        now = self._clock.monotonic()
        with self._lock:
            health = self._hosts.setdefault(host, _Health(now))
            health.last_whole, health.strikes, health.doubted_since = now, 0, None

    def strike(self, host: str) -> int:
        """Count a call that had no whole answer in all its tries, and return how many in a row."""
        with self._lock:
            health = self._hosts.setdefault(host, _Health(self._clock.monotonic()))
            health.strikes += 1
            return health.strikes

    def has_completed_since(self, host: str, then: float) -> bool:
        """Whether a whole answer has come from a host since a monotonic time."""
        with self._lock:
            health = self._hosts.get(host)
            return health is not None and health.last_whole >= then

    def declare_dead(self, host: str, error: DeadHostError) -> DeadHostError:
        """Return the error with which every further call of a host ends."""
        with self._lock:
            health = self._hosts.setdefault(host, _Health(self._clock.monotonic()))
            health.dead = health.dead or error
            return health.dead

    def patience(self, host: str) -> float:
        """Return the seconds for which a host may still be waited for, over all tries.

        One that has answered has all that the tries take. If a call had no whole answer in all of
        them, the next one is not waited for as long again, but once.
        """
        now = self._clock.monotonic()
        left = self._session_end - now
        with self._lock:
            health = self._hosts.get(host)
            began = None if health is None else health.doubted_since
            if health is not None and began is None and not health.has_answered:
                began = health.first_called
        if began is None:
            return left
        return min(left, began + self._limits.request + FIRST_ANSWER_GRACE - now)
