"""The time of Zoho's servers, which decides what was modified before what."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import requests


class ServerClock:
    """Tells the server's time by the `Date` headers of its answers, to about a second."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def observe(self, response: requests.Response, **_: Any) -> None:
        """Compare clocks; a response hook of `requests`."""
        try:
            then = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return
        if then.tzinfo is not None:
            self._ahead = then - datetime.now(timezone.utc)

    def now(self) -> datetime:
        """Return the server's time, or this machine's before the first answer; in UTC."""
        return datetime.now(timezone.utc) + self._ahead
