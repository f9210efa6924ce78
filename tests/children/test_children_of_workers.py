"""Children of records in the bins of the workers' example: read by runs of their own, each once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.airflow import example
from support.demo import read

from children.organisation import EMAILS, ROLES, SHARES, Warehouse
from zohocrm_demo import DemoOrganisation

LISTS = (ROLES, EMAILS, SHARES)

pytestmark = pytest.mark.thorough


def streams_of(demo: DemoOrganisation, **settings: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        read(demo, "--discover", catalog=None, **settings).stdout
    )["streams"]
    return found


def test_each_list_is_read_by_one_bin_and_goes_on_from_its_state(demo: DemoOrganisation) -> None:
    bins, warehouse = example("zoho_crm_bins"), Warehouse(demo, LISTS)
    settings = warehouse.settings(record_modules=["Campaigns"])
    others = {one["tap_stream_id"] for one in streams_of(demo, record_modules=[], child_lists=[])}
    every = streams_of(demo, **settings)
    catalog = bins.selected(every, others - {"sync_report"})
    for expected in (3, 0):
        state = warehouse.state or {}
        plan = read(demo, "--plan=json", catalog=catalog, state=state, **settings)
        parts = bins.fill(json.loads(plan.stdout)["streams"], others, 3)
        assert len(parts) == 3
        assert ["sync_report"] in [part["streams"] for part in parts]
        held = sorted(name for part in parts for name in part["streams"])
        assert held == sorted(["Campaigns", "sync_report", *warehouse.streams])
        demo.settable_clock.advance(60)
        read_by, merged = set(), dict[str, Any]()
        for part in parts:
            mine = [one for one in every if one["tap_stream_id"] in part["streams"]]
            run = read(demo, catalog={"streams": mine}, state=state, **settings)
            assert run.code == 0, run.stderr
            for message in run.messages:
                warehouse.merge(message)
                if message["type"] == "STATE":
                    marks = message["value"].get("bookmarks", {})
                    merged |= {name: marks[name] for name in part["streams"] if name in marks}
            read_by |= {name for name in warehouse.streams if run.rows_of(name)}
        warehouse.state = {"bookmarks": merged}
        warehouse.assert_true()
        assert len(read_by) == expected
