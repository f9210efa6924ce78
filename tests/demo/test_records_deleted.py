from __future__ import annotations

from datetime import timedelta
from typing import Any

from zohocrm_demo.organisation.records.store import RecordStore

from .conftest import Client, Clock, assert_refused

SINCE = "If-Modified-Since"


def deleted(client: Client, module: str, **params: Any) -> list[dict[str, Any]]:
    return client.rows(f"/crm/v8/{module}/deleted", "data", **params)


def test_a_line_for_each_deletion(client: Client, store: RecordStore, clock: Clock) -> None:
    rows = list(store.read("Sites"))[:2]
    clock.advance(3)
    store.delete("Sites", rows[0]["id"])
    clock.advance(1)
    store.delete("Sites", rows[1]["id"], permanent=True)
    lines = deleted(client, "Sites")
    caller = client.demo.organisation.users[0]

    by = {"name": caller["full_name"], "id": caller["id"]}
    assert lines == [
        {
            "deleted_by": by,
            "id": rows[1]["id"],
            "display_name": None,
            "type": "permanent",
            "created_by": None,
            "deleted_time": "2025-09-01T05:00:04-07:00",
        },
        {
            "deleted_by": by,
            "id": rows[0]["id"],
            "display_name": rows[0]["Name"],
            "type": "recycle",
            "created_by": lines[1]["created_by"],
            "deleted_time": "2025-09-01T05:00:03-07:00",
        },
    ]
    assert lines[1]["created_by"]["id"] == rows[0]["Created_By"]


def test_types(client: Client, store: RecordStore) -> None:
    rows = list(store.read("Sites", "id"))
    store.delete("Sites", rows[0]["id"])
    store.delete("Sites", rows[1]["id"], permanent=True)

    assert len(deleted(client, "Sites", type="all")) == 2
    assert [row["id"] for row in deleted(client, "Sites", type="recycle")] == [rows[0]["id"]]
    assert [row["id"] for row in deleted(client, "Sites", type="permanent")] == [rows[1]["id"]]
    for wrong in ("Recycle", "", "both"):
        answer = client.get("/crm/v8/Sites/deleted", params={"type": wrong})
        details = assert_refused(answer, 400, "PATTERN_NOT_MATCHED")
        assert details["param_name"] == "type"


def test_modules_without_a_recycle_bin(client: Client, store: RecordStore) -> None:
    store.delete("Notes", next(store.read("Notes"))["id"])

    assert [row["type"] for row in deleted(client, "Notes")] == ["permanent"]


def test_the_header_goes_by_the_time_of_deletion(
    client: Client, store: RecordStore, clock: Clock
) -> None:
    gone = [row["id"] for row in store.read("Sites", "id")][:3]
    times = []
    for record in gone:
        clock.advance(60)
        store.delete("Sites", record)
        times.append(clock.now)

    def since(moment: Any) -> Any:
        return client.get("/crm/v8/Sites/deleted", headers={SINCE: moment.isoformat()})

    assert [row["id"] for row in since(times[1]).json()["data"]] == [gone[2], gone[1]]
    unchanged = since(times[2] + timedelta(seconds=1))
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_nothing_deleted(client: Client, store: RecordStore) -> None:
    for module in ("Ideas", "Shikayat"):
        assert client.get(f"/crm/v8/{module}/deleted").status_code == 204
    line = next(store.read("Quoted_Items"))["id"]
    store.delete("Quoted_Items", line)
    assert client.get("/crm/v8/Quoted_Items/deleted").status_code == 204


def test_pages(client: Client) -> None:
    answer = client.get("/crm/v8/Tasks/deleted", params={"page": "2"}).json()
    assert answer["info"] == {"per_page": 200, "count": 30, "page": 2, "more_records": False}
    ids = [row["id"] for n in range(1, 11) for row in deleted(client, "Calls", page=n)]
    assert len(set(ids)) == 2_000
    times = [row["deleted_time"] for row in deleted(client, "Calls")]
    assert times == sorted(times, reverse=True)
    answer = client.get("/crm/v8/Calls/deleted", params={"page": "11"})
    assert_refused(answer, 400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
    answer = client.get("/crm/v8/Calls/deleted", params={"page_token": "x"})
    assert_refused(answer, 400, "INVALID_REQUEST")


def test_ids_of_the_deleted_are_nobody_elses(client: Client, store: RecordStore) -> None:
    alive = {row["id"] for row in store.read("Calls", "id")}

    assert not alive & {row["id"] for row in deleted(client, "Calls")}
    assert deleted(client, "Leads", type="recycle")


def test_restored_ones_leave_the_list(client: Client, store: RecordStore) -> None:
    site = next(store.read("Sites", "id"))["id"]
    store.delete("Sites", site)
    assert deleted(client, "Sites")
    store.restore("Sites", site)

    assert client.get("/crm/v8/Sites/deleted").status_code == 204
    listed = client.rows("/crm/v8/Sites", "data", fields="Name", ids=site)
    assert len(listed) == 1
