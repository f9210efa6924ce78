"""The body of an answer: read piece by piece, unpacked, within bounds."""

from __future__ import annotations

import contextlib
import threading
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import requests

from tap_zohocrm_modules.zoho.transport.connection import Bounds
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    AbandonedError,
    TransientError,
    UnreadableAnswerError,
)
from tap_zohocrm_modules.zoho.transport.texts import one_line

_PIECE = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS
_PLAIN = {"", "identity"}
_PACKED = {"gzip", "x-gzip"}


class Abandonable:
    """The state that the thread of an exchange shares with the one that waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_abandoned = False
        self.has_begun = False  # whether the head of the answer is there

    def abandon(self) -> None:
        """Make the exchange end at its next piece; nothing is written from now on."""
        with self._lock:
            self._is_abandoned = True

    @contextlib.contextmanager
    def unless_abandoned(self) -> Iterator[None]:
        """Hold off the waiting thread while something is written.

        Raises:
            AbandonedError: nobody waits any more.
        """
        with self._lock:
            if self._is_abandoned:
                raise AbandonedError
            yield


class BodyReader:
    """Reads the bodies of all exchanges; large ones take turns, since memory is shared."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._large = threading.Lock()

    def read(
        self, response: requests.Response, state: Abandonable, turn: contextlib.ExitStack
    ) -> bytearray:
        """Return the unpacked body; of a refusal no more than its beginning.

        A large body is read in its turn, which ends with `turn`.

        Raises:
            UnreadableAnswerError: it is larger than the bounds allow.
            TransientError: it is damaged.
        """
        body = bytearray()
        has_turn = False
        for piece in _pieces(response):
            with state.unless_abandoned():
                body += piece
            if not response.ok and len(body) > self._bounds.error_body:
                break
            if len(body) > self._bounds.body:
                raise _too_large(self._bounds.body)
            if not has_turn and len(body) > self._bounds.small_body:
                turn.enter_context(self._turn(state))
                has_turn = True
        return body

    @contextlib.contextmanager
    def _turn(self, state: Abandonable) -> Iterator[None]:
        while not self._large.acquire(timeout=1):
            with state.unless_abandoned():
                pass
        try:
            yield
        finally:
            self._large.release()

    def save(self, response: requests.Response, state: Abandonable, file: BinaryIO) -> None:
        """Write the unpacked body to a file, from the file's beginning, and rewind it.

        Raises:
            UnreadableAnswerError: it is larger than the bounds allow.
            TransientError: it is damaged.
        """
        with state.unless_abandoned():
            file.seek(0)
            file.truncate()
        size = 0
        for piece in _pieces(response):
            size += len(piece)
            if size > self._bounds.download:
                raise _too_large(self._bounds.download)
            with state.unless_abandoned():
                file.write(piece)
        file.seek(0)


def _too_large(most: int) -> UnreadableAnswerError:
    return UnreadableAnswerError(
        f"the answer is larger than {most / (1 << 20):,.3g} MiB, far beyond what Zoho"
        f" sends: something else answers in its place. {REPORT}"
    )


def _pieces(response: requests.Response) -> Iterator[bytes]:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding in _PLAIN:
        return _packed_pieces(response)
    if encoding in _PACKED:
        return _unpacked(_packed_pieces(response))
    raise UnreadableAnswerError(
        f"the answer comes in an encoding that was not asked for"
        f" ({one_line(encoding, 40)}): a proxy in between seems to change it."
    )


def _packed_pieces(response: requests.Response) -> Iterator[bytes]:
    # Not iter_content(), which unpacks a piece whole, whatever it grows to; and not its way to
    # read chunks, which takes a chunk's header of any length.
    while piece := response.raw.read1(_PIECE, decode_content=False):
        yield piece


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP)
    began = False
    try:
        for piece in pieces:
            began, rest = True, piece
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _PIECE)
                rest = unpacker.unconsumed_tail
        while not unpacker.eof and (data := unpacker.decompress(b"", _PIECE)):
            yield data
    except zlib.error as error:
        raise TransientError(f"the answer's body is damaged ({error}).") from error
    if began and not unpacker.eof:
        raise TransientError("the answer's packed body is cut short.")
