"""The network of the simulation: requests go to the sample organisation without a socket."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
import urllib3
from requests.auth import AuthBase
from typing_extensions import override

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request
from zohocrm_demo.house import ConnectionResetByHostError, Delivery, Doorway, StalledError


@dataclasses.dataclass(frozen=True)
class Wire:
    """What happens to requests and answers on their way.

    Attributes:
        before_call: Called before each request arrives.
        seen_by: Returns what holds while a request is answered.
        alter: Returns an answer as it arrives.
        skew: Returns how far the clock of the server that answers is ahead.
    """

    before_call: Callable[[], object]
    seen_by: Callable[[Request], contextlib.AbstractContextManager[object]]
    alter: Callable[[Request, Answer], Answer]
    skew: Callable[[], timedelta]


class DemoSession(requests.Session):
    """Carries requests to the doorways of an organisation.

    It takes what the tap's `HttpClient` says and nothing else: what `requests` can do besides takes
    more time than the organisation's answer.

    Args:
        demo: The organisation.
        wire: What happens on the way.
    """

    def __init__(self, demo: DemoOrganisation, wire: Wire) -> None:
        self._demo = demo
        self._wire = wire
        self._doorways = {urlsplit(door.url).netloc: door for door in demo.open_doorways()}

    @override
    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        *,
        auth: AuthBase,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        json: object = None,
        **_: Any,
    ) -> requests.Response:
        self._wire.before_call()
        prepared = requests.PreparedRequest()
        prepared.headers = requests.structures.CaseInsensitiveDict(headers or {})
        auth(prepared)
        body = b""
        if json is not None:
            body, prepared.headers["Content-Type"] = _json(json), "application/json"
        elif data is not None:
            body = urlencode(data).encode()
            prepared.headers["Content-Type"] = "application/x-www-form-urlencoded"
        parts = urlsplit(url)
        query = "&".join(filter(None, (parts.query, urlencode(params))))
        arriving = Request(
            method=method,
            path=parts.path,
            query=query,
            headers={name.lower(): str(value) for name, value in prepared.headers.items()},
            body=body,
        )
        with self._wire.seen_by(arriving):
            delivery = self._deliver(self._doorways[parts.netloc], arriving)
        answer = self._wire.alter(arriving, delivery.answer)
        return self._response(method, dataclasses.replace(delivery, answer=answer))

    @override
    def close(self) -> None:
        """Nothing is open."""

    def _deliver(self, doorway: Doorway, request: Request) -> Delivery:
        try:
            return doorway.serve(request)
        except ConnectionResetByHostError as error:
            raise requests.ConnectionError("reset") from error
        except StalledError as error:
            raise requests.ReadTimeout("stalled") from error

    def _response(self, method: str, delivery: Delivery) -> requests.Response:
        answer = delivery.answer
        body = b"" if method == "HEAD" else answer.body
        response = requests.Response()
        response.status_code = answer.status
        response.headers["Date"] = format_datetime(
            self._demo.clock() + self._wire.skew(), usegmt=True
        )
        response.headers.update(answer.headers)
        if answer.content_type is not None:
            response.headers["Content-Type"] = answer.content_type
        length = {} if delivery.cut is None else {"Content-Length": str(len(body))}
        response.raw = urllib3.HTTPResponse(
            BytesIO(body[: delivery.cut]),
            headers=length,
            status=answer.status,
            preload_content=False,
            enforce_content_length=True,
        )
        return response


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
