from __future__ import annotations

from datetime import datetime

from zohocrm_demo import DemoOrganisation

from .conftest import Client, assert_refused

AUDIT = "/crm/v8/settings/audit_log_export"
BIN = "/crm/v8/settings/recycle_bin"
WATCH = "/crm/v8/actions/watch"
BACKUP = "/crm/bulk/v8/backup"


def test_exports_of_the_audit_log(client: Client, demo: DemoOrganisation) -> None:
    users = {user["id"]: user["full_name"] for user in demo.organisation.users}
    rows = client.rows(AUDIT, "audit_log_export")

    assert all(users[row["created_by"]["id"]] == row["created_by"]["name"] for row in rows)
    assert [row["job_end_time"] is None for row in rows] == [False, True]
    assert client.rows(f"{AUDIT}/{rows[1]['id']}", "audit_log_export") == [rows[1]]
    assert client.get(f"{AUDIT}/1").status_code == 204


def test_the_recycle_bin_joins_and_is_sorted(client: Client, demo: DemoOrganisation) -> None:
    modules = {module["id"]: module["api_name"] for module in demo.organisation.modules}
    users = {user["id"]: user["full_name"] for user in demo.organisation.users}
    rows = client.rows(BIN, "recycle_bin")

    times = [datetime.fromisoformat(row["deleted_time"]) for row in rows]
    assert times == sorted(times, reverse=True)
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert modules[row["module"]["id"]] == row["module"]["api_name"]
        for key in ("owner", "deleted_by"):
            assert users[row[key]["id"]] == row[key]["name"]
    assert client.get(f"{BIN}/actions/count").json() == {"count": len(rows)}
    assert len({row["module"]["api_name"] for row in rows}) > 2


def test_asking_the_recycle_bin(client: Client) -> None:
    rows = client.rows(BIN, "recycle_bin")
    by_name = client.rows(BIN, "recycle_bin", sort_by="display_name", sort_order="asc")

    names = [row["display_name"] for row in by_name]
    assert names == sorted(names)
    two = client.rows(BIN, "recycle_bin", ids=f"{rows[3]['id']},{rows[9]['id']}")
    assert two == [rows[3], rows[9]]
    assert client.rows(f"{BIN}/{rows[3]['id']}", "recycle_bin") == [rows[3]]
    assert_refused(client.get(BIN, params={"sort_by": "id"}), 400, "INVALID_DATA")
    assert_refused(client.get(BIN, params={"filters": "{}"}), 400, "NOT_SUPPORTED")
    assert_refused(client.get(f"{BIN}/1"), 400, "INVALID_DATA")


def test_more_than_200_in_the_recycle_bin(client: Client, demo: DemoOrganisation) -> None:
    row = demo.organisation.recycle_bin[0]
    demo.organisation.recycle_bin = [{**row, "id": str(number)} for number in range(401)]

    infos = [client.get(BIN, params={"page": str(page)}).json()["info"] for page in (1, 2, 3)]

    assert [info["count"] for info in infos] == [200, 200, 1]
    assert [info["more_records"] for info in infos] == [True, True, False]
    assert client.get(BIN, params={"page": "4"}).status_code == 204


def test_an_empty_bin_counts_zero(client: Client, demo: DemoOrganisation) -> None:
    demo.organisation.recycle_bin.clear()

    assert client.get(BIN).status_code == 204
    assert client.get(f"{BIN}/actions/count").json() == {"count": 0}


def test_one_channel_with_two_modules(client: Client, demo: DemoOrganisation) -> None:
    modules = {module["id"]: module["api_name"] for module in demo.organisation.modules}
    rows = client.rows(WATCH, "watch")

    assert len({row["channel_id"] for row in rows}) == 1 < len(rows)
    for row in rows:
        assert modules[row["resource_id"]] == row["resource_name"]
        assert all(event.startswith(f"{row['resource_name']}.") for event in row["events"])
    assert client.rows(WATCH, "watch", module="Deals") == [rows[1]]
    assert client.rows(WATCH, "watch", channel_id=rows[0]["channel_id"]) == rows
    assert client.get(WATCH, params={"channel_id": "7"}).status_code == 204
    assert_refused(client.get(WATCH, params={"module": "deals"}), 400, "INVALID_MODULE")


def test_backups(client: Client, demo: DemoOrganisation) -> None:
    users = {user["id"]: user["zuid"] for user in demo.organisation.users}
    backup = client.get(BACKUP).json()["backup"]

    assert users[backup["requester"]["id"]] == backup["requester"]["zuid"]
    history = client.rows(f"{BACKUP}/history", "history")
    assert all(users[row["done_by"]["id"]] == row["done_by"]["zuid"] for row in history)
    assert len({row["id"] for row in (backup, *history)}) == len(history) + 1
    assert client.get(f"{BACKUP}/urls").json()["urls"]["data_links"]
    demo.organisation.backup_schedule = None
    assert client.get(BACKUP).status_code == 204
    assert_refused(client.get("/crm/v8/backup"), 400, "INVALID_MODULE")
