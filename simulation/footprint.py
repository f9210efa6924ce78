"""What went over the wire and into the destination in a seed, as one short text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from zohocrm_demo.calls import Request


class Footprint:
    """Adds up requests and messages, in their order, so that two processes can be compared."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()

    def add_request(self, request: Request) -> None:
        """Add a request with its headers, in their order."""
        self._add(request.method, request.path, request.query, request.headers, request.body)

    def add_message(self, message: Mapping[str, Any]) -> None:
        """Add a message, its keys in their order, but the real time at which it was made."""
        self._add({key: value for key, value in message.items() if key != "time_extracted"})

    def text(self) -> str:
        """Return what differs as soon as anything added does."""
        return self._sum.hexdigest()

    def _add(self, *parts: object) -> None:
        self._sum.update(repr(parts).encode())
