"""Which hosts have answered, and how long others are waited for."""

from __future__ import annotations

import dataclasses
import math
import threading
from collections.abc import Callable

from tap_zohocrm_modules.zoho.transport.connection import TimeLimits
from tap_zohocrm_modules.zoho.transport.errors import DeadHostError, GivenUpError
from tap_zohocrm_modules.zoho.transport.machine import Machine

_STRIKES = 2


@dataclasses.dataclass(slots=True)
class _Health:
    first_called: float
    has_answered: bool = False
    last_whole: float = -math.inf
    strikes: int = 0
    doubted_since: float | None = None
    # Why it is dead: each call ends by an error of its own, since those who meet one clear away
    # what is behind it, such as another thread's read that waits where it has caught it.
    dead: str | None = None


class HostHealth:
    """Remembers of each host when it was first called and last answered; thread-safe."""

    def __init__(self, limits: TimeLimits, machine: Machine) -> None:
        self._limits = limits
        self._machine = machine
        self._lock = threading.Lock()
        self._hosts: dict[str, _Health] = {}
        self._session_end = machine.monotonic() + (limits.session or math.inf)

    def called(self, host: str) -> None:
        """Note that a host is about to be called; DeadHostError: it was found dead before."""
        with self._lock:
            health = self._of(host)
            if health.dead is not None:
                raise DeadHostError(health.dead)
            if health.strikes and health.doubted_since is None:
                health.doubted_since = self._machine.monotonic()

    def answered(self, host: str) -> float:
        """Note that a host's answer has begun, and return the monotonic time of it."""
        with self._lock:
            self._of(host).has_answered = True
            return self._machine.monotonic()

    def completed(self, host: str) -> None:
        """Note that a whole answer has come from a host."""
        with self._lock:
            health = self._of(host)
            health.last_whole, health.strikes = self._machine.monotonic(), 0
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
            health.dead = health.dead or str(error)
            raise DeadHostError(health.dead) from error

    def _has_completed_since(self, host: str, then: float) -> bool:
        with self._lock:
            return self._of(host).last_whole >= then

    def patience(self, host: str) -> float:
        """Return the seconds for which a host may still be waited for, over all tries.

        One that has answered has all that the tries take. If a call had no whole answer in all of
        them, the next one is not waited for as long again, but once.
        """
        now = self._machine.monotonic()
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
        return min(left, began + self._limits.request + self._limits.first_answer - now)

    def _of(self, host: str) -> _Health:
        return self._hosts.setdefault(host, _Health(self._machine.monotonic()))
