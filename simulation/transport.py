"""The network of the simulation: requests go to the sample organisation without a socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from email.utils import format_datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
import urllib3
from requests.auth import AuthBase
from typing_extensions import override

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.calls import Request
from zohocrm_demo.server import ConnectionResetByHostError, Delivery, Doorway, StalledError


class DemoSession(requests.Session):
    """Carries requests to the doorways of an organisation.

    It takes what the tap's `HttpClient` says and nothing else: what `requests` can do besides takes
    more time than the organisation's answer.

    Args:
        demo: The organisation.
        before_call: Called before each request arrives.
    """

    def __init__(self, demo: DemoOrganisation, before_call: Callable[[], object]) -> None:
        self._demo = demo
        self._doorways = {urlsplit(door.url).netloc: door for door in demo.open_doorways()}
        self._before_call = before_call

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
        self._before_call()
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
        return self._response(method, self._deliver(self._doorways[parts.netloc], arriving))

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
        response.headers["Date"] = format_datetime(self._demo.clock(), usegmt=True)
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
