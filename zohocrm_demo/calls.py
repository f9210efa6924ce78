"""Requests, what handlers know of them, and the journal: every request and what it got."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.parser import HeaderParser
from urllib.parse import parse_qsl

from zohocrm_demo.answers import Answer
from zohocrm_demo.limits import RequestLimits
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.references import Row
from zohocrm_demo.versions import Version


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
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return tuple(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
        parts = parts_of(self.headers, self.body)
        return tuple(
            (one.name, one.content.decode("utf-8", "replace"))
            for one in parts
            if one.file_name is None
        )


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part of a multipart form."""

    name: str
    file_name: str | None  # None: a plain value
    content_type: str
    content: bytes


def parts_of(headers: Mapping[str, str], body: bytes) -> tuple[FormPart, ...]:
    """The parts of a multipart form; none when the body is of another type."""
    kind = headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return ()
    boundary = HeaderParser().parsestr(f"Content-Type: {kind}").get_boundary("").encode()
    found: list[FormPart] = []
    if not boundary:
        return ()
    # Split here and not parsed as e-mail, which would take a file that is a message apart.
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        if part.startswith(b"--"):
            break
        head, _, content = part.lstrip(b" \t").partition(b"\r\n\r\n")
        said = HeaderParser().parsestr(head.removeprefix(b"\r\n").decode("utf-8", "replace"))
        name = said.get_param("name", "", header="content-disposition")
        found.append(FormPart(str(name), said.get_filename(), said.get_content_type(), content))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler knows of the call that it answers."""

    organisation: Organisation
    variables: Mapping[str, str]  # the `{...}` parts of the path, decoded
    params: Mapping[str, str]  # the query parameters, judged
    headers: Mapping[str, str]  # the request's headers with names in lower case
    body: bytes
    now: datetime
    # Answers another call of the same client, whose credits are paid already.
    call: Callable[[Request], Answer]
    download_url: str  # the host of files
    version: Version = field(default_factory=Version)
    lenient: bool = False  # whether unknown parameters and names are ignored
    limits: RequestLimits = field(default_factory=RequestLimits)
    most_rows: int | None = None  # on a page, in a part of a composite request
    module: Row | None = None  # that the parameter `module` names, if the call judges it
    # What variables in the middle of the path name, by the variable.
    known: Mapping[str, Row] = field(default_factory=dict)

    @property
    def module_name(self) -> str | None:
        """The API name of `module`."""
        return None if self.module is None else self.module["api_name"]


@dataclass(frozen=True, slots=True)
class Call:
    """One entry of the journal."""

    method: str
    path: str  # the path as sent, without the query string
    params: dict[str, str]  # decoded query parameters; the last one of repeated ones
    headers: dict[str, str]  # headers with names in lower case
    body: bytes
    form: dict[str, str]  # decoded parameters of a form body
    status: int | None = None  # None when no answer has gone out (yet)


class Journal:
    """The latest calls in order of arrival; safe to use from several threads."""

    def __init__(self, most: int = 20_000) -> None:
        self._lock = threading.Lock()
        self._most = most
        self._first = 0  # the number of the earliest one that is still there
        self._calls: deque[Call] = deque()

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls so far, the latest of them if they are very many."""
        with self._lock:
            return tuple(self._calls)

    def arrived(self, request: Request) -> int:
        """Enter a request; the number returned is for `answered`."""
        params, headers, form = dict(request.pairs), dict(request.headers), dict(request.form)
        call = Call(request.method, request.path, params, headers, request.body, form)
        with self._lock:
            self._calls.append(call)
            if len(self._calls) > self._most:
                self._calls.popleft()
                self._first += 1
            return self._first + len(self._calls) - 1

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._first += len(self._calls)
            self._calls.clear()

    def answered(self, number: int, status: int) -> None:
        """Note the status just before it goes out, so that a client that has it finds it here."""
        with self._lock:
            if number >= self._first:
                place = number - self._first
                self._calls[place] = replace(self._calls[place], status=status)
