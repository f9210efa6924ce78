from __future__ import annotations

from datetime import timedelta
from itertools import islice

from zohocrm_demo.organisation.records.store import RecordStore

from .conftest import Client, Clock
from .records_calls import ask, ids, rows


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


def test_limits_and_offsets(client: Client) -> None:
    everything = ids(client, "select id from Sites where id is not null limit 2000")
    for form in ("limit 7 offset 5", "limit 5, 7", "LIMIT 5 , 7"):
        assert ids(client, f"select id from Sites where id is not null {form}") == everything[5:12]
    assert ids(client, "select id from Sites where id is not null offset 3")[0] == everything[3]
    info = ask(client, "select id from Sites where id is not null limit 350").json()["info"]
    assert info == {"count": 350, "more_records": False}
