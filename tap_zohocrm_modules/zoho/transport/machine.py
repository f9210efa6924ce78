"""What the tap takes from the machine that it runs on: time, chance, threads and the network."""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timezone
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from tap_zohocrm_modules.zoho.transport.daemon_pool import DaemonPool, in_thread
from tap_zohocrm_modules.zoho.transport.hosts import LOOPBACK


def new_session(*, pool: int, url: str) -> requests.Session:
    """Return a session for `pool` simultaneous calls; it retries and redirects nothing itself."""
    session = requests.Session()
    adapter = HTTPAdapter(pool_maxsize=pool, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers["User-Agent"] = f"tap-zohocrm-modules/{metadata.version('tap-zohocrm-modules')}"
    # The one encoding whose unpacking is bounded.
    session.headers["Accept-Encoding"] = "gzip"
    # No proxy leads to this very machine.
    session.trust_env = urlsplit(url).hostname not in LOOPBACK
    return session


@dataclasses.dataclass(frozen=True, slots=True)
class Machine:
    """The machine that a run has; a simulation, and tests, hand in another one.

    The progress that people watch, and the times that messages carry, are the real machine's.
    """

    # This machine's time, which may be set while the tap runs.
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    monotonic: Callable[[], float] = time.monotonic  # seconds that pass evenly
    sleep: Callable[[float], object] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform  # a number between two
    # Returns a pool of so many threads, by the name that they have.
    pool: Callable[[int, str], Executor] = DaemonPool
    aside: Callable[[Callable[[], Any]], Future[Any]] = in_thread  # runs what may hang
    # Returns a session for `pool` simultaneous calls of the host of `url`.
    session: Callable[..., requests.Session] = new_session
