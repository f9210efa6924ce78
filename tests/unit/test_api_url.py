"""Which API host is called: the user's, else the token's, else the data centre's."""

from __future__ import annotations

from typing import Any

import pytest
from support.wire import machine_with

from tap_zohocrm_modules.config.choices import DATA_CENTERS
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.connection import Connection, Credentials
from tap_zohocrm_modules.zoho.transport.errors import AuthError, ZohoError
from tap_zohocrm_modules.zoho.transport.token_endpoint import api_domain
from zohocrm_demo.answers import json_answer

CREDENTIALS = Credentials("https://accounts.zoho.eu", "id", "secret", "refresh")
CENTRE, TOKEN, USER = "https://www.zohoapis.com", "https://www.zohoapis.eu", "https://mine.example"


def api_url(*, domain: str | None, **access: Any) -> str:
    token = {"access_token": "t", "expires_in": 3600} | ({"api_domain": domain} if domain else {})
    machine = machine_with(lambda *_: json_answer(token))
    with ZohoClient(Connection(credentials=CREDENTIALS, machine=machine, **access)) as client:
        return client.host.url()


@pytest.mark.parametrize(
    ("user", "domain", "centre", "expected"),
    [
        (USER, TOKEN, CENTRE, USER),
        (USER, None, None, USER),
        (None, TOKEN, CENTRE, TOKEN),
        (None, TOKEN, None, TOKEN),
        (None, None, CENTRE, CENTRE),
    ],
)
def test_the_nearest_word_wins(
    user: str | None, domain: str | None, centre: str | None, expected: str
) -> None:
    assert api_url(api_url=user, domain=domain, fallback_api_url=centre) == expected


@pytest.mark.parametrize("prefix", ["sandbox", "developer"])
@pytest.mark.parametrize(
    ("user", "domain", "expected"),
    [
        (None, TOKEN, "https://{}.zohoapis.eu"),
        (None, None, "https://{}.zohoapis.com"),
        (None, "https://www.zohoapis.com.au", "https://{}.zohoapis.com.au"),
        (None, "https://{}.zohoapis.eu", "https://{}.zohoapis.eu"),
        (None, "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        (USER, TOKEN, USER),
        (CENTRE, TOKEN, CENTRE),
    ],
)
def test_an_environment_has_hosts_of_its_own_and_never_changes_the_users(
    prefix: str, user: str | None, domain: str | None, expected: str
) -> None:
    found = api_url(
        api_url=user,
        domain=domain and domain.format(prefix),
        fallback_api_url=CENTRE,
        host_prefix=prefix,
    )
    assert found == expected.format(prefix)


@pytest.mark.parametrize(
    ("domain", "taken"),
    [
        ("https://www.zohoapis.eu/", "https://www.zohoapis.eu"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        # A token does not travel in the open.
        ("http://www.zohoapis.eu", None),
        ("ftp://www.zohoapis.eu", None),
        ("www.zohoapis.eu", None),
        ("https://www.zohoapis.eu@evil.example", None),
        (None, None),
    ],
)
def test_the_tokens_word_counts_if_the_token_is_safe_there(
    domain: str | None, taken: str | None
) -> None:
    assert api_domain(domain) == taken


def test_where_nobody_names_a_host_the_setting_is_asked_for() -> None:
    with pytest.raises(ZohoError, match="set api_url"):
        api_url(domain=None)


@pytest.mark.parametrize(
    "domain",
    [
        "https://www.zohoapis.com.evil.example",
        "https://evilzohoapis.com",
        "https://zohoapis.example",
        "https://www.zoho.com",
    ],
)
def test_a_host_that_is_none_of_zohos_gets_no_token_unless_the_user_names_it(domain: str) -> None:
    with pytest.raises(AuthError, match=r"none of Zoho's.*api_url"):
        api_url(domain=domain, fallback_api_url=CENTRE)
    assert api_url(domain=domain, api_url=domain) == domain


@pytest.mark.parametrize("name", DATA_CENTERS)
def test_the_api_hosts_of_all_data_centres_are_zohos(name: str) -> None:
    host = DATA_CENTERS[name].api_url or f"https://www.zohoapis.{name}"
    assert api_url(domain=host) == host
