"""examples/airflow and examples/meltano: Airflow runs Meltano, which loads PostgreSQL."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from destinations.plugins import attempt, run
from destinations.postgres_server import PASSWORD, USER, PostgresServer
from pipelines.conftest import ROOT

from tap_zohocrm_modules.demo import DemoOrganisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

DAGS = ROOT / "examples" / "airflow"
PROBE = Path(__file__).with_name("dagbag_probe.py")
DATABASE = "warehouse"


def documented(variable: str) -> dict[str, Any]:
    """The connection that docs/airflow.md has for an example."""
    page = (ROOT / "docs" / "airflow.md").read_text("utf-8")
    found = re.search(rf"{variable}='(.+?)'", page, re.DOTALL)
    assert found
    connection: dict[str, Any] = json.loads(found[1])
    return connection


@pytest.fixture(scope="module")
def organisation() -> Iterator[DemoOrganisation]:
    with DemoOrganisation() as demo:
        yield demo


@pytest.fixture(scope="module")
def variables(
    organisation: DemoOrganisation,
    meltano: Path,
    project: Path,
    postgres: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """What Airflow's environment says, connections included."""
    postgres.create(DATABASE)
    zoho = documented("AIRFLOW_CONN_ZOHO_CRM")
    zoho |= {"login": organisation.client_id, "password": organisation.client_secret}
    zoho["extra"]["refresh_token"] = organisation.refresh_token
    zoho["extra"]["accounts_url"] = organisation.accounts_url
    warehouse = documented("AIRFLOW_CONN_ZOHO_CRM_WAREHOUSE")
    warehouse |= {"port": postgres.port, "login": USER, "password": PASSWORD, "schema": DATABASE}
    return {
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow-home")),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW_CONN_ZOHO_CRM": json.dumps(zoho),
        "AIRFLOW_CONN_ZOHO_CRM_WAREHOUSE": json.dumps(warehouse),
        "ZOHO_CRM_PROJECT": str(project),
        "ZOHO_CRM_MELTANO": str(meltano),
    }


@pytest.fixture(scope="module")
def migrated(airflow: Path, variables: dict[str, str]) -> dict[str, str]:
    run([airflow / "airflow", "db", "migrate"], variables=variables, timeout=200)
    return variables


@pytest.fixture(scope="module")
def parsed(airflow: Path, migrated: dict[str, str]) -> dict[str, Any]:
    done = run([airflow / "python", PROBE, DAGS], variables=migrated)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def tested(airflow: Path, migrated: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The catalogue's DAG after one run."""
    command = [airflow / "airflow", "dags", "test", "zoho_crm_catalogue"]
    return run(command, variables=migrated, timeout=400)


def test_airflow_finds_both_dags_and_nothing_wrong(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}
    assert parsed["dags"].keys() == {"zoho_crm_records", "zoho_crm_catalogue"}


def test_one_run_at_a_time_and_no_catching_up(parsed: dict[str, Any]) -> None:
    for dag in parsed["dags"].values():
        assert dag["max_active_runs"] == 1
        assert dag["catchup"] is False
        assert all(dag["timeouts"])


def test_records_hourly_with_retries_and_the_catalogue_daily_without(
    parsed: dict[str, Any],
) -> None:
    # Only the records have a STATE from which a new try goes on.
    records, catalogue = (parsed["dags"][f"zoho_crm_{job}"] for job in ("records", "catalogue"))
    assert (records["schedule"], records["retries"]) == ("@hourly", [2])
    assert (catalogue["schedule"], catalogue["retries"]) == ("@daily", [0])


def test_a_run_of_the_dag_loads_the_organisation(
    tested: subprocess.CompletedProcess[str],
    organisation: DemoOrganisation,
    postgres: PostgresServer,
) -> None:
    assert "Run completed" in tested.stdout + tested.stderr
    rows = postgres.rows(DATABASE, "SELECT id, plural_label FROM zoho_crm.modules")
    expected = {m["id"]: m["plural_label"] for m in organisation.organisation.modules}
    assert {row["id"]: row["plural_label"] for row in rows} == expected
    (users,) = postgres.rows(DATABASE, "SELECT count(*) AS n FROM zoho_crm.users")
    assert users["n"] == len(organisation.organisation.users)


def test_the_run_leaves_its_state_in_the_project(
    tested: subprocess.CompletedProcess[str], project: Path
) -> None:
    assert tested.returncode == 0
    folder = project / "state" / "prod:zoho-crm-catalogue-to-target-postgres"
    state = json.loads((folder / "state.json").read_text("utf-8"))
    assert "modules" in state["completed"]["singer_state"]["bookmarks"]


def test_no_secret_is_in_the_log(
    tested: subprocess.CompletedProcess[str], organisation: DemoOrganisation
) -> None:
    log = tested.stdout + tested.stderr
    assert "zoho-crm-catalogue" in log
    assert organisation.client_secret not in log
    assert organisation.refresh_token not in log


def test_a_failure_of_the_tap_fails_the_run(
    tested: subprocess.CompletedProcess[str],
    airflow: Path,
    migrated: dict[str, str],
    organisation: DemoOrganisation,
    postgres: PostgresServer,
) -> None:
    assert tested.returncode == 0
    wrong = json.loads(migrated["AIRFLOW_CONN_ZOHO_CRM"])
    wrong["extra"]["refresh_token"] = "1000.revoked"
    done = attempt(
        [airflow / "airflow", "dags", "test", "zoho_crm_catalogue"],
        variables=migrated | {"AIRFLOW_CONN_ZOHO_CRM": json.dumps(wrong)},
        timeout=300,
    )
    log = done.stdout + done.stderr
    assert done.returncode == 1, log
    assert "invalid_code: the refresh token is mistyped, revoked" in log
    assert "1000.revoked" not in log
    (modules,) = postgres.rows(DATABASE, "SELECT count(*) AS n FROM zoho_crm.modules")
    assert modules["n"] == len(organisation.organisation.modules)
