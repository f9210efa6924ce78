"""What happens on the way between the tap and Zoho, at the level of HTTP.

Knows of requests and answers, and nothing of the tap but that it takes its sessions from a machine.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter
from typing_extensions import override

from support.altered import rows_of, with_rows
from support.run import machine_of_tests, with_options
from tap_zohocrm_modules.zoho.transport.machine import Machine
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request

Send: TypeAlias = Callable[[Request], Answer]
Way: TypeAlias = Callable[[Request, Send], Answer]
Options: TypeAlias = contextlib.AbstractContextManager[None]

_SINCE = "if-modified-since"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# An answer comes here unpacked and in one piece.
_OF_THE_BODY = {"content-encoding", "content-length", "transfer-encoding"}


def on_the_way(way: Way) -> Options:
    """Let this answer the tap's requests; it sends them on, or altered ones, or none."""
    return with_options(machine=machine_with(way, machine_of_tests()))


def machine_with(way: Way, machine: Machine | None = None) -> Machine:
    """A machine in whose sessions this answers requests."""
    machine = machine or Machine()

    def session(**how: Any) -> requests.Session:
        made = machine.session(**how)
        for scheme in ("http://", "https://"):
            made.mount(scheme, _Adapter(way, made.get_adapter(scheme)))
        return made

    return dataclasses.replace(machine, session=session)


def altered_answers(alter: Callable[[Request, Answer], Answer]) -> Options:
    """Let the tap get other answers than those that come."""
    return on_the_way(lambda request, send: alter(request, send(request)))


def altered_requests(alter: Callable[[Request], Request]) -> Options:
    """Let other requests arrive than those that the tap makes."""
    return on_the_way(lambda request, send: send(alter(request)))


def before(
    matches: Callable[[Request], bool], happen: Callable[[], object], times: int | None = None
) -> Options:
    """Let something happen before requests that match, so many times."""
    counter = _Counter(times)

    def way(request: Request, send: Send) -> Answer:
        if matches(request) and counter.is_due():
            happen()
        return send(request)

    return on_the_way(way)


def after(
    matches: Callable[[Request], bool], happen: Callable[[], object], times: int | None = None
) -> Options:
    """Let something happen while the answers to requests that match are on their way."""
    counter = _Counter(times)

    def way(request: Request, send: Send) -> Answer:
        answer = send(request)
        if matches(request) and counter.is_due():
            happen()
        return answer

    return on_the_way(way)


def lists_lack(module: str, *ids: str) -> Options:
    """Let lists and queries of a module lack records, of which counts and calls by id know."""

    def alter(request: Request, answer: Answer) -> Answer:
        is_list = request.path == f"/crm/v8/{module}" and "ids" not in params_of(request)
        if not (is_list or f" from {module} " in query_of(request)) or not answer.body:
            return answer
        rows = [row for row in rows_of(answer) if row.get("id") not in ids]
        return with_rows(answer, rows)

    return altered_answers(alter)


def without_their_own_second(path: str) -> Options:
    """Let `If-Modified-Since` of calls of a path leave out the second that it names."""

    def later(request: Request) -> Request:
        since = request.headers.get(_SINCE)
        if since is None or request.path != path:
            return request
        second = datetime.fromisoformat(since) + timedelta(seconds=1)
        return dataclasses.replace(
            request, headers={**request.headers, _SINCE: second.isoformat(timespec="seconds")}
        )

    return altered_requests(later)


def server_time(*, now: Callable[[], datetime]) -> Options:
    """Let Zoho's hosts say that this is the time, and the tap's machine agree."""

    def dated(_: Request, answer: Answer) -> Answer:
        date = format_datetime(now().astimezone(timezone.utc), usegmt=True)
        return dataclasses.replace(answer, headers={**answer.headers, "Date": date})

    machine = _machine_at(now)
    return with_options(
        machine=machine_with(lambda request, send: dated(request, send(request)), machine)
    )


def time_of(clock: Callable[[], datetime]) -> Options:
    """Let the tap's machine have the time of a sample organisation's clock.

    Where that one stands still, runs have one cutoff, however long each takes.
    """
    return with_options(machine=_machine_at(clock))


def query_of(request: Request) -> str:
    """The query that a request makes by COQL; nothing if it makes none."""
    if not request.path.endswith("/coql"):
        return ""
    return str(json.loads(request.body)["select_query"])


def params_of(request: Request) -> dict[str, str]:
    """Its query parameters."""
    return dict(request.pairs)


def _machine_at(now: Callable[[], datetime]) -> Machine:
    def seconds() -> float:
        return (now() - _EPOCH).total_seconds()

    return dataclasses.replace(machine_of_tests(), now=now, monotonic=seconds)


@dataclasses.dataclass(slots=True)
class _Counter:
    left: int | None  # None for no bound

    def is_due(self) -> bool:
        if self.left is not None:
            if self.left == 0:
                return False
            self.left -= 1
        return True


class _Adapter(BaseAdapter):
    """Lets a `Way` answer what another adapter would."""

    def __init__(self, way: Way, real: BaseAdapter) -> None:
        super().__init__()
        self._way = way
        self._real = real

    @override
    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:  # type: ignore[override]
        def onwards(altered: Request) -> Answer:
            if altered is not arriving:
                length = {"content-length": str(len(altered.body))} if altered.body else {}
                request.prepare_headers({**altered.headers, **length})
                request.body = altered.body
            with self._real.send(request, **how) as response:
                return _answer(response)

        arriving = _request(request)
        return _response(request, self._way(arriving, onwards))

    @override
    def close(self) -> None:
        self._real.close()


def _request(request: requests.PreparedRequest) -> Request:
    parts = urlsplit(request.url or "")
    body = request.body or b""
    return Request(
        request.method or "",
        str(parts.path),
        str(parts.query),
        {name.lower(): str(value) for name, value in request.headers.items()},
        body.encode() if isinstance(body, str) else body,
    )


def _answer(response: requests.Response) -> Answer:
    kept = {name: text for name, text in response.headers.items() if name.lower() != "content-type"}
    return Answer(
        response.status_code, response.content, response.headers.get("Content-Type"), kept
    )


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    kind = {} if answer.content_type is None else {"Content-Type": answer.content_type}
    headers = {
        name: text
        for name, text in {**answer.headers, **kind}.items()
        if name.lower() not in _OF_THE_BODY
    }
    raw = urllib3.HTTPResponse(
        io.BytesIO(answer.body), headers, answer.status, preload_content=False
    )
    response = requests.Response()
    response.status_code, response.raw, response.url = answer.status, raw, request.url or ""
    response.headers.update(_texts(headers))
    response.request = request
    return response


def _texts(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: str(text) for name, text in headers.items()}
