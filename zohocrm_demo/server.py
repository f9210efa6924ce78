"""Hosts: HTTP/1.1 and its faults, over sockets or in the caller's thread; knows nothing of Zoho."""

from __future__ import annotations

import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

from typing_extensions import override

from zohocrm_demo.answers import Answer, ZohoError
from zohocrm_demo.calls import Journal, Request
from zohocrm_demo.faults import Fault, FaultPlan

Site = Callable[[Request, float], Answer]

_LOG = logging.getLogger(__name__)
_POLL_SECONDS = 0.02
_JOIN_SECONDS = 0.3
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (compared, not bound)
_FLOOD_PIECE = b" " * 65_536
# l_onoff 1, l_linger 0: close() throws the connection away with an RST.
_LINGER_RESET = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class ConnectionResetByHostError(Exception):
    """The host resets the connection before any answer."""


class StalledError(Exception):
    """The host never answers."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to arrive of an answer: with a fault, perhaps not all of it."""

    answer: Answer
    fault: Fault | None = None

    @property
    def cut(self) -> int | None:
        """Bytes of the body after which the connection breaks; None for the whole body."""
        return None if self.fault is None else self.fault.cut_at(self.answer)


@dataclass(frozen=True, slots=True)
class House:
    """What the hosts of one organisation share."""

    journal: Journal
    faults: FaultPlan
    stopping: threading.Event  # set when stalled and delayed answers have to end
    clock: Callable[[], datetime]  # the (aware) time for `Date` headers
    wait: Callable[[float], object]  # sleeps, but wakes up when the organisation stops

    def aside(self) -> House:
        """The same for a port whose calls are not entered and have no faults."""
        return replace(self, journal=Journal(), faults=FaultPlan())

    def serve(self, request: Request, site: Site) -> Delivery:
        """Answer a request with whatever fault is due; ConnectionResetByHostError, StalledError."""
        number = self.journal.arrived(request)
        fault = self.faults.next(request.path)
        if fault is None:
            delivery = Delivery(site(request, 0))
        elif fault.resets:
            raise ConnectionResetByHostError
        elif fault.stalls:
            raise StalledError
        else:
            # The real answer knows how to wait by itself.
            self.wait(0 if fault.status is None else fault.delay)
            delivery = Delivery(fault.answer(lambda: site(request, fault.delay)), fault)
        self.journal.answered(number, delivery.answer.status)
        return delivery


@dataclass(frozen=True, slots=True)
class Doorway:
    """One host of the organisation, for clients in this process."""

    url: str
    site: Site
    house: House

    def url_for(self, _: Mapping[str, str]) -> str:
        """The URL, which is the same for every client."""
        return self.url

    def serve(self, request: Request) -> Delivery:
        """Answer a request with whatever fault is due; ConnectionResetByHostError, StalledError."""
        return self.house.serve(request, self.site)


class Listener(HTTPServer):
    """One port, a daemon thread per connection; OSError: the address can't be had."""

    request_queue_size = 128

    def __init__(self, address: tuple[str, int], site: Site, house: House) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)
        self.site = site
        self.house = house
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        self._main = threading.Thread(
            target=self.serve_forever, args=(_POLL_SECONDS,), name="demo-listener", daemon=True
        )

    @property
    def url(self) -> str:
        """`http://HOST:PORT`; loopback stands for all addresses of the machine."""
        return self.url_for({})

    def url_for(self, headers: Mapping[str, str]) -> str:
        """The same, as the client knows the machine that sent these headers."""
        host = self.server_name
        if host in _EVERYWHERE:
            asked = urlsplit(f"//{headers.get('host', '')}").hostname
            host = asked or _EVERYWHERE[host]
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server_port}"

    def start(self) -> None:
        """Take connections from now on."""
        self._main.start()

    def stop(self) -> None:
        """Close the port and every connection; returns within half a second."""
        self.shutdown()
        self.server_close()
        with self._lock:
            connections = dict(self._open)
        for connection in connections.values():
            _hang_up(connection)
        deadline = time.monotonic() + _JOIN_SECONDS
        for thread in connections:
            thread.join(max(0, deadline - time.monotonic()))
        self._main.join(_JOIN_SECONDS)

    @override
    def server_bind(self) -> None:
        # HTTPServer.server_bind asks the DNS for the host's full name: slow, and of no use here.
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self._converse,
            args=(request, client_address),
            name="demo-connection",
            daemon=True,
        )
        with self._lock:
            self._open[thread] = request
        thread.start()

    def _converse(self, connection: socket.socket, client_address: tuple[str, int]) -> None:
        try:
            self.finish_request(connection, client_address)
        except (OSError, ValueError):
            _LOG.debug("A client hung up.", exc_info=True)
        finally:
            with self._lock:
                self._open.pop(threading.current_thread(), None)
            _hang_up(connection)
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Listener
    disable_nagle_algorithm = True
    wbufsize = -1

    @override
    def version_string(self) -> str:
        return "ZGS"

    @override
    def date_time_string(self, timestamp: float | None = None) -> str:
        now = self.server.house.clock().timestamp() if timestamp is None else timestamp
        return formatdate(now, usegmt=True)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        _LOG.debug(format, *args)

    def _serve(self) -> None:
        request = self._read()
        if request is None:
            return
        house = self.server.house
        try:
            self._send(house.serve(request, self._answer))
        except ConnectionResetByHostError:
            self._reset()
        except StalledError:
            house.stopping.wait()
            self.close_connection = True

    # The standard library calls these by name, one for each verb.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def _read(self) -> Request | None:
        if "transfer-encoding" in self.headers:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return None
        length = self.headers.get("content-length", "0")
        if not length.isdecimal():
            self.send_error(HTTPStatus.BAD_REQUEST)
            return None
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, path, query, headers, self.rfile.read(int(length)))

    def _answer(self, request: Request, delay: float) -> Answer:
        try:
            return self.server.site(request, delay)
        except Exception:  # noqa: BLE001 (a fault of the demo's own goes to log and client)
            _LOG.exception("The demo organisation failed at %s %s", request.method, request.path)
            return ZohoError("INTERNAL_ERROR").answer

    def _send(self, delivery: Delivery) -> None:
        answer, fault, cut = delivery.answer, delivery.fault, delivery.cut
        if fault is not None and fault.floods:
            self._flood(answer)
            return
        empty = answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
        self._head(answer, None if empty else len(answer.body))
        if self.command != "HEAD":
            if fault is None or fault.drip is None:
                self.wfile.write(answer.body[:cut])
            else:
                self._drip(answer.body[:cut], fault.drip)
        if cut is not None:
            self.close_connection = True

    def _head(self, answer: Answer, length: int | None) -> None:
        self.send_response(answer.status)
        if answer.content_type is not None:
            self.send_header("Content-Type", answer.content_type)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _drip(self, body: bytes, seconds: float) -> None:
        for place in range(len(body)):
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()
            if self.server.house.stopping.wait(seconds):
                self.close_connection = True
                return

    def _flood(self, answer: Answer) -> None:
        # Without a length the body ends with the connection: it ends when the client has enough.
        self.close_connection = True
        self._head(answer, None)
        self.wfile.write(answer.body)
        while not self.server.house.stopping.is_set():
            self.wfile.write(_FLOOD_PIECE)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
        # Closed before anybody shuts it down in an orderly way, which would send a FIN.
        self.connection.close()
        self.close_connection = True


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        _LOG.debug("The connection was closed already.")
