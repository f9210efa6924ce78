"""One HTTP exchange: a request and its whole answer, within bounds of time and size.

Knows of connections, statuses and bodies, and nothing of Zoho's tokens or streams. Nothing is
retried or followed elsewhere here.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from datetime import datetime, timezone
from http import HTTPStatus
from typing import Any, BinaryIO, TypeVar
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from typing_extensions import override

from tap_zohocrm_modules.zoho.transport.body import Abandonable, BodyReader
from tap_zohocrm_modules.zoho.transport.connection import Bounds, TimeLimits
from tap_zohocrm_modules.zoho.transport.connection_errors import failures_of
from tap_zohocrm_modules.zoho.transport.errors import NoAnswerError, UnfinishedError, ZohoError
from tap_zohocrm_modules.zoho.transport.host_health import HostHealth
from tap_zohocrm_modules.zoho.transport.instants import in_header
from tap_zohocrm_modules.zoho.transport.machine import Machine

T = TypeVar("T")

CREDITS_LEFT = "X-API-CREDITS-REMAINING"


@dataclasses.dataclass(frozen=True, slots=True)
class ReplyHead:
    """What comes before the body of an answer; the headers' names may be in any case."""

    status: int
    headers: Mapping[str, str]
    answered_at: float = 0  # monotonic time at which the answer began

    @property
    def is_success(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300  # noqa: PLR2004 - as HTTP defines it

    @property
    def retry_after(self) -> float | None:
        """The seconds that `Retry-After` asks for, in seconds or as a date."""
        value = self.headers.get("Retry-After", "").strip()
        if re.fullmatch(r"\d{1,9}", value):
            return float(value)
        until = in_header(value)
        if until is None:
            return None
        return max(0.0, (until - datetime.now(timezone.utc)).total_seconds())

    @property
    def credits_left(self) -> int | None:
        """What is left of the organisation's daily credits, if Zoho says so."""
        value = self.headers.get(CREDITS_LEFT, "")
        return int(value) if re.fullmatch(r"\d{1,15}", value, re.ASCII) else None


@dataclasses.dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    head: ReplyHead
    body: bytearray  # unpacked; empty where it went to a file
    is_file: bool = False  # the body was written to the file


def whole(reply: Reply) -> Reply:
    """Return the answer as it is: for small ones."""
    return reply


class HeaderAuth(AuthBase):
    """Sends an `Authorization` header, or none: never the password of a .netrc file."""

    def __init__(self, header: str | None = None) -> None:
        self._header = header

    @override
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._header is not None:
            request.headers["Authorization"] = self._header
        return request


class HttpClient:
    """Makes exchanges in a session of a `Machine`, many at a time if need be; to be closed."""

    def __init__(
        self,
        session: requests.Session,
        times: TimeLimits | None = None,
        bounds: Bounds | None = None,
        machine: Machine | None = None,
    ) -> None:
        self._session = session
        self.times = times or TimeLimits()
        self.machine = machine or Machine()
        self.hosts = HostHealth(self.times, self.machine)
        self._bodies = BodyReader(bounds or Bounds())

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def exchange(  # noqa: PLR0913 - each by its name
        self,
        what: object,
        method: str,
        url: str,
        *,
        auth: HeaderAuth,
        consume: Callable[[Reply], T],
        file: BinaryIO | None = None,
        longest: float | None = None,
        **how: Any,
    ) -> T:
        """Make one HTTP request and return what `consume` makes of the answer, whatever its status.

        Args:
            what: The call, with which the texts of errors begin.
            method: The HTTP verb.
            url: Where it goes.
            auth: Sets the `Authorization` header.
            consume: Runs while no other large answer is in memory; keeps no more than it needs.
            file: Takes the body of a success that is a file, from the file's beginning.
            longest: Seconds that it may take, if fewer than the limits say.
            **how: What `requests` takes besides: `params`, `headers`, `json`, `data`.

        Raises:
            NoAnswerError: no connection, or no answer began.
            TransientError: the answer stalled, broke off, or took longer than the limits allow.
            DeadHostError: the host was found dead before, or has no trusted certificate.
            UnreadableAnswerError: the answer is larger than the bounds allow.
            ZohoError: the URL cannot be called at all, from this machine or through its proxy.
        """
        host = urlsplit(url).netloc
        self.hosts.called(host)
        end = self.machine.monotonic() + min(self.times.total, longest or self.times.total)
        how["timeout"] = min(self.times.request, longest or self.times.request)
        state = Abandonable()
        request = functools.partial(
            self._session.request, method, url, auth=auth, allow_redirects=False, stream=True, **how
        )
        future: Future[T] = self.machine.aside(
            lambda: self._consumed(url, request, consume, file, state)
        )
        try:
            return self._awaited(future, host, end, state)
        except ZohoError as error:
            error.begin_with(what)
            raise

    def _awaited(self, future: Future[T], host: str, end: float, state: Abandonable) -> T:
        """Return what becomes of an exchange, unless it lasts beyond its end."""
        while not future.done():
            now = self.machine.monotonic()
            patience = self.hosts.patience(host)
            if now >= end or patience <= 0:
                state.abandon()
                bound = "total_timeout" if now >= end else "request_timeout"
                if state.has_begun:
                    raise UnfinishedError(f"{host} did not end its answer within {bound}.")
                raise NoAnswerError(f"{host} did not answer within {bound}.")
            wait([future], timeout=min(end - now, patience))
        return future.result()

    def _consumed(
        self,
        url: str,
        request: Callable[[], requests.Response],
        consume: Callable[[Reply], T],
        file: BinaryIO | None,
        state: Abandonable,
    ) -> T:
        with contextlib.ExitStack() as turn:
            with failures_of(url, state), request() as response:
                answered_at = self.hosts.answered(urlsplit(url).netloc)
                state.has_begun = True
                head = ReplyHead(response.status_code, response.headers, answered_at)
                if file is not None and head.status == HTTPStatus.OK and _is_file(response):
                    self._bodies.save(response, state, file)
                    reply = Reply(head, bytearray(), is_file=True)
                else:
                    reply = Reply(head, self._bodies.read(response, state, turn))
            return consume(reply)


def _is_file(response: requests.Response) -> bool:
    """Whether an answer is not a page or error that the status does not show."""
    kind = response.headers.get("Content-Type", "").lower()
    is_page = kind.startswith("text/") and not kind.startswith("text/csv")
    return not is_page and "json" not in kind
