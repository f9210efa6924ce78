from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.accounts import covers
from zohocrm_demo.answers import ZohoError
from zohocrm_demo.limits import Cost, Limits, edition_of, licensed_users

from .conftest import Client, Clock, assert_refused, speaking

MODULES = "/crm/v8/settings/modules"
FIELDS = "/crm/v8/settings/fields"


@pytest.mark.parametrize("header", [None, "", "Zoho-oauthtoken", "Basic abc", "zoho-authtoken x"])
def test_no_usable_authorization(demo: DemoOrganisation, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}

    answer = requests.get(demo.api_url + MODULES, headers=headers, timeout=5)

    assert_refused(answer, 401, "AUTHENTICATION_FAILURE")


def test_an_unknown_token(demo: DemoOrganisation) -> None:
    answer = requests.get(
        demo.api_url + MODULES, headers={"Authorization": "Zoho-oauthtoken 1000.a.b"}, timeout=5
    )

    assert_refused(answer, 401, "INVALID_TOKEN")


def test_bearer_will_do(client: Client) -> None:
    client.mint()

    answer = client.get(MODULES, headers={"Authorization": f"Bearer {client.token}"})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("granted", "required", "enough"),
    [
        ("ZohoCRM.settings.ALL", "ZohoCRM.settings.modules.READ", True),
        ("ZohoCRM.settings.modules.ALL", "ZohoCRM.settings.modules.READ", True),
        ("ZohoCRM.settings.modules.READ", "ZohoCRM.settings.modules.READ", True),
        ("ZohoCRM.settings.fields.READ", "ZohoCRM.settings.modules.READ", False),
        ("ZohoCRM.settings.modules.CREATE", "ZohoCRM.settings.modules.READ", False),
        ("ZohoCRM.settings.READ", "ZohoCRM.settings.modules.READ", False),
        ("ZohoCRM.users.ALL", "ZohoCRM.users.READ", True),
        ("ZohoCRM.modules.ALL", "ZohoCRM.modules.leads.READ", True),
        ("ZohoCRM.modules.READ", "ZohoCRM.modules.leads.READ", True),
        ("ZohoCRM.modules.leads.ALL", "ZohoCRM.modules.contacts.READ", False),
        ("ZohoCRM.modules.ALL", "ZohoCRM.settings.modules.READ", False),
        ("zohocrm.settings.all", "ZohoCRM.settings.modules.READ", False),
        ("ZohoCRM.bulk.ALL", "ZohoCRM.bulk.backup.READ", True),
    ],
)
def test_what_a_scope_covers(granted: str, required: str, *, enough: bool) -> None:
    assert covers(granted, required) is enough


def test_a_chunked_body_is_refused(demo: DemoOrganisation) -> None:
    answer = requests.post(demo.api_url + MODULES, data=iter([b"x"]), timeout=5)

    assert answer.status_code == 411


def test_org(client: Client) -> None:
    (company,) = client.rows("/crm/v8/org", "org")

    assert len(company) == 37
    assert company["license_details"]["paid_type"] == "enterprise"
    assert company["created_time"].endswith("-07:00")


def test_every_call_is_in_the_journal(client: Client) -> None:
    client.get(MODULES, params={"status": "visible,user_hidden"})
    client.get("/nowhere")

    token, modules, nowhere = client.demo.calls
    assert (token.method, token.path, token.status) == ("POST", "/oauth/v2/token", 200)
    assert token.params == {}
    assert token.form == client.credentials()
    assert b"grant_type=refresh_token" in token.body
    assert (modules.method, modules.path, modules.status) == ("GET", MODULES, 200)
    assert modules.params == {"status": "visible,user_hidden"}
    assert modules.headers["authorization"] == f"Zoho-oauthtoken {client.token}"
    assert nowhere.status == 404


def test_connections_are_kept_alive(client: Client) -> None:
    adapter = client.session.get_adapter("http://")
    for _ in range(5):
        client.get(MODULES)

    pools = adapter.poolmanager.pools  # type: ignore[attr-defined]
    counts = [pools[key].num_connections for key in pools.keys()]  # noqa: SIM118 (not a mapping)
    assert counts == [1, 1]


CREDITS = "x-api-credits-remaining"


@pytest.fixture
def poor(clock: Clock) -> Iterator[Client]:
    with speaking(daily_credits=4, clock=clock) as client, client.session:
        yield client


def test_the_credit_header_appears_at_half(poor: Client) -> None:
    seen = [poor.get(MODULES).headers.get(CREDITS) for _ in range(4)]

    assert seen == [None, "2", "1", "0"]


def test_without_credits_429_until_a_day_has_passed(poor: Client, clock: Clock) -> None:
    for _ in range(4):
        poor.get(MODULES)

    spent = poor.get(MODULES)

    assert_refused(spent, 429, "TOO_MANY_REQUESTS")
    assert spent.headers[CREDITS] == "0"
    assert "retry-after" not in spent.headers
    clock.advance(timedelta(hours=24).total_seconds())
    poor.mint()
    assert poor.get(MODULES).status_code == 200


def test_tokens_and_refused_tokens_cost_no_credits(poor: Client) -> None:
    for _ in range(9):
        poor.mint()
    poor.get("/nowhere")
    poor.token = "wrong"
    poor.get(MODULES)
    poor.mint()

    assert CREDITS not in poor.get(MODULES).headers


def test_enterprise_credits_by_default(client: Client) -> None:
    company = client.demo.organisation.company

    assert edition_of(company).daily_credits(licensed_users(company)) == 75_000
    assert CREDITS not in client.get(MODULES).headers


def test_too_many_calls_at_a_time() -> None:
    with speaking(concurrency=2, latency=0.5) as client:
        client.mint()
        with client.session, ThreadPoolExecutor(6) as pool:
            statuses = list(pool.map(lambda _: client.get(MODULES).status_code, range(6)))
            assert sorted(statuses) == [200, 200, 429, 429, 429, 429]
            assert client.get(MODULES).status_code == 200


def test_slots_and_sub_concurrency(clock: Clock) -> None:
    limits = Limits(100, 6, 1, clock)
    costly = Cost(credits=3, sub_concurrent=True)

    with limits.admit(costly), limits.admit(Cost(slots=5)), pytest.raises(ZohoError):
        limits.admit(Cost()).__enter__()
    with limits.admit(costly):
        with pytest.raises(ZohoError):
            limits.admit(costly).__enter__()
        with limits.admit(Cost()):
            pass


def test_latency_holds_refusals_back_too() -> None:
    with DemoOrganisation(latency=0.2) as demo:
        begin = time.monotonic()
        answer = requests.get(demo.api_url + "/nowhere", timeout=5)

    assert_refused(answer, 404, "INVALID_URL_PATTERN")
    assert time.monotonic() - begin >= 0.2
