"""The time of Zoho's servers, which decides what was modified before what."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import requests

from tap_zohocrm_modules.zoho.transport.instants import in_header


class ServerClock:
    """Tells the server's time by the `Date` headers of its answers, to about a second."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def observe(self, response: requests.Response, **_: Any) -> None:
        """Compare clocks; a response hook of `requests`."""
        then = in_header(response.headers.get("Date", ""))
        if then is not None:
            self._ahead = then - datetime.now(timezone.utc)

    def now(self) -> datetime:
        """Return the server's time, or this machine's before the first answer; in UTC."""
        return datetime.now(timezone.utc) + self._ahead
