"""What happens to a running organisation: by the control API, by its own life, by its clock."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from demo.conftest import Client, assert_refused, speaking
from zohocrm_demo import Clock, DemoOrganisation

START = datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
FIELDS = "/crm/v8/settings/fields"


def control(demo: DemoOrganisation, action: str, **arguments: Any) -> Any:
    answer = requests.post(f"{demo.control_url}/control/{action}", json=arguments, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def test_records_are_inserted_changed_deleted_and_restored(client: Client) -> None:
    demo = client.demo
    made = control(demo, "records.insert", module="Leads", values={"Last_Name": "Ada"})
    control(demo, "records.update", module="Leads", record_id=made, values={"Last_Name": "Eve"})
    path = f"/crm/v8/Leads/{made}"
    assert client.rows(path, "data", fields="Last_Name") == [{"Last_Name": "Eve", "id": made}]
    control(demo, "records.delete", module="Leads", record_id=made)
    assert client.get(path).status_code == 204
    control(demo, "records.restore", module="Leads", record_id=made)
    assert client.get(path).status_code == 200


def test_fields_and_modules_come_and_go(client: Client) -> None:
    def names(module: str) -> set[str]:
        return {row["api_name"] for row in client.rows(FIELDS, "fields", module=module)}

    control(client.demo, "schema.add_field", module="Leads", line="Depth|Depth|double:8|custom")
    assert "Depth" in names("Leads")
    control(client.demo, "schema.drop_field", module="Leads", api_name="Depth")
    assert "Depth" not in names("Leads")
    control(client.demo, "schema.add_module", api_name="Wells", label="Well/Wells")
    assert "Name" in names("Wells")
    control(client.demo, "schema.drop_module", api_name="Wells")
    assert_refused(client.get(FIELDS, params={"module": "Wells"}), 400, "INVALID_MODULE")


def test_tokens_expire(client: Client) -> None:
    assert client.get("/crm/v8/org").status_code == 200
    control(client.demo, "tokens.expire")
    assert_refused(client.get("/crm/v8/org"), 401, "INVALID_TOKEN")


def test_faults_are_added(client: Client) -> None:
    control(client.demo, "faults.add", kind="429", path="/crm/v8/org")
    assert client.get("/crm/v8/org").status_code == 429
    assert client.get("/crm/v8/org").status_code == 200


def test_everything_follows_the_clock_and_nobody_sleeps() -> None:
    with speaking(clock=Clock(START), latency=3_000) as client:
        demo, first = client.demo, client.get("/crm/v8/org")
        assert parsedate_to_datetime(first.headers["Date"]) == START + timedelta(seconds=3_000)
        assert control(demo, "clock.advance", seconds=600) == "2026-03-01T10:00:00+00:00"
        assert_refused(client.get("/crm/v8/org"), 401, "INVALID_TOKEN")
        made = demo.organisation.records.insert("Leads", {"Last_Name": "Ada"})
        record = demo.organisation.records.find("Leads", made)
        assert record is not None
        assert record.created == demo.clock().timestamp()
        assert control(demo, "clock.set", to="2027-01-01T00:00:00Z") == "2027-01-01T00:00:00+00:00"


def test_a_clock_that_runs_can_be_set_ahead() -> None:
    clock = Clock()
    clock.advance(3_600)
    ahead = clock() - datetime.now(timezone.utc)
    assert timedelta(minutes=59) < ahead <= timedelta(hours=1)


def test_life_changes_records_by_its_seed() -> None:
    one, same, other = (DemoOrganisation(seed=seed).life.step(200) for seed in (1, 1, 2))
    assert one == same != other
    assert Counter(change.kind for change in one).keys() == {
        "edited",
        "created",
        "deleted",
        "restored",
    }


def test_a_living_organisation_shows_its_changes(client: Client) -> None:
    change = next(row for row in client.demo.life.step(100) if row.kind == "deleted")
    listed = client.rows(f"/crm/v8/{change.module}/deleted", "data")
    assert change.record_id in {row["id"] for row in listed}


def test_an_organisation_lives_by_itself_at_its_pace() -> None:
    with DemoOrganisation(seed=3, live=60_000) as demo:
        before = demo.life.changes
        while demo.life.changes < before + 3:
            time.sleep(0.01)


@pytest.mark.parametrize(
    ("action", "arguments", "status", "named"),
    [
        ("records.explode", {}, 404, "/control"),
        ("records.delete", {"module": "Leads"}, 400, "record_id"),
        ("records.delete", {"module": "Leads", "record_id": "1"}, 400, "no record 1"),
        ("clock.set", {"to": "tomorrow"}, 400, "tomorrow"),
        ("faults.add", {"kind": "fire"}, 400, "fire"),
    ],
)
def test_a_wrong_action_is_refused(
    action: str, arguments: dict[str, Any], status: int, named: str
) -> None:
    with DemoOrganisation() as demo:
        answer = requests.post(f"{demo.control_url}/control/{action}", json=arguments, timeout=5)
    assert answer.status_code == status
    assert named in answer.json()["error"]


def test_a_form_of_a_browser_controls_nothing(demo: DemoOrganisation) -> None:
    answer = requests.post(f"{demo.control_url}/control/tokens.revoke", data="{}", timeout=5)
    assert answer.status_code == 415


def test_the_control_api_lists_its_actions(demo: DemoOrganisation) -> None:
    actions = requests.get(f"{demo.control_url}/control", timeout=5).json()["actions"]
    assert {"records.update", "schema.add_field", "clock.advance", "live.step"} <= set(actions)
    assert demo.calls == ()
