"""examples/airflow and examples/meltano: Airflow runs Meltano, which loads PostgreSQL."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from destinations.plugins import attempt, run
from destinations.postgres_server import PASSWORD, USER, PostgresServer
from pipelines.conftest import ROOT
from support.airflow import PATIENCE, documented
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation, Fault

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(2_400)]

DAGS = ROOT / "examples" / "airflow"
PROBE = Path(__file__).with_name("dagbag_probe.py")
DATABASE = "warehouse"


def connection_to(organisation: DemoOrganisation) -> dict[str, Any]:
    """The same connection to an organisation of the tests."""
    zoho = documented("AIRFLOW_CONN_ZOHO_CRM")
    zoho |= {"login": organisation.client_id, "password": organisation.client_secret}
    zoho["extra"]["refresh_token"] = organisation.refresh_token
    zoho["extra"]["accounts_url"] = organisation.accounts_url
    return zoho


@pytest.fixture(scope="module")
def organisation() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample) as demo:
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
    warehouse = documented("AIRFLOW_CONN_ZOHO_CRM_WAREHOUSE")
    warehouse |= {"port": postgres.port, "login": USER, "password": PASSWORD, "schema": DATABASE}
    return {
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow-home")),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW_CONN_ZOHO_CRM": json.dumps(connection_to(organisation)),
        "AIRFLOW_CONN_ZOHO_CRM_WAREHOUSE": json.dumps(warehouse),
        "ZOHO_CRM_PROJECT": str(project),
        "ZOHO_CRM_MELTANO": str(meltano),
    }


@pytest.fixture(scope="module")
def migrated(airflow: Path, variables: dict[str, str]) -> dict[str, str]:
    run([airflow / "airflow", "db", "migrate"], variables=variables, timeout=PATIENCE)
    return variables


@pytest.fixture(scope="module")
def parsed(airflow: Path, migrated: dict[str, str]) -> dict[str, Any]:
    done = run([airflow / "python", PROBE, DAGS], variables=migrated)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def altered(folder: Path, before: str, after: str) -> dict[str, str]:
    """Copy the DAGs, something in them altered; return the variables that lead Airflow there."""
    source = (DAGS / "zoho_crm.py").read_text("utf-8")
    assert before in source
    (folder / "zoho_crm.py").write_text(source.replace(before, after), "utf-8")
    for name in ("zoho_crm_connections.py", "zoho_crm_alerts.py"):
        shutil.copy(DAGS / name, folder)
    return {"AIRFLOW__CORE__DAGS_FOLDER": str(folder)}


@pytest.fixture(scope="module")
def timed_out(
    airflow: Path, migrated: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[subprocess.CompletedProcess[str]]:
    """The metadata's DAG with little time, while Zoho leaves calls without an answer."""
    hurried = altered(tmp_path_factory.mktemp("hurried"), "hours=2", "seconds=40")
    command: list[str | Path] = [airflow / "airflow", "dags", "test", "zoho_crm_metadata"]
    with DemoOrganisation(awkward_sample) as stalling:
        stalling.inject("/crm/v8/*", Fault.stall(), times=None)
        zoho = json.dumps(connection_to(stalling))
        variables = migrated | hurried | {"AIRFLOW_CONN_ZOHO_CRM": zoho}
        # What it leaves behind, if anything, goes on waiting.
        yield attempt(command, variables=variables, timeout=PATIENCE)


@pytest.fixture(scope="module")
def tested(
    timed_out: subprocess.CompletedProcess[str], airflow: Path, migrated: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """The metadata's DAG after a run that comes at once after one whose time was up."""
    assert timed_out.returncode == 1
    command: list[str | Path] = [airflow / "airflow", "dags", "test", "zoho_crm_metadata"]
    return run(command, variables=migrated, timeout=PATIENCE)


def test_airflow_finds_both_dags_and_nothing_wrong(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}
    assert parsed["dags"].keys() == {
        "zoho_crm_records",
        "zoho_crm_metadata",
        "zoho_crm_workers",
        "zoho_crm_verify",
    }
    assert parsed["dags"]["zoho_crm_verify"]["schedule"] == "@weekly"


def test_one_run_at_a_time_and_no_catching_up(parsed: dict[str, Any]) -> None:
    for dag in parsed["dags"].values():
        assert dag["max_active_runs"] == 1
        assert dag["catchup"] is False
        assert all(dag["timeouts"])


def test_records_hourly_with_retries_and_metadata_daily_without(
    parsed: dict[str, Any],
) -> None:
    # Only the records have a STATE from which a new try goes on.
    records, metadata = (parsed["dags"][f"zoho_crm_{job}"] for job in ("records", "metadata"))
    assert (records["schedule"], records["retries"]) == ("@hourly", [2])
    assert (metadata["schedule"], metadata["retries"]) == ("@daily", [0])


def test_a_run_whose_time_is_up_is_ended_and_does_not_stop_the_next(
    timed_out: subprocess.CompletedProcess[str], tested: subprocess.CompletedProcess[str]
) -> None:
    assert "Process timed out" in timed_out.stdout + timed_out.stderr
    assert "Run completed" not in timed_out.stdout + timed_out.stderr
    assert "already running" not in tested.stdout + tested.stderr


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
    folder = project / "state" / "prod:zoho-crm-metadata-to-target-postgres"
    state = json.loads((folder / "state.json").read_text("utf-8"))
    assert "modules" in state["completed"]["singer_state"]["bookmarks"]


def test_no_secret_is_in_the_log(
    tested: subprocess.CompletedProcess[str], organisation: DemoOrganisation
) -> None:
    log = tested.stdout + tested.stderr
    assert "zoho-crm-metadata" in log
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
        [airflow / "airflow", "dags", "test", "zoho_crm_metadata"],
        variables=migrated | {"AIRFLOW_CONN_ZOHO_CRM": json.dumps(wrong)},
        timeout=PATIENCE,
    )
    log = done.stdout + done.stderr
    assert done.returncode == 1, log
    assert "invalid_code: the refresh token is mistyped, revoked" in log
    assert "1000.revoked" not in log
    (modules,) = postgres.rows(DATABASE, "SELECT count(*) AS n FROM zoho_crm.modules")
    assert modules["n"] == len(organisation.organisation.modules)


def test_a_new_try_of_the_records_pays_only_for_what_is_missing(
    airflow: Path, migrated: dict[str, str], postgres: PostgresServer, tmp_path: Path
) -> None:
    sample = awkward_sample()
    counts = {"Accounts": 300, "Contacts": 6_000, "Deals": 300, "Leads": 300}
    for module, count in counts.items():
        sample.records.resize(module, count)
    with DemoOrganisation(sample) as refusing:
        refusing.inject("/crm/v8/Leads", Fault.error(403, "NO_PERMISSION"))
        variables = migrated | altered(tmp_path, "minutes=5", "seconds=1")
        variables["AIRFLOW_CONN_ZOHO_CRM"] = json.dumps(connection_to(refusing))
        command: list[str | Path] = [airflow / "airflow", "dags", "test", "zoho_crm_records"]
        done = run(command, variables=variables, timeout=PATIENCE)
        queries = [call.body for call in refusing.calls if call.path == "/crm/v8/coql"]
    log = done.stdout + done.stderr
    assert len(re.findall(r"Contacts: [\d,]+ records? by", log)) == 2
    for module, count in counts.items():
        (found,) = postgres.rows(
            DATABASE,
            f'SELECT count(*) AS n FROM zoho_crm."{module}"'
            " WHERE _sdc_deleted_at IS NULL",  # The recycle bin's are marked.
        )
        assert found["n"] == count
    pages = [query for query in queries if b"from Contacts " in query and b"limit 2000" in query]
    assert len(pages) == 3  # 2,000 records each, and none of them twice.
