"""What `requests` raises, as errors that say what failed and whether it may pass."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
import urllib3

from tap_zohocrm_modules.zoho.transport.body import Abandonable
from tap_zohocrm_modules.zoho.transport.errors import (
    DeadHostError,
    NoAnswerError,
    TransientError,
    UnfinishedError,
    UnknownHostError,
    ZohoError,
)

_STALLED = (requests.Timeout, urllib3.exceptions.TimeoutError)
_BROKEN = (
    requests.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    urllib3.exceptions.HTTPError,
)


@contextlib.contextmanager
def failures_of(url: str, state: Abandonable) -> Iterator[None]:
    """Turn what `requests` and `urllib3` raise into a `ZohoError` that names the remedy."""
    host = urlsplit(url).hostname
    try:
        yield
    except _STALLED as error:
        raise _failed(state)(f"{host} did not answer within request_timeout.") from error
    except requests.exceptions.ProxyError as error:
        raise NoAnswerError(
            f"the proxy did not let it through to {host} ({_reason(error)}): check"
            " HTTPS_PROXY and NO_PROXY."
        ) from error
    except _BROKEN as error:
        if isinstance(_innermost(error), ssl.SSLCertVerificationError):
            raise DeadHostError(
                f"the certificate of {host} is not trusted; check the host, the proxy and"
                " the machine's clock."
            ) from error
        is_unknown = isinstance(_innermost(error), socket.gaierror)
        raise (UnknownHostError if is_unknown else _failed(state))(
            f"the connection to {host} failed ({_reason(error)}). Check the network, and"
            " the host names in data_center, accounts_url and api_url."
        ) from error
    except requests.RequestException as error:
        raise ZohoError(
            f"cannot be called ({type(error).__name__}): check accounts_url, api_url and"
            " HTTPS_PROXY."
        ) from error
    except OSError as error:
        # Not of the network: certificates that are not where they should be, a full disk.
        raise ZohoError(f"this machine cannot do it: {error}") from error


def _failed(state: Abandonable) -> type[TransientError]:
    return UnfinishedError if state.has_begun else NoAnswerError


def _reason(error: BaseException) -> str:
    """Return the innermost cause's name: its text may hold addresses, and says no more."""
    return type(_innermost(error)).__name__


def _innermost(error: BaseException) -> BaseException:
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error
