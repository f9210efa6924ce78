"""No secret shows anywhere, not even one that a server repeats; `read` looks through every run."""

from __future__ import annotations

import json

import pytest
from support.demo import MODULES, TOKEN, assert_no_secret, config_for, read, secrets_of
from support.run import run_tap

from zohocrm_demo import DemoOrganisation, Fault

# Shows all that other levels show, and more.
DEBUG = {"LOGLEVEL": "DEBUG"}
JSON = "application/json;charset=utf-8"
ACCESS_TOKEN = "1000.0123456789abcdef.fedcba9876543210"


def everything(demo: DemoOrganisation) -> str:
    return " ".join(sorted(secrets_of(demo)))


def repeating(demo: DemoOrganisation, status: int) -> Fault:
    """A refusal that repeats all that the client sent."""
    said = everything(demo) + " " + ACCESS_TOKEN
    return Fault.error(status, f"CODE {said}", said, {"header": said, "list": [said], said: 1})


@pytest.fixture
def known_token(demo: DemoOrganisation) -> DemoOrganisation:
    """An organisation whose next access token is `ACCESS_TOKEN`, which it will not accept."""
    answer = {"access_token": ACCESS_TOKEN, "expires_in": 3600, "api_domain": demo.api_url}
    demo.inject(TOKEN, Fault(status=200, body=json.dumps(answer), content_type=JSON), times=None)
    return demo


@pytest.mark.parametrize("env", [{}, DEBUG])
def test_a_good_run_shows_no_secret(demo: DemoOrganisation, env: dict[str, str]) -> None:
    run = read(demo, env=env)
    assert run.code == 0
    assert len(secrets_of(demo)) == 4
    assert ("DEBUG" in {line.level for line in run.log}) == bool(env)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
def test_secrets_that_the_api_repeats_are_masked(
    known_token: DemoOrganisation, status: int
) -> None:
    known_token.inject(MODULES, repeating(known_token, status), times=None)
    run = read(known_token, env=DEBUG)
    assert run.code == 1
    assert "***" in run.stderr
    assert ACCESS_TOKEN in secrets_of(known_token)


@pytest.mark.parametrize("status", [200, 400, 500])
def test_secrets_that_the_token_endpoint_repeats_are_masked(
    demo: DemoOrganisation, status: int
) -> None:
    said = everything(demo)
    body = json.dumps({"error": said, "error_description": said})
    demo.inject(TOKEN, Fault(status=status, body=body, content_type=JSON), times=None)
    assert read(demo, env=DEBUG).code == 1


@pytest.mark.parametrize(
    "fault", [Fault.reset(), Fault.cut(3), Fault.html(200), Fault.html(502), Fault.empty(200)]
)
@pytest.mark.parametrize("path", [MODULES, TOKEN])
def test_failing_connections_tell_no_secret(
    demo: DemoOrganisation, path: str, fault: Fault
) -> None:
    demo.inject(path, fault, times=None)
    assert read(demo, env=DEBUG).code == 1


@pytest.mark.parametrize("key", ["client_id", "client_secret", "refresh_token"])
@pytest.mark.parametrize("env", [{}, DEBUG])
def test_a_wrong_secret_is_not_shown_either(
    demo: DemoOrganisation, key: str, env: dict[str, str]
) -> None:
    wrong = f" {ACCESS_TOKEN}\n"
    run = run_tap(config={**config_for(demo), key: wrong}, env=env)
    assert run.code == 1
    assert key in run.stderr
    assert_no_secret(run, {*secrets_of(demo), ACCESS_TOKEN})


def test_a_secret_given_under_a_misspelt_key_is_not_shown(demo: DemoOrganisation) -> None:
    run = read(demo, refresh_tokn=ACCESS_TOKEN, env=DEBUG)
    assert "refresh_tokn" in run.stderr
    assert_no_secret(run, {ACCESS_TOKEN})


def test_the_token_goes_in_the_header_and_the_secrets_in_the_body_only(
    demo: DemoOrganisation,
) -> None:
    read(demo)
    token, modules = (next(c for c in demo.calls if c.path == path) for path in (TOKEN, MODULES))
    assert token.method == "POST"
    assert token.params == {}
    assert "authorization" not in token.headers
    assert token.form == {
        "grant_type": "refresh_token",
        "client_id": demo.client_id,
        "client_secret": demo.client_secret,
        "refresh_token": demo.refresh_token,
    }
    assert modules.headers["authorization"].startswith("Zoho-oauthtoken 1000.")
    assert modules.params == {}


def test_a_traceback_shows_at_debug_only(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.error(400, "INVALID_DATA"), times=None)
    assert "Traceback" in read(demo, env=DEBUG).stderr
    assert "Traceback" not in read(demo).stderr
