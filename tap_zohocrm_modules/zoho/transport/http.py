"""One HTTP exchange: sent once or again with backoff, never followed elsewhere.

Knows of connections, statuses and bodies, and nothing of Zoho's tokens or streams.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import random
import re
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from importlib import metadata
from typing import Any, BinaryIO, TypeVar
from urllib.parse import urlsplit

import backoff
import msgspec
import requests
from requests.adapters import HTTPAdapter

from tap_zohocrm_modules.zoho.transport.errors import TransientError, ZohoError
from tap_zohocrm_modules.zoho.transport.instants import in_header
from tap_zohocrm_modules.zoho.transport.texts import one_line

T = TypeVar("T")

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

logger = logging.getLogger(__name__)

_CHUNK = 1 << 18

_decoder = msgspec.json.Decoder(float_hook=Decimal)


@dataclasses.dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long a transient failure is met with another try; times in seconds."""

    max_tries: int = 8
    max_time: float = 600
    first_wait: float = 1
    longest_wait: float = 60

    def waits(self) -> Generator[float, TransientError, None]:
        """Yield waits for `backoff`: exponential with jitter, but never less than Zoho asks for.

        Ends, and so gives up, when Zoho asks for more than is left of `max_time`.
        """
        end = time.monotonic() + self.max_time
        error = yield 0
        ceiling = self.first_wait
        while error.wait is None or error.wait <= end - time.monotonic():
            wait = random.uniform(ceiling / 2, ceiling)  # noqa: S311 - jitter, not a secret
            ceiling = min(self.longest_wait, ceiling * 2)
            error = yield max(wait, error.wait or 0)

    def run(self, call: Callable[[], T], on_retry: Callable[[], None]) -> T:
        """Return what `call` returns, calling again after a `TransientError` within bounds.

        Raises:
            ZohoError: the last `TransientError` when the bounds are reached, with the number of
                tries; any other error of `call` at once.
        """
        tries = 0

        def say(details: Any) -> None:
            nonlocal tries
            tries = details["tries"]
            on_retry()
            logger.warning("%s Trying again in %.1f s.", details["exception"], details["wait"])

        patient = backoff.on_exception(
            self.waits,
            TransientError,
            max_tries=self.max_tries,
            max_time=self.max_time,
            jitter=None,
            on_backoff=say,
            logger=None,
        )
        try:
            return patient(call)()
        except TransientError as error:
            asked = f" It asks to wait {error.wait:.0f} s." if error.wait else ""
            raise ZohoError(
                f"{error}{asked} Given up after {tries + 1} tries: run again later."
            ) from error


class Secrets:
    """Keeps secrets out of texts: what it has been told of, it masks."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = frozenset(secret for secret in known if secret)
        self._lock = threading.Lock()

    def add(self, secret: str) -> None:
        """Mask this one as well from now on."""
        with self._lock:
            self._known |= {secret}

    def mask(self, text: str) -> str:
        """Return the text as one line, with each known secret replaced."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, "***")
        return one_line(text)


def new_session(*, pool: int, url: str) -> requests.Session:
    """Return a session for `pool` simultaneous calls; it retries and redirects nothing itself."""
    session = requests.Session()
    adapter = HTTPAdapter(pool_maxsize=pool, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers["User-Agent"] = f"tap-zohocrm-modules/{metadata.version('tap-zohocrm-modules')}"
    # No proxy leads to this very machine.
    session.trust_env = urlsplit(url).hostname not in LOOPBACK
    return session


def send(
    session: requests.Session, what: str, method: str, url: str, **how: Any
) -> requests.Response:
    """Make one HTTP request and return the whole answer, whatever its status.

    Raises:
        TransientError: the connection failed, stalled, or ended before the whole answer came.
        ZohoError: the host's certificate is not trusted, or the URL cannot be called at all, from
            this machine or through its proxy.
    """
    with _failures_of(what, url):
        response = session.request(method, url, allow_redirects=False, **how)
        if not response.ok:
            # A refusal is read at once, also where the body was to be streamed.
            _ = response.content
        return response


def save(what: str, response: requests.Response, file: BinaryIO) -> None:
    """Write a streamed answer's body to a file, from the file's beginning.

    Raises:
        TransientError: the connection failed, or ended before the whole body came.
    """
    file.seek(0)
    file.truncate()
    expected = response.headers.get("Content-Length", "")
    with response, _failures_of(what, response.url):
        file.writelines(response.iter_content(_CHUNK))
    encoded = response.headers.get("Content-Encoding")
    if expected.isdecimal() and not encoded and file.tell() != int(expected):
        raise TransientError(f"{what}: {file.tell()} bytes came of {expected}.")
    file.seek(0)


@contextlib.contextmanager
def _failures_of(what: str, url: str) -> Iterator[None]:
    """Turn what `requests` raises into errors that say what failed, and whether it may pass."""
    host = urlsplit(url).hostname
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise ZohoError(
            f"{what}: the certificate of {host} is not trusted; check the host, the proxy and the"
            " machine's clock."
        ) from error
    except requests.Timeout as error:
        raise TransientError(f"{what}: {host} did not answer within request_timeout.") from error
    except requests.exceptions.ProxyError as error:
        raise TransientError(
            f"{what}: the proxy did not let it through to {host} ({_reason(error)}): check"
            " HTTPS_PROXY and NO_PROXY."
        ) from error
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
        raise TransientError(
            f"{what}: the connection to {host} failed ({_reason(error)}). Check the network, and"
            " the host names in data_center, accounts_url and api_url."
        ) from error
    except requests.exceptions.ContentDecodingError as error:
        raise TransientError(f"{what}: {host} sent a damaged body.") from error
    except requests.RequestException as error:
        raise ZohoError(
            f"{what}: cannot be called ({type(error).__name__}): check accounts_url, api_url and"
            " HTTPS_PROXY."
        ) from error
    except OSError as error:
        # Not of the network: certificates that are not where they should be, a full disk.
        raise ZohoError(f"{what}: this machine cannot do it: {error}") from error


def _reason(error: BaseException) -> str:
    """Return the innermost cause's name: its text may hold addresses, and says no more."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return type(error).__name__


def decode(body: bytes) -> Any:
    """Return the JSON value of a body; numbers with a fraction are exact `Decimal`s.

    Raises:
        ValueError: not JSON, or cut short, or nested deeper than can be read.
    """
    try:
        return _decode(body)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _decode(body: bytes) -> Any:
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # msgspec refuses lone surrogates, which JSON allows; the slower reader decides.
        return json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_number)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, given as seconds or as a date."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return float(value)
    until = in_header(value)
    if until is None:
        return None
    return max(0.0, (until - datetime.now(timezone.utc)).total_seconds())
