"""examples/airflow/zoho_crm_verify.py: a table that differs fails the task, with the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from destinations.plugins import attempt, run
from destinations.postgres_server import PASSWORD, USER, PostgresServer
from pipelines.conftest import ROOT
from support.airflow import PATIENCE, documented
from support.demo import config_for
from support.process import TAP
from support.records import records_catalog
from support.run import run_tap
from support.sample import awkward_sample
from verify.loaders import PostgresLoader

from zohocrm_demo import DemoOrganisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(2_400)]

DATABASE = "verified_by_airflow"
STREAMS = ("Events", "Products", "modules")


def test_the_task_of_the_week(airflow: Path, postgres: PostgresServer, tmp_path: Path) -> None:
    postgres.create(DATABASE)
    loader = PostgresLoader(postgres.port, USER, PASSWORD, DATABASE)
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(records_catalog(*STREAMS)), "utf-8")
    with DemoOrganisation(awkward_sample) as demo:
        load = run_tap(config=config_for(demo), catalog=records_catalog(*STREAMS))
        loader.load(load.stdout)
        zoho = documented("AIRFLOW_CONN_ZOHO_CRM")
        zoho |= {"login": demo.client_id, "password": demo.client_secret}
        zoho["extra"] |= {"refresh_token": demo.refresh_token, "accounts_url": demo.accounts_url}
        warehouse = documented("AIRFLOW_CONN_ZOHO_CRM_WAREHOUSE")
        warehouse |= {"port": postgres.port, "login": USER, "password": PASSWORD}
        variables = {
            "AIRFLOW_HOME": str(tmp_path / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "examples" / "airflow"),
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "AIRFLOW_CONN_ZOHO_CRM": json.dumps(zoho),
            "AIRFLOW_CONN_ZOHO_CRM_WAREHOUSE": json.dumps(warehouse | {"schema": DATABASE}),
            "ZOHO_CRM_TAP": str(TAP),
            "ZOHO_CRM_CATALOG": str(catalog),
            "ZOHO_CRM_VERIFY_SCHEMA": "public",
        }
        run([airflow / "airflow", "db", "migrate"], variables=variables, timeout=PATIENCE)
        task: list[str | Path] = [airflow / "airflow", "dags", "test", "zoho_crm_verify"]

        equal = run(task, variables=variables, timeout=PATIENCE)
        assert "verified: " in equal.stdout + equal.stderr

        lost = load.rows_of("Events")[3]["id"]
        loader.delete("Events", lost)
        loader.close()
        different = attempt(task, variables=variables, timeout=PATIENCE)
        said = different.stdout + different.stderr
    assert different.returncode == 1
    assert f"Events: missing: {lost}" in said
    assert "not equal: 1 fault in 1 stream," in said
    assert PASSWORD not in said
    assert demo.client_secret not in said
