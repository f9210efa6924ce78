"""Codes that a user makes in the API console, each worth a refresh token once.

Source: https://www.zoho.com/crm/developer/docs/api/v8/auth-request.html and access-refresh.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LONGEST_LIFE = 600
"""Seconds that a Self Client's code lives at the most."""


@dataclass(frozen=True, slots=True)
class _Code:
    expires: datetime
    client_id: str
    redirect_uri: str | None
    offline: bool


@dataclass(slots=True)
class Codes:
    """The codes that are still to be exchanged; thread-safe."""

    clock: Callable[[], datetime]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _codes: dict[str, _Code] = field(default_factory=dict)

    def add(
        self, code: str, client_id: str, seconds: float, redirect_uri: str | None, *, offline: bool
    ) -> None:
        """Accept a code once within so many seconds, from this client."""
        expires = self.clock() + timedelta(seconds=min(seconds, LONGEST_LIFE))
        with self._lock:
            self._codes[code] = _Code(expires, client_id, redirect_uri, offline)

    def redeem(self, sent: Mapping[str, str]) -> tuple[str | None, bool]:
        """Use a code up: Zoho's error, or None, and whether it is worth a refresh token."""
        with self._lock:
            code = self._codes.get(sent.get("code", ""))
            if (
                code is None
                or code.client_id != sent.get("client_id")
                or self.clock() >= code.expires
            ):
                return "invalid_code", False
            if code.redirect_uri is not None and sent.get("redirect_uri") != code.redirect_uri:
                return "invalid_redirect_uri", False
            del self._codes[sent["code"]]
            return None, code.offline
