"""What the accounts host may answer, and what becomes of the run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.demo import MODULES, TOKEN, calls_of, config_for, read, small_demo
from support.run import run_tap

from zohocrm_demo import DemoOrganisation, Fault

JSON = "application/json;charset=utf-8"

ERRORS = {
    "invalid_code": ("refresh token", "data_center"),
    "invalid_grant": ("refresh token", "data_center"),
    "invalid_client": ("client_id", "data_center"),
    "invalid_client_secret": ("client_secret", "client_id"),
    "missing_org_info": ("client", "refresh-token grant"),
    "something_new": ("refresh_token", "data_center"),
}


def answer_with(
    demo: DemoOrganisation, body: Any, status: int = 200, times: int | None = 1
) -> None:
    demo.inject(TOKEN, Fault(status=status, body=json.dumps(body), content_type=JSON), times=times)


@pytest.mark.parametrize(
    ("error", "status"), [*((error, 200) for error in ERRORS), ("invalid_code", 400)]
)
def test_an_error_is_an_error_whatever_its_status(
    demo: DemoOrganisation, error: str, status: int
) -> None:
    answer_with(demo, {"error": error}, status, times=None)
    line = read(demo).error
    assert error in line
    assert demo.accounts_url in line
    assert all(word in line for word in ERRORS[error])
    assert calls_of(demo, TOKEN) == 1
    assert calls_of(demo, MODULES) == 0


def test_a_revoked_refresh_token_is_said_to_be_one(demo: DemoOrganisation) -> None:
    demo.revoke_refresh_token()
    line = read(demo).error
    assert "invalid_code" in line
    assert "revoked" in line


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("client_id", ("invalid_client", "client_id")),
        ("client_secret", ("invalid_client_secret", "client_secret")),
        ("refresh_token", ("invalid_code", "refresh token")),
    ],
)
def test_a_wrong_credential_is_named(
    demo: DemoOrganisation, key: str, words: tuple[str, ...]
) -> None:
    line = run_tap(config={**config_for(demo), key: "1000.mistyped"}).error
    assert all(word in line for word in words)
    assert "mistyped" not in line.replace("is mistyped", "")


@pytest.mark.parametrize("status", [200, 400])
def test_a_throttled_refresh_token_says_how_long_to_wait(
    demo: DemoOrganisation, status: int
) -> None:
    denied = {
        "error": "Access Denied",
        "error_description": "You have made too many requests continuously.",
        "status": "failure",
    }
    answer_with(demo, denied, status, times=None)
    line = read(demo).error
    assert "Access Denied" in line
    assert "wait 10 minutes" in line
    assert calls_of(demo, TOKEN) == 1


def test_more_runs_than_zoho_issues_tokens_for_have_to_wait() -> None:
    with small_demo(mints_per_window=1) as demo:
        assert read(demo).code == 0
        assert "wait 10 minutes" in read(demo).error
        assert calls_of(demo, TOKEN) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"access_token": "tokén"},
        {"access_token": "a\r\nX-Injected: b"},
        {"api_domain": "https://www.zohoapis.com", "expires_in": 3600},
        [],
    ],
)
def test_an_answer_without_a_usable_token_is_an_error(demo: DemoOrganisation, body: Any) -> None:
    answer_with(demo, body, times=None)
    run = read(demo, api_url=demo.api_url)
    assert "X-Injected" not in run.stderr
    line = run.error
    assert "/oauth/v2/token" in line
    assert "access_token" in line
    assert calls_of(demo, TOKEN) == 1
    assert calls_of(demo, MODULES) == 0


@pytest.mark.parametrize("status", [302, 401, 403, 404])
def test_a_page_in_place_of_a_token_means_that_the_host_is_wrong(
    demo: DemoOrganisation, status: int
) -> None:
    demo.inject(TOKEN, Fault.html(status, "Zoho Accounts"), times=None)
    line = read(demo).error
    assert f"HTTP {status}" in line
    assert "accounts_url" in line or "data_center" in line
    assert calls_of(demo, TOKEN) == 1


def test_an_accounts_url_that_is_no_accounts_host_is_named(demo: DemoOrganisation) -> None:
    line = read(demo, accounts_url=demo.control_url).error
    assert "accounts_url" in line or "data_center" in line
