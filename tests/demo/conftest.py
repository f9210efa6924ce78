"""A running demo organisation, and a plain `requests` client for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import pytest
import requests
from support.sample import awkward_sample

from zohocrm_demo import Clock, DemoOrganisation, Organisation
from zohocrm_demo.organisation.records.store import RecordStore

TOKEN_PATH = "/oauth/v2/token"


def a_clock() -> Clock:
    """A clock that moves only when somebody moves it."""
    return Clock(datetime(2025, 9, 1, 12, tzinfo=timezone.utc))


@dataclass
class Client:
    """The least that speaks to Zoho: a session, a token, GET."""

    demo: DemoOrganisation
    session: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def credentials(self, **changes: str) -> dict[str, str]:
        return {
            "grant_type": "refresh_token",
            "client_id": self.demo.client_id,
            "client_secret": self.demo.client_secret,
            "refresh_token": self.demo.refresh_token,
            **changes,
        }

    def mint(self, **changes: str) -> requests.Response:
        answer = self.session.post(
            self.demo.accounts_url + TOKEN_PATH, data=self.credentials(**changes), timeout=60
        )
        if answer.ok and "access_token" in answer.json():
            self.token = answer.json()["access_token"]
        return answer

    def get(self, path: str, method: str = "GET", **more: Any) -> requests.Response:
        if not self.token:
            self.mint()
        headers = {"Authorization": f"Zoho-oauthtoken {self.token}", **more.pop("headers", {})}
        return self.session.request(
            method, self.demo.api_url + path, headers=headers, timeout=60, **more
        )

    def rows(self, path: str, key: str, **params: str) -> list[dict[str, Any]]:
        answer = self.get(path, params=params)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()[key]
        return rows


def assert_refused(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    """Zoho's error object, all four keys; returns the details."""
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert body.keys() == {"code", "details", "message", "status"}
    assert body["status"] == "error"
    assert body["message"]
    details: dict[str, Any] = body["details"]
    return details


def control(demo: DemoOrganisation, action: str, **arguments: Any) -> Any:
    """Do something by the control API; returns its result."""
    answer = requests.post(f"{demo.control_url}/control/{action}", json=arguments, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


@pytest.fixture
def clock() -> Clock:
    return a_clock()


@pytest.fixture
def demo(clock: Clock) -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample, clock=clock) as running:
        yield running


@pytest.fixture
def client(demo: DemoOrganisation) -> Iterator[Client]:
    speaker = Client(demo)
    with speaker.session:
        yield speaker


@contextmanager
def speaking(organisation: Organisation | None = None, **options: Any) -> Iterator[Client]:
    """A client of an organisation that runs with these options."""
    with DemoOrganisation(organisation or awkward_sample, **options) as demo:
        speaker = Client(demo)
        with speaker.session:
            yield speaker


@pytest.fixture
def store(demo: DemoOrganisation) -> RecordStore:
    return demo.organisation.records


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    """A client of an organisation that nobody changes."""
    with speaking(daily_credits=10**6, clock=a_clock()) as speaker:
        yield speaker
