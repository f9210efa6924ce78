"""A server that speaks TCP only: what it sends, and how slowly, is up to the test."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Speak = Callable[[socket.socket], None]


@contextlib.contextmanager
def raw_server(speak: Speak) -> Iterator[str]:
    """Serve each connection with `speak`, in a thread of its own; yields the server's URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def accept() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            speak(connection)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def read_head(connection: socket.socket) -> bytes:
    """Return the head of a request."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(4096)
        if not piece:
            return head
        head += piece
    return head


def drip(connection: socket.socket, data: bytes, pause: float = 0.05) -> None:
    """Send data over and over, byte by byte."""
    wait = threading.Event()
    while True:
        for byte in data:
            connection.sendall(bytes([byte]))
            wait.wait(pause)
