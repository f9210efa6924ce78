"""Hosts: HTTP/1.1 and its faults, over sockets or in the caller's thread; knows nothing of Zoho."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

from typing_extensions import override

from zohocrm_demo.answers import Answer, ZohoError
from zohocrm_demo.calls import Request
from zohocrm_demo.house import ConnectionResetByHostError, Delivery, House, Site, StalledError
from zohocrm_demo.tls import Authority

_LOG = logging.getLogger(__name__)
_POLL_SECONDS = 0.02
_JOIN_SECONDS = 0.3
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (compared, not bound)
_FLOOD_PIECE = b" " * 65_536
# l_onoff 1, l_linger 0: close() throws the connection away with an RST.
_LINGER_RESET = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


# Of a body: as much as Zoho takes for an upload, and then some.
_MOST_BYTES = 256 * 1024 * 1024
_LONGEST_LINE = 65_536


class Listener(HTTPServer):
    """One port, a daemon thread per connection; OSError: the address can't be had."""

    request_queue_size = 128
    handler: ClassVar[type[BaseHTTPRequestHandler]]

    def __init__(
        self,
        address: tuple[str, int],
        site: Site,
        house: House,
        authority: Authority | None = None,  # of HTTPS
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, self.handler)
        self.site = site
        self.house = house
        self.authority = authority
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
        scheme = "http" if self.authority is None else "https"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.server_port}"

    def start(self) -> None:
        """Take connections from now on."""
        self._main.start()

    def stop(self) -> None:
        """Close the port and every connection; returns within half a second."""
        with contextlib.suppress(OSError):
            # On Linux it wakes the thread, which else looks up by itself after a while.
            self.socket.shutdown(socket.SHUT_RDWR)
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
        if os.name != "nt":
            # Connections of an earlier server may still linger on a port that is free; on Windows
            # the option would let two servers share one.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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
            if self.authority is not None:
                # In the connection's own thread: a client that says nothing holds nobody up.
                connection = self.secured(connection, self.authority, self.server_name)
            self.finish_request(connection, client_address)
        except (OSError, ValueError):
            _LOG.debug("A client hung up.", exc_info=True)
        finally:
            with self._lock:
                connection = self._open.pop(threading.current_thread(), connection)
            _hang_up(connection)
            connection.close()

    def secured(self, connection: socket.socket, authority: Authority, host: str) -> socket.socket:
        """The present thread's connection by TLS, with a certificate for a host."""
        secure = authority.context_for(host).wrap_socket(connection, server_side=True)
        with self._lock:
            self._open[threading.current_thread()] = secure
        return secure


class Handler(BaseHTTPRequestHandler):
    """One connection."""

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
    def handle_expect_100(self) -> bool:
        # What is written is kept until the answer is whole; a client would wait for this line.
        super().handle_expect_100()
        self.wfile.flush()
        return True

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
        try:
            body = self._read_body()
        except _RefusedBodyError as error:
            self.close_connection = True
            self.send_error(error.status)
            return None
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, path, query, headers, body)

    def _read_body(self) -> bytes:
        coding = self.headers.get("transfer-encoding", "identity").lower()
        if coding == "chunked":
            return b"".join(self._chunks())
        length = self.headers.get("content-length", "0")
        if coding != "identity" or not length.isdecimal():
            raise _RefusedBodyError(HTTPStatus.BAD_REQUEST)
        return self.rfile.read(_allowed(int(length)))

    def _chunks(self) -> Iterator[bytes]:
        total = 0
        while True:
            size = self.rfile.readline(_LONGEST_LINE).partition(b";")[0].strip()
            if not size.isalnum() or not set(size) <= set(b"0123456789abcdefABCDEF"):
                raise _RefusedBodyError(HTTPStatus.BAD_REQUEST)
            total = _allowed(total + int(size, 16))
            if int(size, 16) == 0:
                break
            yield self.rfile.read(int(size, 16))
            self.rfile.readline(_LONGEST_LINE)
        while self.rfile.readline(_LONGEST_LINE).strip():
            pass

    @property
    def site(self) -> Site:
        """Who answers."""
        return self.server.site

    def _answer(self, request: Request, delay: float) -> Answer:
        try:
            return self.site(request, delay)
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


Listener.handler = Handler


class _RefusedBodyError(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


def _allowed(length: int) -> int:
    if length > _MOST_BYTES:
        raise _RefusedBodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return length


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        _LOG.debug("The connection was closed already.")
