"""Tokens are renewed in time, never lost and never asked for too often; the clock is a number."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from requests.adapters import HTTPAdapter
from typing_extensions import override

from tap_zohocrm_modules.zoho.transport.auth import ZohoAuthenticator
from tap_zohocrm_modules.zoho.transport.connection import Credentials
from tap_zohocrm_modules.zoho.transport.errors import AuthError, ZohoError
from tap_zohocrm_modules.zoho.transport.http import HttpClient
from tap_zohocrm_modules.zoho.transport.machine import Machine, new_session
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy

CREDENTIALS = Credentials("https://accounts.example.org", "1000.ID", "s3cr3t", "1000.REFRESH")
ONE_TRY = RetryPolicy(max_tries=1)
TEN_MINUTES = 600.0


def response_of(body: Any, status: int) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.raw = urllib3.HTTPResponse(
        io.BytesIO(json.dumps(body).encode()), preload_content=False
    )
    return response


class Accounts(requests.Session):
    """An accounts host that answers as scripted, with another token each time."""

    def __init__(self, **answer: Any) -> None:
        super().__init__()
        self.answer = {"expires_in": 3600, **answer}
        self.status = 200
        self.minted_at: list[float] = []
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    @override
    def request(self, *_: Any, **__: Any) -> requests.Response:
        self.minted_at.append(self.now)
        token = f"token-{len(self.minted_at)}"
        return response_of({"access_token": token, **self.answer}, self.status)

    def authenticator(self) -> ZohoAuthenticator:
        http = HttpClient(self, machine=Machine(monotonic=self.clock))
        return ZohoAuthenticator(CREDENTIALS, http, policy=ONE_TRY)


@pytest.mark.parametrize(
    ("answer", "good_for"),
    [
        ({"expires_in": 3600}, 3300),
        ({"expires_in": 60}, 54),
        ({"expires_in": 10}, 9),
        ({"expires_in": 3_600_000, "expires_in_sec": 3600}, 3300),
        ({"expires_in": None}, 540),
        ({"expires_in": "3600"}, 540),
        ({"expires_in": -5}, 540),
        ({"expires_in": 10**400}, 86_100),
        ({"expires_in": True}, 540),
        ({"expires_in": 0}, 540),
    ],
)
def test_a_token_is_renewed_shortly_before_its_end(answer: dict[str, Any], good_for: float) -> None:
    accounts = Accounts(**answer)
    auth = accounts.authenticator()
    first = auth.token()
    accounts.now = good_for - 0.5
    assert auth.token() is first
    accounts.now = good_for
    assert auth.token().value != first.value
    assert len(accounts.minted_at) == 2


class Wire(HTTPAdapter):
    """Takes the place of the network, and keeps what would have gone out."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[requests.PreparedRequest] = []

    @override
    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.sent.append(request)
        return response_of({"access_token": "token-1", "expires_in": 3600}, 200)


def test_a_netrc_password_for_the_accounts_host_stays_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine accounts.example.org login somebody password hush\n")
    monkeypatch.setenv("NETRC", str(netrc))
    wire = Wire()
    with new_session(pool=1, url=CREDENTIALS.accounts_url) as session:
        session.mount("https://", wire)
        auth = ZohoAuthenticator(CREDENTIALS, HttpClient(session), policy=ONE_TRY)
        assert auth.token().value == "token-1"
    (request,) = wire.sent
    assert "Authorization" not in request.headers
    assert request.url == "https://accounts.example.org/oauth/v2/token"


def test_the_header_is_zohos_own() -> None:
    assert Accounts().authenticator().token().header == "Zoho-oauthtoken token-1"


def test_an_invalidated_token_is_replaced_and_a_former_one_does_nothing() -> None:
    auth = Accounts().authenticator()
    first = auth.token()
    auth.invalidate(first)
    second = auth.token()
    assert second.value != first.value
    auth.invalidate(first)
    assert auth.token() is second


def test_scopes_and_api_domain_come_from_the_answer() -> None:
    token = Accounts(scope="b a", api_domain="https://www.zohoapis.eu/").authenticator().token()
    assert token.scopes == {"a", "b"}
    assert token.api_domain == "https://www.zohoapis.eu"


@pytest.mark.parametrize("said", [{}, {"scope": None}, {"scope": 5}])
def test_scopes_may_be_absent(said: dict[str, Any]) -> None:
    assert Accounts(**said).authenticator().token().scopes == frozenset()


@pytest.mark.parametrize("odd", [{"token_type": None}, {"surprise": {"a": 1}}])
def test_an_answer_with_odd_extras_still_gives_a_token(odd: dict[str, Any]) -> None:
    assert Accounts(**odd).authenticator().token().value == "token-1"


@pytest.mark.parametrize("domain", [None, 5, "", "www.zohoapis.com", "https://", "http://[::1"])
def test_an_odd_api_domain_is_none(domain: object) -> None:
    assert Accounts(api_domain=domain).authenticator().token().api_domain is None


@pytest.mark.parametrize("value", [None, "", 5])
def test_what_is_no_token_is_an_error(value: object) -> None:
    with pytest.raises(AuthError, match="access_token"):
        Accounts(access_token=value).authenticator().token()


def test_nothing_shows_a_secret() -> None:
    token = Accounts().authenticator().token()
    assert "token-1" not in repr(token)
    assert not any(secret in repr(CREDENTIALS) for secret in ("1000.ID", "s3cr3t", "REFRESH"))


def test_the_eleventh_token_in_ten_minutes_is_not_asked_for() -> None:
    accounts = Accounts()
    auth = accounts.authenticator()
    for second in range(10):
        accounts.now = second
        auth.invalidate(auth.token())
    accounts.now = 100
    with pytest.raises(AuthError, match="run again in 500 s"):
        auth.token()
    assert len(accounts.minted_at) == 10
    accounts.now = TEN_MINUTES
    assert auth.token().value == "token-11"


def test_what_failed_for_good_is_not_asked_for_again() -> None:
    accounts = Accounts()
    accounts.status = 500
    auth = accounts.authenticator()
    with pytest.raises(AuthError) as first:
        auth.token()
    tries = len(accounts.minted_at)
    for _ in range(15):
        with pytest.raises(AuthError) as again:
            auth.token()
        assert str(again.value) == str(first.value)
    assert 1 <= len(accounts.minted_at) == tries <= 10


@given(
    waits=st.lists(st.floats(min_value=0, max_value=700), max_size=60),
    lifetime=st.sampled_from([1, 30, 600, 3600]),
    status=st.sampled_from([200, 500]),
)
def test_no_ten_minutes_see_more_than_ten_mints(
    waits: list[float], lifetime: int, status: int
) -> None:
    accounts = Accounts(expires_in=lifetime)
    accounts.status = status
    auth = accounts.authenticator()
    for wait in waits:
        accounts.now += wait
        try:
            auth.invalidate(auth.token())
        except ZohoError:
            continue
    minted = accounts.minted_at
    assert all(
        later - first >= TEN_MINUTES for first, later in zip(minted, minted[10:], strict=False)
    )
