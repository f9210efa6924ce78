"""What the DAGs hand to the tap of Airflow's connections, without Airflow."""

from __future__ import annotations

import json
import sys
import types
from typing import Any

import pytest
from support.airflow import example


class Connection:
    """Airflow's, as far as the example looks at it."""

    login, password, host, port, schema = "id", "secret", None, None, None

    def __init__(self, extra: dict[str, Any]) -> None:
        self.extra_dejson = extra

    @staticmethod
    def get(name: str) -> Connection:
        extra = {
            "record_modules": ["Leads", 'with "quotes"'],
            "batch_config": {"encoding": {"format": "arrow"}},
            "emit_tombstones": False,
            "credit_budget": 5,
            "data_center": "eu",
            "start_date": None,
        }
        return Connection(extra if name == "zoho_crm" else {"hard_delete": True})


def test_lists_and_such_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    exceptions: Any = types.ModuleType("airflow.exceptions")
    exceptions.AirflowNotFoundException = KeyError
    sdk: Any = types.ModuleType("airflow.sdk")
    sdk.Connection = Connection
    for name, module in (("airflow.exceptions", exceptions), ("airflow.sdk", sdk)):
        monkeypatch.setitem(sys.modules, name, module)
    found = example("zoho_crm_connections").credentials()

    tap = {
        name.removeprefix("TAP_ZOHOCRM_MODULES_").lower(): value
        for name, value in found.items()
        if name.startswith("TAP_")
    }
    assert json.loads(tap["record_modules"]) == ["Leads", 'with "quotes"']
    assert json.loads(tap["batch_config"]) == {"encoding": {"format": "arrow"}}
    assert tap["emit_tombstones"] == "false"
    assert tap["credit_budget"] == "5"
    assert (tap["client_id"], tap["data_center"]) == ("id", "eu")
    assert "start_date" not in tap
    assert found["TARGET_POSTGRES_HARD_DELETE"] == "true"
