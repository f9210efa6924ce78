"""Retries and their waits, secrets in texts, JSON bodies and Retry-After."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from requests.adapters import HTTPAdapter
from support.json_values import same
from typing_extensions import override

from tap_zohocrm_modules.zoho.transport.errors import TransientError, ZohoError
from tap_zohocrm_modules.zoho.transport.http import (
    HeaderAuth,
    HttpClient,
    ReplyHead,
    whole,
)
from tap_zohocrm_modules.zoho.transport.json_text import decode_json
from tap_zohocrm_modules.zoho.transport.machine import Machine, new_session
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from tap_zohocrm_modules.zoho.transport.texts import Secrets

POLICY = RetryPolicy(max_tries=5, max_time=100, first_wait=1, longest_wait=4)


class Clock:
    """Time that passes when somebody sleeps, and while a call is made."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def failing(policy: RetryPolicy, errors: list[ZohoError], *, lasting: float = 0) -> Clock:
    """Run a call that fails with these errors in turn and then succeeds; tell what was slept."""
    clock = Clock()
    left = [*errors]

    def call() -> str:
        clock.now += lasting
        if left:
            raise left.pop(0)
        return "done"

    machine = Machine(monotonic=clock.monotonic, sleep=clock.sleep)
    assert policy.run(call, lambda: None, machine=machine) == "done"
    return clock


def transient(wait: float | None = None) -> TransientError:
    return TransientError("It failed.", wait=wait)


def test_waits_double_up_to_the_longest() -> None:
    slept = failing(POLICY, [transient()] * 4).slept
    for wait, ceiling in zip(slept, [1, 2, 4, 4], strict=True):
        assert ceiling / 2 <= wait <= ceiling


def test_tries_are_bounded_and_counted_in_the_error() -> None:
    with pytest.raises(ZohoError, match=r"It failed\. Gave up after 5 tries") as caught:
        failing(POLICY, [transient()] * 5)
    assert not isinstance(caught.value, TransientError)


def test_time_is_bounded() -> None:
    with pytest.raises(ZohoError, match="Gave up after 3 tries"):
        failing(POLICY, [transient()] * 5, lasting=40)


def test_only_transient_failures_are_met_with_another_try() -> None:
    with pytest.raises(ZohoError, match=r"^Refused\.$"):
        failing(POLICY, [ZohoError("Refused.")])


def test_retries_are_logged() -> None:
    made: list[None] = []
    left = [transient(), transient()]

    def call() -> None:
        if left:
            raise left.pop()

    policy = RetryPolicy(max_tries=5, first_wait=0.001, longest_wait=0.001)
    policy.run(call, lambda: made.append(None))
    assert len(made) == 2


def test_what_zoho_asks_to_wait_is_the_least() -> None:
    assert failing(POLICY, [transient(30), transient(0.1)]).slept[0] == 30


def test_a_wait_beyond_all_patience_ends_it_at_once() -> None:
    with pytest.raises(ZohoError, match=r"asks to wait 101 s\. Gave up after 1 try"):
        failing(POLICY, [transient(101)])


def test_a_wait_beyond_what_is_left_of_the_patience_is_never_cut_short() -> None:
    # 80 of 100 seconds are gone: to call again after 20 when Zoho said 50 would not honour it.
    try:
        slept = failing(POLICY, [transient(50)], lasting=80).slept
    except ZohoError as error:
        assert "asks to wait 50 s" in str(error)  # noqa: PT017 - either way is right
    else:
        assert slept == [50]


def retry_after(headers: dict[str, str]) -> float | None:
    return ReplyHead(429, headers).retry_after


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("86400", 86400),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
    ],
)
def test_retry_after_in_seconds(header: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": header}) == seconds


def test_retry_after_may_be_absent() -> None:
    assert retry_after({}) is None


@pytest.mark.parametrize("gmt", [True, False])
def test_retry_after_as_a_date(*, gmt: bool) -> None:
    until = datetime.now(timezone.utc) + timedelta(seconds=100)
    found = retry_after({"Retry-After": format_datetime(until, usegmt=gmt)})
    assert found is not None
    assert 60 < found <= 100


@pytest.mark.parametrize("zone", ["+99999999999999999", "-99999999999999999", "+9999"])
def test_retry_after_in_no_zone_of_this_world_is_none(zone: str) -> None:
    assert retry_after({"Retry-After": f"Mon, 01 Jan 2024 00:00:00 {zone}"}) is None


@given(st.text(max_size=40) | st.from_regex(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d .{0,6}"))
def test_retry_after_never_fails(header: str) -> None:
    found = retry_after({"Retry-After": header})
    assert found is None or (found >= 0 and math.isfinite(found))


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":1}', {"a": 1}),
        (b"18446744073709551616", 2**64),
        (b"-12345678901234567890123", -12345678901234567890123),
        (b"1.10", Decimal("1.10")),
        (b"0.1234567890123456789012345", Decimal("0.1234567890123456789012345")),
        (b"1e400", Decimal("1e400")),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\ud800"', "\ufffd"),
        (b'["\\udfff", 1.50]', ["\ufffd", Decimal("1.50")]),
        ("\ufeff{}".encode(), {}),
        ('"納品書"'.encode(), "納品書"),
        (b'{"a":1,"a":2}', {"a": 2}),
    ],
)
def test_bodies_are_read_exactly(body: bytes, value: object) -> None:
    assert same(decode_json(body), value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"a":',
        b"<html>",
        b"NaN",
        b"[Infinity]",
        b"\xff\xfe",
        b"{} {}",
    ],
)
def test_what_is_no_json_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_json(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_any_json_is_read_as_it_was_written(value: object) -> None:
    assert decode_json(json.dumps(value).encode()) == value


class Failing(HTTPAdapter):
    """A way that ends in an error before Zoho is reached."""

    def __init__(self, raised: OSError) -> None:
        super().__init__()
        self._raised = raised

    @override
    def send(self, *_: Any, **__: Any) -> requests.Response:
        raise self._raised


@pytest.mark.parametrize(
    ("raised", "cause", "remedy"),
    [
        (requests.exceptions.ProxyError("407"), "the proxy", "HTTPS_PROXY"),
        (requests.exceptions.InvalidURL("http://user:hush@proxy"), "InvalidURL", "HTTPS_PROXY"),
        (OSError("no certificates at /etc/hush.pem"), "no certificates", "this machine"),
        (OSError(28, "No space left on device"), "No space left", "this machine"),
    ],
)
def test_what_fails_on_the_way_is_named_with_what_to_check(
    raised: OSError, cause: str, remedy: str
) -> None:
    url = "https://www.zohoapis.com/crm/v8/x"
    with new_session(pool=1, url=url) as session:
        session.mount("https://", Failing(raised))
        with pytest.raises(ZohoError) as caught:
            HttpClient(session).exchange(
                "GET /crm/v8/x", "GET", url, auth=HeaderAuth(), consume=whole
            )
    text = str(caught.value)
    assert text.startswith("GET /crm/v8/x: ")
    assert cause in text
    assert remedy in text
    assert "user:hush" not in text


def test_secrets_are_masked_wherever_they_stand() -> None:
    secrets = Secrets(["client", "", "refresh"])
    secrets.add("access")
    assert secrets.mask("access client,refresh/client") == "*** ***,***/***"
    assert secrets.mask("nothing") == "nothing"


def test_a_secret_that_begins_with_another_is_masked_whole() -> None:
    nested = ["1000.abcdef"[:length] for length in range(4, 12)]
    text = Secrets(nested).mask("token 1000.abcdef!")
    assert text == "token ***!"


@pytest.mark.parametrize(
    ("url", "trusts"),
    [("https://accounts.zoho.com", True), ("http://127.0.0.1:80", False), ("http://[::1]", False)],
)
def test_proxies_are_for_other_machines(url: str, *, trusts: bool) -> None:
    with new_session(pool=1, url=url) as session:
        assert session.trust_env is trusts
        assert str(session.headers["User-Agent"]).startswith("tap-zohocrm-modules/")
