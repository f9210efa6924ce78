"""The journal: every request that the demo organisation got, and what it answered."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, parsed but not judged: path and query as sent, headers in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The decoded query parameters in order, empty and repeated ones included."""
        return tuple(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> tuple[tuple[str, str], ...]:
        """The decoded pairs of a form body; none when the body is of another type."""
        if not self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return ()
        return tuple(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Call:
    """One entry of the journal.

    Attributes:
        path: The path as sent, without the query string.
        params: Decoded query parameters; the last one of repeated ones.
        headers: Headers with names in lower case.
        form: Decoded parameters of a form body.
        status: The status answered; None when no answer has gone out (yet): reset or stalled.
    """

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes
    form: dict[str, str]
    status: int | None = None


class Journal:
    """Calls in order of arrival; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call so far."""
        with self._lock:
            return tuple(self._calls)

    def arrived(self, request: Request) -> int:
        """Enter a request; the number returned is for `answered`."""
        params, headers, form = dict(request.pairs), dict(request.headers), dict(request.form)
        call = Call(request.method, request.path, params, headers, request.body, form)
        with self._lock:
            self._calls.append(call)
            return len(self._calls) - 1

    def answered(self, number: int, status: int) -> None:
        """Note the status just before it goes out, so that a client that has it finds it here."""
        with self._lock:
            self._calls[number] = replace(self._calls[number], status=status)
