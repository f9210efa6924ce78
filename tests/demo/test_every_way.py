"""What holds of records by each way to them: scopes, credits, slots, converted leads, views."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from .conftest import Client, Clock, assert_refused, speaking
from .records_calls import BULK, LEADS, ask, create, finish, page, query_of, rows, walk

pytestmark = pytest.mark.thorough

SELECT = "select id from Leads where id is not null"


def listed(client: Client, module: str = "Leads", **params: str) -> requests.Response:
    return client.get(f"/crm/v8/{module}", params={"fields": "id", **params})


def limited(limit: str) -> Callable[[Client], requests.Response]:
    return lambda client: ask(client, f"{SELECT} {limit}")


def a_view(client: Client) -> str:
    views = client.demo.organisation.custom_views["Leads"]
    view: str = next(view["id"] for view in views if view["system_name"] == "MYVIEWS")
    return view


def asked_for_metadata(client: Client) -> requests.Response:
    return ask(client, SELECT, include_meta=["fields"])


def deleted(client: Client) -> requests.Response:
    return client.get(f"{LEADS}/deleted")


def exported(client: Client) -> requests.Response:
    return client.get(BULK, "POST", json={"query": query_of("Leads")})


def in_view(client: Client) -> requests.Response:
    return listed(client, cvid=a_view(client))


@pytest.mark.parametrize(
    ("call", "credits_"),
    [
        (listed, 1),
        (in_view, 3),
        (deleted, 2),
        *((limited(limit), 1) for limit in ("", "limit 200")),
        *((limited(limit), 2) for limit in ("limit 201", "limit 1000")),
        *((limited(limit), 3) for limit in ("limit 1001", "limit 5, 2000")),
        (exported, 50),
    ],
)
def test_credits(clock: Clock, call: Callable[[Client], requests.Response], credits_: int) -> None:
    with speaking(clock=clock, daily_credits=credits_) as client:
        assert call(client).ok
        assert_refused(client.get("/crm/v8/org"), 429, "TOO_MANY_REQUESTS")
    with speaking(clock=clock, daily_credits=credits_ - 1) as client:
        assert_refused(call(client), 429, "TOO_MANY_REQUESTS")


@pytest.mark.parametrize(
    "call", [in_view, limited(""), lambda client: listed(client, sort_by="id")]
)
def test_costly_slots(clock: Clock, call: Callable[[Client], requests.Response]) -> None:
    with speaking(clock=clock, sub_concurrency=0) as client:
        assert_refused(call(client), 429, "TOO_MANY_REQUESTS")


@pytest.mark.parametrize(
    ("call", "scopes", "enough"),
    [
        (listed, "modules.ALL", True),
        (listed, "modules.READ", True),
        (listed, "modules.leads.READ", True),
        (listed, "modules.leads.CREATE", False),
        (listed, "modules.deals.READ", False),
        (listed, "settings.ALL", False),
        (lambda client: listed(client, "Sales_Orders"), "modules.salesorders.READ", True),
        (lambda client: listed(client, "Sites"), "modules.custom.READ", True),
        (lambda client: listed(client, "Site_Contacts"), "modules.custom.READ", True),
        (lambda client: listed(client, "Sites"), "modules.leads.READ", False),
        (deleted, "modules.leads.READ", True),
        (deleted, "modules.deals.READ", False),
        (limited(""), "coql.READ modules.READ", True),
        (limited(""), "coql.READ modules.leads.READ", True),
        (limited(""), "coql.READ modules.deals.READ", False),
        (limited(""), "coql.READ", False),
        (limited(""), "modules.ALL", False),
        (asked_for_metadata, "coql.READ modules.READ", False),
        (asked_for_metadata, "coql.READ modules.READ settings.fields.READ", True),
        (exported, "bulk.READ modules.READ", True),
        (exported, "bulk.ALL modules.leads.READ", True),
        (exported, "bulk.READ modules.deals.READ", False),
        (exported, "bulk.READ", False),
        (exported, "modules.ALL", False),
    ],
)
def test_scopes(
    clock: Clock, call: Callable[[Client], requests.Response], scopes: str, *, enough: bool
) -> None:
    with speaking(clock=clock, scopes=[f"ZohoCRM.{one}" for one in scopes.split()]) as client:
        answer = call(client)
        if enough:
            assert answer.ok
        else:
            assert_refused(answer, 401, "OAUTH_SCOPE_MISMATCH")


def selected(client: Client, condition: str) -> int:
    return int(rows(client, f"select COUNT(id) from Leads where {condition}")[0]["COUNT(id)"])


def count_exported(client: Client, **query: object) -> int:
    return int(
        finish(client, create(client, query_of("Leads", "City", **query)))["result"]["count"]
    )


def test_converted_leads_must_be_named(shared: Client) -> None:
    for value, count in (("false", 1_778), ("true", 222), ("both", 2_000)):
        assert len(list(walk(shared, LEADS, converted=value))) == count
    named = page(shared, LEADS, fields="Converted__s,$converted", converted="true")["data"]
    assert all(row["Converted__s"] and row["$converted"] for row in named)
    assert listed(shared, "Ideas", converted="true").status_code == 204
    assert selected(shared, "id is not null") == count_exported(shared) == 1_778
    assert (
        selected(shared, "Converted__s = true") == selected(shared, "Converted__s = 'true'") == 222
    )
    assert selected(shared, "(Converted__s = true or Converted__s = false)") == 2_000
    only = {"field": {"api_name": "Converted__s"}, "comparator": "equal", "value": True}
    assert count_exported(shared, criteria=only) == 222


def test_custom_views(shared: Client) -> None:
    view, caller = a_view(shared), {shared.demo.organisation.users[0]["id"]}
    own = list(walk(shared, LEADS, cvid=view, fields="Owner"))
    found = rows(shared, f"select Owner from Leads#{view} where id is not null limit 2000")
    assert {row["Owner"]["id"] for row in own} == {row["Owner"]["id"] for row in found} == caller
    assert len(own) == len(found) == count_exported(shared, cvid=view) < 1_778
    for every in shared.demo.organisation.custom_views["Leads"]:
        assert listed(shared, cvid=every["id"]).status_code in {200, 204}, every["name"]
    wrong = ask(shared, "select Owner from Leads#1 where id is not null")
    assert_refused(wrong, 400, "INVALID_QUERY")
