from __future__ import annotations

import pytest

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.families import records_list

from .conftest import Client, Clock, assert_refused
from .records_calls import LEADS, SINCE, page, walk

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("by", ["id", "Created_Time", "Modified_Time"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_and_tokens_give_the_same(client: Client, by: str, order: str) -> None:
    params = {"sort_by": by, "sort_order": order, "fields": f"{by},Last_Name", "converted": "both"}
    by_page = [
        row for number in range(1, 11) for row in page(client, LEADS, page=number, **params)["data"]
    ]

    assert list(walk(client, LEADS, **params)) == by_page
    assert len({row["id"] for row in by_page}) == 2_000


def test_beyond_2000_only_with_a_token(client: Client) -> None:
    params = {"fields": "Name", "page": "11"}
    details = assert_refused(
        client.get("/crm/v8/Calibrations", params=params), 400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED"
    )
    assert details == {"limit": 2000}
    assert page(client, "/crm/v8/Calibrations", page=10)["info"]["page"] == 10
    assert page(client, "/crm/v8/Calibrations", page=2_000, per_page=1)["data"]


def test_beyond_100000_not_even_with_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert records_list.MOST_BY_TOKEN == 100_000
    # 500 pages would take long.
    monkeypatch.setattr(records_list, "MOST_BY_TOKEN", 400)
    token = page(client, "/crm/v8/Calibrations")["info"]["next_page_token"]
    second = page(client, "/crm/v8/Calibrations", page_token=token)
    assert second["info"]["page"] == 2
    assert second["info"]["more_records"]
    answer = client.get(
        "/crm/v8/Calibrations",
        params={"fields": "Modified_Time", "page_token": second["info"]["next_page_token"]},
    )
    assert_refused(answer, 400, "PAGINATION_LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    "change",
    [
        {"fields": "Last_Name"},
        {"per_page": "100"},
        {"sort_by": "id"},
        {"sort_order": "desc"},
        {"converted": "both"},
        {"since": "2025-01-01T00:00:00+00:00"},
        {"path": "/crm/v8/Contacts"},
        {"token": "x"},
    ],
)
def test_tokens_are_bound_to_the_call(client: Client, change: dict[str, str]) -> None:
    token = page(client, LEADS)["info"]["next_page_token"]
    more = dict(change)
    path, header = more.pop("path", LEADS), more.pop("since", None)
    params = {"fields": "Modified_Time", "page_token": token + more.pop("token", ""), **more}

    answer = client.get(path, params=params, headers={} if header is None else {SINCE: header})

    details = assert_refused(answer, 400, "TOKEN_BOUND_DATA_MISMATCH")
    assert details == {"param_name": "page_token"}


def test_tokens_are_bound_to_the_user_and_the_organisation(client: Client) -> None:
    token = page(client, LEADS)["info"]["next_page_token"]
    params = {"fields": "Modified_Time", "page_token": token}
    users = client.demo.organisation.users
    users[0], users[1] = users[1], users[0]

    assert_refused(client.get(LEADS, params=params), 400, "TOKEN_BOUND_DATA_MISMATCH")
    with DemoOrganisation() as other:
        stranger = Client(other)
        answer = stranger.get(LEADS, params=params)
        stranger.session.close()
    assert_refused(answer, 400, "TOKEN_BOUND_DATA_MISMATCH")


def test_tokens_live_24_hours(client: Client, clock: Clock) -> None:
    params = {"fields": "Last_Name"}
    params["page_token"] = page(client, LEADS, **params)["info"]["next_page_token"]
    clock.advance(24 * 3_600 - 1)
    assert client.get(LEADS, params=params).status_code == 401
    client.mint()
    assert client.get(LEADS, params=params).status_code == 200
    clock.advance(1)

    assert_refused(client.get(LEADS, params=params), 400, "EXPIRED_VALUE")


def test_a_walk_by_id_is_not_disturbed(client: Client) -> None:
    store = client.demo.organisation.records
    first = page(client, LEADS)
    ids = [row["id"] for row in first["data"]]
    store.insert("Leads", {"Last_Name": "New"})
    store.delete("Leads", ids[3])
    store.update("Leads", ids[4], {"City": "Oslo"})

    second = page(client, LEADS, page_token=first["info"]["next_page_token"])

    assert int(second["data"][0]["id"]) < int(ids[-1])
    expected = [row for row in store.read("Leads", "Converted__s") if not row["Converted__s"]]
    below = [row["id"] for row in reversed(expected) if int(row["id"]) < int(ids[-1])]
    assert [row["id"] for row in second["data"]] == below[:200]


def test_tokens_may_stand_for_positions(client: Client) -> None:
    store = client.demo.organisation.records
    store.positional_tokens = True
    everything = list(walk(client, LEADS, fields="Last_Name"))
    first = page(client, LEADS)
    store.delete("Leads", first["data"][0]["id"])

    second = page(client, LEADS, page_token=first["info"]["next_page_token"])

    assert [row["id"] for row in second["data"]] == [row["id"] for row in everything[201:401]]


def test_pages_shift_when_rows_go(client: Client) -> None:
    second = page(client, LEADS, page=2)["data"]
    client.demo.organisation.records.delete("Leads", page(client, LEADS)["data"][0]["id"])

    assert page(client, LEADS, page=2)["data"][:-1] == second[1:]
