"""The OpenLineage events of the workers' DAG: which module went into which table, rows, columns."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from destinations.plugins import AIRFLOW, AIRFLOW_OPENLINEAGE, run
from support.airflow import PATIENCE, settings
from support.airflow_warehouses import Files
from support.records import readable_streams
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1_800)]


@functools.cache
def modules() -> list[str]:
    """More than twenty: the tap then names the quick ones in one line."""
    # Not when the tests are collected: to ask for them takes long, and these run seldom.
    return sorted(readable_streams() - {"Modules_records"})[:24]


LARGE = ("Accounts", "Calibrations", "Cases", "Contacts", "DealHistory", "Deals", "Leads")


@pytest.fixture(scope="module")
def organisation() -> Iterator[DemoOrganisation]:
    sample = awkward_sample()
    for module in LARGE:
        sample.records.resize(module, 60)
    with DemoOrganisation(sample) as zoho:
        yield zoho


@pytest.fixture(scope="module")
def events(
    environment: Callable[..., Path],
    organisation: DemoOrganisation,
    warehouse: Files,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[dict[str, Any]]:
    """What a run of the DAG says to OpenLineage."""
    said = tmp_path_factory.mktemp("lineage") / "events.jsonl"
    airflow = environment(AIRFLOW, AIRFLOW_OPENLINEAGE) / "airflow"
    loader, connection = warehouse.connect()
    transport = {"type": "file", "log_file_path": str(said), "append": True}
    variables = settings(organisation, loader, connection, tmp_path_factory.mktemp) | {
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
        "ZOHO_CRM_ORG": "60001",
        "ZOHO_CRM_TABLES": "file /data/",
    }
    run([airflow, "db", "migrate"], variables=variables, timeout=PATIENCE)
    run([airflow, "pools", "set", "zoho_crm", "2", "workers"], variables=variables, timeout=200)
    params = json.dumps({"modules": modules(), "workers": 1, "streams": []})
    words: list[str | Path] = [airflow, "dags", "test", "zoho_crm_workers", "--conf", params]
    run(words, variables=variables, timeout=PATIENCE)
    return [json.loads(line) for line in said.read_text("utf-8").splitlines()]


def of_loads(events: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    """The datasets of the load tasks that succeeded, by name."""
    done = [e for e in events if e["eventType"] == "COMPLETE" and e["job"]["name"].endswith("load")]
    return {dataset["name"]: dataset for event in done for dataset in event[kind]}


def test_each_module_goes_into_a_table(events: list[dict[str, Any]]) -> None:
    inputs, outputs = of_loads(events, "inputs"), of_loads(events, "outputs")
    assert inputs.keys() == {*modules()}
    assert {dataset["namespace"] for dataset in inputs.values()} == {"zoho-crm://60001"}
    assert outputs.keys() == {f"/data/{module}" for module in modules()}
    assert {dataset["namespace"] for dataset in outputs.values()} == {"file"}


def test_rows_and_columns_are_those_that_were_loaded(
    events: list[dict[str, Any]], warehouse: Files
) -> None:
    rows = warehouse.rows()
    for module in modules():
        lines = (warehouse.folder / f"{module}.jsonl").read_text("utf-8").splitlines()
        dataset = of_loads(events, "outputs")[f"/data/{module}"]
        assert dataset["outputFacets"]["outputStatistics"]["rowCount"] == rows[module]["n"], module
        columns = {field["name"]: field["type"] for field in dataset["facets"]["schema"]["fields"]}
        loaded = {name for line in lines for name in json.loads(line)}
        assert {name for name in loaded if not name.startswith("_sdc_")} <= columns.keys()
        assert columns["id"] == "string"


def test_no_secret_is_in_an_event(
    events: list[dict[str, Any]], organisation: DemoOrganisation
) -> None:
    text = json.dumps(events)
    assert events
    for secret in (organisation.client_secret, organisation.refresh_token):
        assert secret not in text
