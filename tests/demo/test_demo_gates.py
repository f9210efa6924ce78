"""The doors of the organisation: credentials, bodies, connections, the journal, slots."""

from __future__ import annotations

import re

import pytest
import requests
from support.sample import awkward_sample

from zohocrm_demo import Clock, DemoOrganisation
from zohocrm_demo.answers import ZohoError
from zohocrm_demo.limits import Cost, Limits, edition_of, licensed_users

from .conftest import Client, assert_refused

MODULES = "/crm/v8/settings/modules"


def test_the_credentials_look_like_zohos_and_are_new_every_time(demo: DemoOrganisation) -> None:
    assert re.fullmatch(r"1000\.[0-9A-F]{30}", demo.client_id)
    assert re.fullmatch(r"[0-9a-f]{42}", demo.client_secret)
    assert re.fullmatch(r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}", demo.refresh_token)
    assert DemoOrganisation(awkward_sample).refresh_token != demo.refresh_token


def test_one_organisations_token_never_opens_another(client: Client) -> None:
    client.mint()
    with DemoOrganisation(awkward_sample) as other:
        assert_refused(Client(other, token=client.token).get(MODULES), 401, "INVALID_TOKEN")


def test_a_call_without_a_token_is_refused(demo: DemoOrganisation) -> None:
    url = demo.api_url + MODULES
    assert_refused(requests.get(url, timeout=5), 401, "AUTHENTICATION_FAILURE")


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


def test_the_organisation_may_be_edited_between_calls(client: Client) -> None:
    client.demo.organisation.modules[0]["plural_label"] = "Start"
    assert client.rows(MODULES, "modules")[0]["plural_label"] == "Start"
    client.demo.organisation.modules.clear()
    assert client.get(MODULES).status_code == 204


def test_connections_are_kept_alive(client: Client) -> None:
    adapter = client.session.get_adapter("http://")
    for _ in range(5):
        client.get(MODULES)

    pools = adapter.poolmanager.pools  # type: ignore[attr-defined]
    counts = [pools[key].num_connections for key in pools.keys()]  # noqa: SIM118 (not a mapping)
    assert counts == [1, 1]


def test_enterprise_credits_by_default(demo: DemoOrganisation) -> None:
    company = demo.organisation.company
    assert edition_of(company).daily_credits(licensed_users(company)) == 75_000


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
