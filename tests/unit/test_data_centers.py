"""Each data centre's hosts go together; of two Zoho documents too little, and they were seen."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tap_zohocrm_modules.config.choices import DATA_CENTERS
from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.config.settings import Settings
from tap_zohocrm_modules.sync.connection import connect
from tap_zohocrm_modules.zoho.transport.connection import Connection

CREDENTIALS = {"client_id": "1000.A", "client_secret": "b", "refresh_token": "1000.c.d"}

# https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html
DOCUMENTED = {
    "us": ("https://accounts.zoho.com", "https://www.zohoapis.com"),
    "eu": ("https://accounts.zoho.eu", "https://www.zohoapis.eu"),
    "in": ("https://accounts.zoho.in", "https://www.zohoapis.in"),
    "au": ("https://accounts.zoho.com.au", "https://www.zohoapis.com.au"),
    "jp": ("https://accounts.zoho.jp", "https://www.zohoapis.jp"),
    "cn": ("https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn"),
    "ca": ("https://accounts.zohocloud.ca", "https://www.zohoapis.ca"),
    "sa": ("https://accounts.zoho.sa", "https://www.zohoapis.sa"),
}
# Seen in configurations in use; Zoho documents the first URL of the first.
SEEN = {
    "uk": ("https://accounts.zoho.uk", "https://www.zohoapis.uk"),
    "ae": ("https://accounts.zoho.ae", "https://www.zohoapis.ae"),
}
ACCOUNTS, API = "https://accounts.example.org", "https://api.example.org"


@pytest.fixture
def resources() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


def access(resources: contextlib.ExitStack, **config: Any) -> Connection:
    return connect(Settings.parse({**CREDENTIALS, **config}), resources)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_both_hosts_are_the_data_centres_own(name: str, resources: contextlib.ExitStack) -> None:
    found = access(resources, data_center=name)
    assert (found.credentials.accounts_url, found.fallback_api_url) == DOCUMENTED[name]
    assert found.api_url is None


def test_the_table_has_the_documented_data_centres_and_two_more() -> None:
    assert DATA_CENTERS.keys() == DOCUMENTED.keys() | SEEN.keys()


@pytest.mark.parametrize("name", SEEN)
def test_hosts_that_were_seen_in_use_need_no_setting(
    name: str, resources: contextlib.ExitStack
) -> None:
    found = access(resources, data_center=name)
    assert (found.credentials.accounts_url, found.fallback_api_url) == SEEN[name]
    # The token's own api_domain wins.
    assert found.api_url is None


@pytest.mark.parametrize("name", ["uk", "ae"])
def test_hosts_that_are_given_are_used(name: str, resources: contextlib.ExitStack) -> None:
    found = access(resources, data_center=name, accounts_url=ACCOUNTS, api_url=API)
    assert (found.credentials.accounts_url, found.api_url) == (ACCOUNTS, API)


def test_given_hosts_win_over_the_data_centres(resources: contextlib.ExitStack) -> None:
    found = access(resources, data_center="eu", accounts_url=ACCOUNTS, api_url=API)
    assert (found.credentials.accounts_url, found.api_url) == (ACCOUNTS, API)


@pytest.mark.parametrize(
    ("environment", "prefix"),
    [("production", None), ("sandbox", "sandbox"), ("developer", "developer")],
)
def test_an_environment_changes_the_api_host_and_not_the_accounts_host(
    environment: str, prefix: str | None, resources: contextlib.ExitStack
) -> None:
    found = access(resources, data_center="in", environment=environment)
    assert found.host_prefix == prefix
    assert found.credentials.accounts_url == "https://accounts.zoho.in"


def test_the_demo_starts_and_ends_with_the_run() -> None:
    with contextlib.ExitStack() as resources:
        found = connect(Settings.parse({"environment": "demo"}), resources)
        assert found.credentials.accounts_url.startswith("http://127.0.0.1:")
        assert found.api_url is not None
        assert found.api_url.startswith("http://127.0.0.1:")
        assert found.credentials.refresh_token


def test_without_the_package_the_demo_says_what_to_install(
    resources: contextlib.ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zohocrm_demo", None)
    with pytest.raises(SettingsError, match="pip install zohocrm-demo"):
        connect(Settings.parse({"environment": "demo"}), resources)


def test_what_the_run_may_use_is_handed_on(resources: contextlib.ExitStack) -> None:
    found = access(resources, max_concurrency=7, credit_budget=99, request_timeout=12)
    assert (found.concurrency, found.credit_budget, found.times.request) == (7, 99, 12)
    assert access(resources).concurrency == 5
