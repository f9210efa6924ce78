from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from .conftest import Client, Clock, assert_refused, speaking
from .records_calls import ask, ids, rows

if TYPE_CHECKING:
    from zohocrm_demo.organisation.records import RecordStore


def test_a_keyset_walk_through_a_crowded_second(client: Client, store: RecordStore) -> None:
    """The pattern of readers that page by change: nothing lost, nothing twice."""
    truth = {row["id"] for row in store.read("Sensors", "id")}
    seen: list[str] = []
    stamp, last = "2020-01-01T00:00:00Z", 0
    while True:
        found = rows(
            client,
            "select Modified_Time from Sensors where (Modified_Time >= '"
            f"{stamp}' and (Modified_Time > '{stamp}' or id > {last})) "
            "order by Modified_Time asc, id asc limit 200",
        )
        seen += [row["id"] for row in found]
        if len(found) < 200:
            break
        stamp, last = found[-1]["Modified_Time"], found[-1]["id"]
    assert len(seen) == len(set(seen)) == len(truth)
    assert set(seen) == truth


def test_windows_on_a_million_rows(client: Client) -> None:
    query = (
        "select Name, Modified_Time from Calibrations where (Modified_Time >= "
        "'2025-08-01T00:00:00Z' and Modified_Time < '2025-08-01T01:00:00+00:00') {} limit 2000"
    )
    by_change = ids(client, query.format("order by Modified_Time, id"))

    assert 60 < len(by_change) < 80
    assert ids(client, query.format("")) == sorted(by_change, key=int)
    assert ids(client, query.format("order by Modified_Time desc, id desc")) == by_change[::-1]


def test_increments_see_every_change(client: Client, store: RecordStore, clock: Clock) -> None:
    changed = [row["id"] for row in islice(store.read("Water_Samples", "id"), 100)]
    for record in changed:
        store.update("Water_Samples", record, {"Odour": "None"})
    gone = changed.pop()
    store.delete("Water_Samples", gone)
    new = store.insert("Water_Samples", {"Name": "new"})
    since = clock.now.isoformat()
    query = f"select id from Water_Samples where Modified_Time >= '{since}'"

    assert ids(client, query) == [*changed, new]
    later = (clock.now + timedelta(seconds=1)).isoformat()
    assert ids(client, query.replace(since, later)) == []


@pytest.mark.parametrize(
    ("tail", "credits_"),
    [
        ("", 1),
        ("limit 200", 1),
        ("limit 201", 2),
        ("limit 1000", 2),
        ("limit 1001", 3),
        ("limit 5, 2000", 3),
    ],
)
def test_credits_by_limit(clock: Clock, tail: str, credits_: int) -> None:
    with speaking(clock=clock, daily_credits=credits_) as client:
        query = f"select id from Ideas where id is not null {tail}"
        assert ask(client, query).status_code == 200
        assert_refused(ask(client, "x"), 429, "TOO_MANY_REQUESTS")
    with speaking(clock=clock, daily_credits=credits_ - 1 or 1) as client:
        assert ask(client, query).status_code == (200 if credits_ == 1 else 429)


def test_a_costly_slot(clock: Clock) -> None:
    with speaking(clock=clock, sub_concurrency=0) as client:
        answer = ask(client, "select id from Ideas where id is not null")
        assert_refused(answer, 429, "TOO_MANY_REQUESTS")


@pytest.mark.parametrize(
    ("scopes", "status"),
    [
        (["ZohoCRM.coql.READ", "ZohoCRM.modules.READ"], 200),
        (["ZohoCRM.coql.READ", "ZohoCRM.modules.leads.READ"], 200),
        (["ZohoCRM.coql.READ", "ZohoCRM.modules.deals.READ"], 401),
        (["ZohoCRM.coql.READ"], 401),
        (["ZohoCRM.modules.ALL"], 401),
    ],
)
def test_scopes(clock: Clock, scopes: list[str], status: int) -> None:
    with speaking(clock=clock, scopes=scopes) as client:
        answer = ask(client, "select id from Leads where id is not null")
        assert answer.status_code == status
        if status == 401:
            assert_refused(answer, 401, "OAUTH_SCOPE_MISMATCH")
        meta = ask(client, "select id from Leads where id is not null", include_meta=["fields"])
        assert meta.status_code == 401


def test_limits_and_offsets(client: Client) -> None:
    everything = ids(client, "select id from Sites where id is not null limit 2000")
    for form in ("limit 7 offset 5", "limit 5, 7", "LIMIT 5 , 7"):
        assert ids(client, f"select id from Sites where id is not null {form}") == everything[5:12]
    assert ids(client, "select id from Sites where id is not null offset 3")[0] == everything[3]
    info = ask(client, "select id from Sites where id is not null limit 350").json()["info"]
    assert info == {"count": 350, "more_records": False}


def test_converted_leads_must_be_named(client: Client) -> None:
    def count(condition: str) -> int:
        number: int = rows(client, f"select COUNT(id) from Leads where {condition}")[0]["COUNT(id)"]
        return number

    assert count("id is not null") == 1_778
    assert count("Converted__s = true") == count("Converted__s = 'true'") == 222
    assert count("(Converted__s = true or Converted__s = false)") == 2_000
