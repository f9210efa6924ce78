"""Keeps downloads apart.

https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html
"""

from __future__ import annotations

import collections
import logging
import threading

from tap_zohocrm_modules.zoho.transport.machine import Machine

logger = logging.getLogger(__name__)

_DOWNLOADS = 10
# Zoho counts when it hears of a download, a little later than it begins here.
_MINUTE = 62


class DownloadPacer:
    """Keeps a run within Zoho's ten downloads a minute."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._lock = threading.Lock()
        self._begun: collections.deque[float] = collections.deque()

    def wait(self) -> None:
        """Return when another download may begin."""
        with self._lock:
            now = self._machine.monotonic()
            begin = max(now, self._begun[0] + _MINUTE) if len(self._begun) >= _DOWNLOADS else now
            if begin > now:
                logger.info(
                    "Waiting %.0f s: Zoho allows %d downloads a minute.", begin - now, _DOWNLOADS
                )
                self._machine.sleep(begin - now)
            self._begun.append(begin)
            if len(self._begun) > _DOWNLOADS:
                self._begun.popleft()
