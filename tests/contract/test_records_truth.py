"""Whatever way records are read, they are the organisation's, value for value."""

from __future__ import annotations

import functools
import time
from typing import Any

import pytest
from support.demo import config_for
from support.records import Record, applied, decoded, emitted, records_catalog, truth
from support.run import FAST, Run, run_tap

from tap_zohocrm_modules.demo import DemoOrganisation

# Wide, subform, linking, custom in another script, activities, converted leads, inventory.
MODULES = ("Leads", "Water_Samples", "Sample_Readings", "Nohin", "Events", "Quotes", "Accounts")
# These Zoho gives by Get Records only.
BY_REST_ONLY = ("Notes", "Sites_X_Users", "DealHistory")

PATHS = [
    "auto",
    *(pytest.param(path, marks=pytest.mark.heavy) for path in ("rest", "coql", "bulk")),
]


def read(demo: DemoOrganisation, *streams: str, state: Any = None, **settings: Any) -> Run:
    """Read these streams up to this very second."""
    config = config_for(demo, cutoff_lag=0, **settings)
    run = run_tap(config=config, catalog=records_catalog(*streams), state=state, policy=FAST)
    assert run.code == 0, run.stderr
    return run


def last_state(run: Run) -> dict[str, Any]:
    return run.of_type("STATE")[-1]["value"]  # type: ignore[no-any-return]


@functools.cache
def columns(stream: str) -> tuple[str, ...]:
    (entry,) = records_catalog(stream)["streams"]
    return tuple(entry["schema"]["properties"])


def assert_equal_to_truth(
    table: dict[str, Record], demo: DemoOrganisation, module: str, stream: str | None = None
) -> None:
    known = columns(stream or module)
    expected = truth(demo, module, known)
    assert table.keys() == expected.keys()
    for record_id, record in expected.items():
        read_record = table[record_id]
        wrong = {
            name: (read_record[name], value)
            for name, value in record.items()
            if read_record[name] != value
        }
        assert not wrong, (module, record_id, wrong)


@pytest.mark.parametrize("path", PATHS)
def test_each_way_gives_the_truth(path: str) -> None:
    with DemoOrganisation() as demo:
        run = read(demo, *MODULES, read_path=path)
        for module in MODULES:
            assert_equal_to_truth(emitted(run.stdout, module), demo, module)


def test_what_only_get_records_gives_is_read_by_it_anyway() -> None:
    with DemoOrganisation() as demo:
        run = read(demo, *BY_REST_ONLY, read_path="auto")
        for module in BY_REST_ONLY:
            assert_equal_to_truth(emitted(run.stdout, module), demo, module)


def test_a_module_named_as_a_stream_keeps_its_records_apart() -> None:
    with DemoOrganisation() as demo:
        run = read(demo, "Modules_records", "modules")
        table = emitted(run.stdout, "Modules_records")
        assert_equal_to_truth(table, demo, "Modules", "Modules_records")


@pytest.mark.parametrize("path", PATHS)
def test_after_edits_deletes_and_restores_the_destination_is_equal_again(path: str) -> None:
    with DemoOrganisation() as demo:
        store = demo.organisation.records
        first = read(demo, "Leads", read_path=path)
        table = emitted(first.stdout, "Leads")
        leads = sorted(table)
        time.sleep(1.1)
        store.update("Leads", leads[0], {"Company": "Edited & Söhne"})
        store.delete("Leads", leads[1])
        store.insert("Leads", {"Last_Name": "Brand-New"})
        time.sleep(1.1)
        second = read(demo, "Leads", state=last_state(first), read_path=path)
        applied(table, second.stdout, "Leads")
        assert leads[1] not in table
        assert table[leads[0]]["Company"] == "Edited & Söhne"
        assert_equal_to_truth(table, demo, "Leads")
        store.restore("Leads", leads[1])
        time.sleep(1.1)
        third = read(demo, "Leads", state=last_state(second), read_path=path)
        assert_equal_to_truth(applied(table, third.stdout, "Leads"), demo, "Leads")
        assert len(third.of_type("RECORD")) < len(leads) / 10


def test_deleted_records_say_who_when_and_how() -> None:
    with DemoOrganisation() as demo:
        victim = next(iter(truth(demo, "Leads", ("id",))))
        demo.organisation.records.delete("Leads", victim)
        time.sleep(1.1)
        run = read(demo, "deleted_records", "Leads", record_modules=["Leads"])
        rows = [
            message["record"]
            for message in decoded(run.stdout)
            if message["type"] == "RECORD" and message["stream"] == "deleted_records"
        ]
        (row,) = [row for row in rows if row["id"] == victim]
        assert row["module_api_name"] == "Leads"
        assert row["type"] == "recycle"
        assert row["deleted_time"].endswith("Z")
        assert row["deleted_by"]["id"] if isinstance(row["deleted_by"], dict) else row["deleted_by"]
        assert victim not in emitted(run.stdout, "Leads")


def test_the_same_state_and_the_same_data_give_the_same_messages() -> None:
    with DemoOrganisation() as demo:
        runs = [read(demo, "Accounts", "Water_Samples") for _ in range(2)]
    tables = [[m["record"] for m in run.of_type("RECORD")] for run in runs]
    assert tables[0] == tables[1]


def test_an_increment_of_a_wide_module_is_cheap() -> None:
    with DemoOrganisation() as demo:
        store = demo.organisation.records
        first = read(demo, "Water_Samples")
        ids = sorted(emitted(first.stdout, "Water_Samples"))
        time.sleep(1.1)
        for record_id in ids[:100]:
            store.update("Water_Samples", record_id, {"Name": "Sample again"})
        time.sleep(1.1)
        second = read(demo, "Water_Samples", state=last_state(first), emit_tombstones=False)
        changed = emitted(second.stdout, "Water_Samples")
        assert changed.keys() >= {*ids[:100]}
        spent = [call for call in demo.calls if call.path == "/crm/v8/coql"]
        assert spent, "an increment is read by queries"
