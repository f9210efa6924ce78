from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
import requests

from zohocrm_demo import DemoOrganisation

from .conftest import TOKEN_PATH, Client, Clock, assert_refused

MODULES = "/crm/v8/settings/modules"


def test_a_token_comes_with_the_documented_keys(client: Client) -> None:
    answer = client.mint()

    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"access_token", "scope", "api_domain", "token_type", "expires_in"}
    assert body["api_domain"] == client.demo.api_url
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600
    assert "ZohoCRM.settings.ALL" in body["scope"].split(" ")
    assert re.fullmatch(r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}", body["access_token"])


def test_the_credentials_look_like_zohos_and_are_new_every_time(demo: DemoOrganisation) -> None:
    assert re.fullmatch(r"1000\.[0-9A-F]{30}", demo.client_id)
    assert re.fullmatch(r"[0-9a-f]{42}", demo.client_secret)
    assert re.fullmatch(r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}", demo.refresh_token)
    assert DemoOrganisation().refresh_token != demo.refresh_token


def test_parameters_count_in_the_query_string_too(client: Client) -> None:
    answer = requests.post(
        client.demo.accounts_url + TOKEN_PATH, params=client.credentials(), timeout=5
    )

    assert "access_token" in answer.json()


def test_a_json_body_is_not_understood(client: Client) -> None:
    answer = requests.post(
        client.demo.accounts_url + TOKEN_PATH, json=client.credentials(), timeout=5
    )

    assert (answer.status_code, answer.json()) == (200, {"error": "invalid_client"})


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"refresh_token": "1000.x.y"}, "invalid_code"),
        ({"client_id": "1000.X"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client_secret"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "1000.a.b"}, "invalid_code"),
    ],
)
def test_refusals_come_with_http_200(client: Client, change: Mapping[str, str], error: str) -> None:
    answer = client.mint(**change)

    assert (answer.status_code, answer.json()) == (200, {"error": error})


def test_the_eleventh_token_in_ten_minutes_is_denied(client: Client, clock: Clock) -> None:
    clock.advance(1)
    assert all(client.mint().status_code == 200 for _ in range(10))
    clock.advance(599)

    denied = client.mint()

    assert denied.status_code == 400
    assert denied.json() == {
        "error_description": "You have made too many requests continuously. "
        "Please try again after some time.",
        "error": "Access Denied",
        "status": "failure",
    }
    clock.advance(1)
    assert client.mint().status_code == 200


def test_refused_calls_take_no_token(client: Client) -> None:
    for _ in range(20):
        client.mint(refresh_token="wrong")

    assert client.mint().status_code == 200


def test_more_active_tokens_than_allowed_end_the_oldest(client: Client, clock: Clock) -> None:
    client.mint()
    oldest = client.token
    for _ in range(9):
        client.mint()
    clock.advance(600)
    client.token = oldest
    assert client.get(MODULES).status_code == 200

    client.mint()
    client.token = oldest

    assert_refused(client.get(MODULES), 401, "INVALID_TOKEN")


def test_tokens_expire(client: Client, clock: Clock) -> None:
    assert client.get(MODULES).status_code == 200
    clock.advance(3599)
    assert client.get(MODULES).status_code == 200
    clock.advance(1)

    assert_refused(client.get(MODULES), 401, "INVALID_TOKEN")


def test_expired_on_demand(client: Client) -> None:
    client.get(MODULES)
    client.demo.expire_tokens()

    assert_refused(client.get(MODULES), 401, "INVALID_TOKEN")
    client.mint()
    assert client.get(MODULES).status_code == 200


def test_a_revoked_refresh_token_is_of_no_use(client: Client) -> None:
    client.get(MODULES)
    client.demo.revoke_refresh_token()

    assert_refused(client.get(MODULES), 401, "INVALID_TOKEN")
    assert client.mint().json() == {"error": "invalid_code"}


def test_the_revoke_call_revokes(client: Client) -> None:
    url = client.demo.accounts_url + "/oauth/v2/token/revoke"

    unknown = requests.post(url, params={"token": "x"}, timeout=5)
    known = requests.post(url, params={"token": client.demo.refresh_token}, timeout=5)

    assert unknown.json() == {"error": "invalid_token"}
    assert known.json() == {"status": "success"}
    assert client.mint().json() == {"error": "invalid_code"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", TOKEN_PATH, 405), ("POST", "/oauth/v3/token", 404), ("GET", MODULES, 404)],
)
def test_the_accounts_host_serves_tokens_and_else_html(
    demo: DemoOrganisation, method: str, path: str, status: int
) -> None:
    answer = requests.request(method, demo.accounts_url + path, timeout=5)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_one_organisations_token_never_opens_another(client: Client) -> None:
    client.mint()
    with DemoOrganisation() as other:
        answer = requests.get(
            other.api_url + MODULES,
            headers={"Authorization": f"Zoho-oauthtoken {client.token}"},
            timeout=5,
        )
    assert_refused(answer, 401, "INVALID_TOKEN")
