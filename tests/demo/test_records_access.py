from __future__ import annotations

import pytest

from .conftest import Client, Clock, assert_refused, speaking
from .records_calls import LEADS, page


def test_credits_and_costly_slots(clock: Clock) -> None:
    with speaking(clock=clock, daily_credits=10, sub_concurrency=0) as client:
        view = client.demo.organisation.customization.custom_views["Leads"][0]["id"]
        sorted_ = client.get(LEADS, params={"fields": "City", "sort_by": "id"})
        assert_refused(sorted_, 429, "TOO_MANY_REQUESTS")
        viewed = client.get(LEADS, params={"fields": "City", "cvid": view})
        assert_refused(viewed, 429, "TOO_MANY_REQUESTS")
        assert all(client.get(LEADS, params={"fields": "City"}).ok for _ in range(10))
        assert_refused(client.get(LEADS, params={"fields": "City"}), 429, "TOO_MANY_REQUESTS")
    with speaking(clock=clock, daily_credits=10) as client:
        calls = [client.get(LEADS, params={"fields": "City", "cvid": view}) for _ in range(4)]
        assert [call.status_code for call in calls] == [200, 200, 200, 429]


def test_notes_are_for_administrators(client: Client) -> None:
    assert page(client, "/crm/v8/Notes", fields="Parent_Id")["data"]
    client.demo.organisation.users[0]["profile"]["name"] = "Standard"

    answer = client.get("/crm/v8/Notes", params={"fields": "id"})
    assert_refused(answer, 403, "NOT_SUPPORTED")


@pytest.mark.parametrize(
    ("scope", "readable"),
    [
        ("ZohoCRM.modules.ALL", {"Leads", "Sites", "Sales_Orders", "Site_Contacts"}),
        ("ZohoCRM.modules.READ", {"Leads", "Sites", "Sales_Orders", "Site_Contacts"}),
        ("ZohoCRM.modules.leads.READ", {"Leads"}),
        ("ZohoCRM.modules.salesorders.READ", {"Sales_Orders"}),
        ("ZohoCRM.modules.custom.READ", {"Sites", "Site_Contacts"}),
        ("ZohoCRM.settings.ALL", set()),
        ("ZohoCRM.modules.leads.CREATE", set()),
    ],
)
def test_scopes(clock: Clock, scope: str, readable: set[str]) -> None:
    with speaking(clock=clock, scopes=[scope]) as client:
        for module in ("Leads", "Sites", "Sales_Orders", "Site_Contacts"):
            answer = client.get(f"/crm/v8/{module}", params={"fields": "id"})
            if module in readable:
                assert answer.status_code == 200
            else:
                assert_refused(answer, 401, "OAUTH_SCOPE_MISMATCH")
