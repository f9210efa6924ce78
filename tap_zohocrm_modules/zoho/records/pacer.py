"""Keeps downloads apart.

https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html
"""

from __future__ import annotations

import collections
import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

_DOWNLOADS = 10
# Zoho counts when it hears of a download, a little later than it begins here.
_MINUTE = 62


class DownloadPacer:
    """Keeps a run within Zoho's ten downloads a minute."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._begun: collections.deque[float] = collections.deque()

    def wait(self, sleep: Callable[[float], object] = time.sleep) -> None:
        """Return when another download may begin."""
        with self._lock:
            now = self._now()
            begin = max(now, self._begun[0] + _MINUTE) if len(self._begun) >= _DOWNLOADS else now
            if begin > now:
                logger.info(
                    "Waiting %.0f s: Zoho allows %d downloads a minute.", begin - now, _DOWNLOADS
                )
                sleep(begin - now)
            self._begun.append(begin)
            if len(self._begun) > _DOWNLOADS:
                self._begun.popleft()
