"""What the workers' DAG refuses, and does not try again: wrong names, a spent budget, old tasks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.airflow import PATIENCE, settings
from support.airflow_cluster import Cluster
from support.airflow_warehouses import Files
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(3_600)]

DAG = "zoho_crm_workers"
RECORDS = {"Contacts": 1_500, "Deals": 1_500, "Leads": 1_500}
READ = {"workers": 3, "modules": [*RECORDS], "streams": []}


@pytest.fixture(scope="module")
def organisation() -> Iterator[DemoOrganisation]:
    sample = awkward_sample()
    for module, count in RECORDS.items():
        sample.records.resize(module, count)
    with DemoOrganisation(sample) as zoho:
        yield zoho


@pytest.fixture(scope="module")
def variables(
    organisation: DemoOrganisation, warehouse: Files, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    loader, connection = warehouse.connect()
    return settings(organisation, loader, connection, tmp_path_factory.mktemp)


@pytest.fixture(scope="module")
def store(variables: dict[str, str]) -> Path:
    return Path(variables["ZOHO_CRM_STATE"].removeprefix("file://"))


@pytest.fixture(scope="module")
def slots() -> int:
    return 3


def end_of(cluster: Cluster, name: str, **params: Any) -> str:
    """Run the DAG, and return how it ends."""
    asked = {"dag_run_id": name, "logical_date": None, "conf": READ | params}
    cluster.call("POST", f"/dags/{DAG}/dagRuns", asked)
    return cluster.end_of(name, PATIENCE)[0]


def loads(cluster: Cluster, name: str) -> set[tuple[str, int]]:
    """The states and the numbers of tries of a run's load tasks."""
    tasks = [task for task in cluster.tasks(name) if task["task_id"] == "load"]
    return {(task["state"], int(task["try_number"])) for task in tasks}


def pages_read(organisation: DemoOrganisation) -> int:
    paths = {f"/crm/v8/{module}" for module in RECORDS}
    return sum(call.path in paths for call in organisation.calls)


def test_a_wrong_name_fails_the_plan_before_a_record_is_read(
    cluster: Cluster, organisation: DemoOrganisation
) -> None:
    assert end_of(cluster, "misnamed", full_refresh=["leads"]) == "failed"
    assert loads(cluster, "misnamed") == {("upstream_failed", 0)}
    assert "full_refresh names 'leads'" in cluster.log(10**9)
    assert "did you mean 'Leads'?" in cluster.log(10**9)
    assert pages_read(organisation) == 0


def test_a_spent_budget_is_no_reason_to_try_again(
    cluster: Cluster, organisation: DemoOrganisation
) -> None:
    before = pages_read(organisation)
    assert end_of(cluster, "short", credit_budget=6) == "failed"
    assert loads(cluster, "short") == {("failed", 1)}
    for number in range(3):
        assert f"Bin 00{number} has spent its share of the credits (2)" in cluster.log(10**9)
    assert pages_read(organisation) - before <= 6


def test_a_task_is_run_again_with_the_catalog_of_its_run_or_not_at_all(
    cluster: Cluster, store: Path, warehouse: Files
) -> None:
    assert end_of(cluster, "whole") == "success"
    rows = warehouse.rows()
    assert {module: rows[module]["n"] for module in RECORDS} == RECORDS
    # What a later run may have left.
    (store / "catalog.json").write_text(json.dumps({"streams": []}), "utf-8")
    assert cluster.run_again(DAG, "whole", "load", PATIENCE) == "success"
    assert loads(cluster, "whole") == {("success", 2)}

    (catalog,) = store.glob("catalog-*-whole.json")
    catalog.unlink()
    cluster.run_again(DAG, "whole", "load", PATIENCE)
    assert loads(cluster, "whole") == {("failed", 3)}
    assert f"The catalog of this run is no longer kept ({catalog.name})" in cluster.log(10**9)
    assert warehouse.rows() == rows
