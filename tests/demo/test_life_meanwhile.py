"""What happens while a client reads: a fault that is followed by something, and its patterns."""

from __future__ import annotations

import ssl
import urllib.request

from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation, Fault

from .conftest import Client

LEADS = "/crm/v8/Leads?fields=Last_Name&per_page=3"


def test_something_happens_between_an_answer_and_its_arrival(client: Client) -> None:
    store = client.demo.organisation.records
    first = client.get(LEADS).json()["data"][0]
    client.demo.inject(
        "/crm/v*/Leads|/crm/v*/coql",
        Fault.followed_by(lambda: store.update("Leads", first["id"], {"Last_Name": "Later"})),
    )

    assert client.get(LEADS).json()["data"][0]["Last_Name"] == first["Last_Name"]
    assert store.table("Leads").find(int(first["id"])).value("Last_Name") == "Later"  # type: ignore[union-attr]


def test_calls_of_several_patterns_count_as_one_row(client: Client) -> None:
    client.demo.inject("/crm/v8/org|/crm/v8/L*", Fault.error(500, "INTERNAL_ERROR"), 2)

    statuses = [client.get(path).status_code for path in (LEADS, "/crm/v8/org", LEADS)]

    assert statuses == [200, 500, 200]


def test_the_proxy_comes_without_https_on_the_ports() -> None:
    with DemoOrganisation(awkward_sample, https="proxy", seed=1) as zoho:
        assert zoho.api_url.startswith("http:")
        trusted = urllib.request.HTTPSHandler(
            context=ssl.create_default_context(cafile=zoho.authority_file)
        )
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({"https": zoho.proxy_url}), trusted
        )
        with opener.open("https://accounts.zoho.in/oauth/serverinfo", timeout=5) as answer:
            assert answer.status == 200
