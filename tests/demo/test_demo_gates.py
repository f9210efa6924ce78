from __future__ import annotations

import pytest
import requests

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.accounts import covers

from .conftest import Client, assert_refused

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
