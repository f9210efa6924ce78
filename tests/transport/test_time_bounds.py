"""Every exchange ends, however slowly it drips; a dead host is not waited for twice."""

from __future__ import annotations

import contextlib
import io
import math
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
import requests
from support.client import LIST_MODULES, client_for
from support.demo import MODULES, calls_of, read, small_demo
from support.raw_server import Speak, drip, raw_server, read_head
from support.run import FAST, with_options

from tap_zohocrm_modules.sync.run_options import Quick
from tap_zohocrm_modules.zoho.transport.connection import TimeLimits
from tap_zohocrm_modules.zoho.transport.errors import (
    DeadHostError,
    GivenUpError,
    NoAnswerError,
    RunEndError,
    TransientError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.host_health import HostHealth
from tap_zohocrm_modules.zoho.transport.http import HeaderAuth, HttpClient, whole
from tap_zohocrm_modules.zoho.transport.machine import Machine, new_session
from zohocrm_demo import DemoOrganisation, Fault

pytestmark = pytest.mark.thorough

SHORT = TimeLimits(request=5, total=0.5)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\n"


def drip_head(connection: socket.socket) -> None:
    read_head(connection)
    drip(connection, b"HTTP/1.1 200 OK\r\nX: ")


def drip_body(connection: socket.socket) -> None:
    read_head(connection)
    connection.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n")
    drip(connection, b"x")


def drip_chunks(connection: socket.socket) -> None:
    read_head(connection)
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    drip(connection, b"1\r\nx\r\n")


def say_continue(connection: socket.socket) -> None:
    read_head(connection)
    drip(connection, b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.001)


@pytest.mark.parametrize("speak", [drip_head, drip_body, drip_chunks, say_continue])
@pytest.mark.parametrize("takes_file", [False, True])
def test_an_exchange_that_drips_ends_with_total_timeout(speak: Speak, *, takes_file: bool) -> None:
    with raw_server(speak) as url, new_session(pool=1, url=url) as session:
        http = HttpClient(session, SHORT)
        before = time.monotonic()
        with pytest.raises(TransientError, match="total_timeout"):
            http.exchange(
                "GET /x",
                "GET",
                url,
                auth=HeaderAuth(),
                consume=whole,
                file=io.BytesIO() if takes_file else None,
            )
        assert time.monotonic() - before < 5


def test_a_file_is_not_written_to_once_its_download_is_given_up() -> None:
    file = io.BytesIO()
    with raw_server(drip_chunks) as url, new_session(pool=1, url=url) as session:
        with pytest.raises(TransientError):
            HttpClient(session, SHORT).exchange(
                "GET /x", "GET", url, auth=HeaderAuth(), consume=whole, file=file
            )
        size = len(file.getvalue())
        time.sleep(0.3)
    assert len(file.getvalue()) == size


def test_a_host_that_never_answered_is_given_up_soon_after_request_timeout() -> None:
    times = TimeLimits(request=0.3, total=60, first_answer=0.2)
    with (
        raw_server(drip_head) as url,
        new_session(pool=1, url=url) as session,
        pytest.raises(NoAnswerError, match="request_timeout"),
    ):
        HttpClient(session, times).exchange("GET /x", "GET", url, auth=HeaderAuth(), consume=whole)


def test_a_session_ends_whatever_the_network_does() -> None:
    with raw_server(drip_body) as url, new_session(pool=1, url=url) as session:
        http = HttpClient(session, TimeLimits(session=0.4))
        for _ in range(2):
            with pytest.raises(TransientError):
                http.exchange("GET /x", "GET", url, auth=HeaderAuth(), consume=whole)


def test_a_host_that_resets_everything_ends_the_run_with_one_error(
    demo: DemoOrganisation,
) -> None:
    with client_for(demo, policy=FAST) as client:
        client.call(LIST_MODULES)
        demo.inject("*", Fault.reset(), times=None)
        with pytest.raises(DeadHostError, match="4 tries") as first:
            client.call(LIST_MODULES)
        calls = len(demo.calls)
        with pytest.raises(RunEndError) as second:
            client.call(LIST_MODULES)
        assert str(second.value) == str(first.value)
        assert len(demo.calls) == calls


@pytest.mark.parametrize("refuses", [MODULES, "/oauth/*"], ids=["host", "token"])
def test_a_failed_call_does_not_end_another_read_that_has_caught_the_same_failure(
    demo: DemoOrganisation, refuses: str
) -> None:
    def read_and_go_on() -> Iterator[str]:
        try:
            client.call(LIST_MODULES)
        except RunEndError:
            yield "what was left"
            yield "and its end"

    with client_for(demo, policy=FAST) as client:
        demo.inject(refuses, Fault.reset(), times=None)
        with contextlib.suppress(ZohoError):
            client.call(LIST_MODULES)
        steps = read_and_go_on()
        assert next(steps) == "what was left"
        with pytest.raises(RunEndError):
            client.call(LIST_MODULES)
        assert list(steps) == ["and its end"]


def test_a_path_that_resets_on_a_host_that_answers_is_its_calls_failure_only(
    demo: DemoOrganisation,
) -> None:
    with client_for(demo, policy=FAST) as client:
        demo.inject(MODULES, Fault.reset(), times=FAST.max_tries)
        with pytest.raises(ZohoError, match="4 tries") as caught:
            client.call(LIST_MODULES)
        assert not isinstance(caught.value, RunEndError)
        assert client.call(LIST_MODULES).status == 200


def test_calls_at_once_that_fail_beside_others_are_no_dead_host(demo: DemoOrganisation) -> None:
    error = GivenUpError("GET /x: failed")
    with client_for(demo, policy=FAST) as client:
        before = time.monotonic()
        client.call(LIST_MODULES)
        for _ in range(3):
            client.host.end_if_dead(before, time.monotonic(), error)
        # Nothing has come since these were first made.
        client.host.end_if_dead(time.monotonic(), time.monotonic(), error)
        with pytest.raises(DeadHostError, match="GET /x: failed"):
            client.host.end_if_dead(time.monotonic(), time.monotonic(), error)


def test_a_host_whose_answers_never_end_is_given_up_with_the_second_call(
    demo: DemoOrganisation,
) -> None:
    demo.inject(MODULES, Fault.cut(0), times=None)
    with client_for(demo, policy=FAST) as client:
        with pytest.raises(ZohoError, match="4 tries") as first:
            client.call(LIST_MODULES)
        assert not isinstance(first.value, RunEndError)
        with pytest.raises(DeadHostError, match="4 tries"):
            client.call(LIST_MODULES)


def test_a_host_on_which_a_call_has_failed_is_waited_for_once_by_the_next() -> None:
    seconds = 0.0
    health = HostHealth(
        TimeLimits(request=300, first_answer=15),
        Machine(lambda: datetime.now(timezone.utc), lambda: seconds),
    )
    health.called("host")
    health.answered("host")
    assert health.patience("host") == math.inf
    health.gave_up("host", 0, 0, GivenUpError("GET /x: failed"), lambda: True)
    seconds = 5_000
    health.called("host")
    assert health.patience("host") == 300 + 15
    seconds = 5_300
    # Its answers begin, and do not end.
    health.answered("host")
    health.called("host")
    assert health.patience("host") == 15
    health.completed("host")
    assert health.patience("host") == math.inf


def test_a_host_that_answered_and_hangs_ends_the_run_with_its_first_stream() -> None:
    with small_demo() as demo, with_options(times=TimeLimits(sign_of_life=0.3)):
        demo.inject("/crm/*", Fault.stall(), nth=2, times=None)
        demo.inject("/", Fault.stall(), times=None)
        run = read(demo, catalog=None, request_timeout=1)
    assert "did not answer" in run.error
    assert run.error.count("did not answer") == 1
    # The tries of the calls that were under way, and the probe.
    assert len(demo.calls) < 40


def test_a_dead_host_is_one_line_for_all_metadata(demo: DemoOrganisation) -> None:
    demo.inject("/crm/*", Fault.reset(), times=None)
    demo.inject("/", Fault.reset(), times=None)
    with with_options(times=TimeLimits(sign_of_life=0.5)):
        run = read(demo, catalog=None)
    assert "the connection to 127.0.0.1 failed" in run.error


def test_a_certificate_that_is_not_trusted_ends_the_run() -> None:
    with small_demo() as demo, new_session(pool=1, url=demo.api_url) as session:

        def untrusted(*_: object, **__: object) -> requests.Response:
            raise requests.exceptions.SSLError("no") from _untrusted()

        session.request = untrusted  # type: ignore[method-assign]
        with pytest.raises(DeadHostError, match="certificate"):
            HttpClient(session).exchange(
                "GET /x", "GET", demo.api_url, auth=HeaderAuth(), consume=whole
            )


def _untrusted() -> Exception:
    return ssl.SSLCertVerificationError("self-signed")


def test_the_check_ends_although_the_token_endpoint_drips() -> None:
    with raw_server(drip_head) as url, small_demo() as demo, with_options(quick=Quick(session=1)):
        before = time.monotonic()
        run = read(demo, "--test", catalog=None, accounts_url=url)
        assert "/oauth/v2/token" in run.error
        assert time.monotonic() - before < 20
        assert calls_of(demo, MODULES) == 0
