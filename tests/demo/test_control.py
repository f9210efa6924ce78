"""What happens to a running organisation: by the control API, by its own life, by its clock."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from support.sample import awkward_sample

from zohocrm_demo import Clock, DemoOrganisation


def test_a_clock_that_runs_can_be_set_ahead() -> None:
    clock = Clock()
    clock.advance(3_600)
    ahead = clock() - datetime.now(timezone.utc)
    assert timedelta(minutes=59) < ahead <= timedelta(hours=1)


def test_life_changes_records_by_its_seed() -> None:
    one, same, other = (
        DemoOrganisation(awkward_sample, seed=seed).life.step(200) for seed in (1, 1, 2)
    )
    assert one == same != other
    assert Counter(change.kind for change in one).keys() == {
        "edited",
        "created",
        "deleted",
        "restored",
    }


def test_an_organisation_lives_by_itself_at_its_pace() -> None:
    with DemoOrganisation(awkward_sample, seed=3, live=60_000) as demo:
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
        ("faults.add", {"kind": "500", "nth": 0}, 400, "count from 1"),
        ("faults.add", {"kind": "500", "times": 0}, 400, "count from 1"),
    ],
)
def test_a_wrong_action_is_refused(
    action: str, arguments: dict[str, Any], status: int, named: str
) -> None:
    with DemoOrganisation(awkward_sample) as demo:
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
