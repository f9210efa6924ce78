"""examples/airflow/zoho_crm_workers.py: many workers load what one would, with one token."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from destinations.plugins import TAP, TARGET_POSTGRES, attempt, run
from destinations.postgres_server import PASSWORD, USER, PostgresServer
from pipelines.conftest import ROOT
from support.airflow import documented

from zohocrm_demo import DemoOrganisation, sample_organisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

DAGS = ROOT / "examples" / "airflow"
DATABASE = "workers"
COUNTS = {"Leads": 900, "Contacts": 600, "Accounts": 300, "Deals": 300, "Water_Samples": 250}


@pytest.fixture(scope="module")
def organisation() -> Iterator[DemoOrganisation]:
    sample = sample_organisation()
    for module, count in COUNTS.items():
        sample.records.resize(module, count)
    with DemoOrganisation(sample) as zoho:
        yield zoho


@pytest.fixture(scope="module")
def variables(
    organisation: DemoOrganisation,
    airflow: Path,
    environment: Callable[..., Path],
    postgres: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """Airflow's environment, its database made and its pool set."""
    postgres.create(DATABASE)
    zoho = documented("AIRFLOW_CONN_ZOHO_CRM")
    zoho |= {"login": organisation.client_id, "password": organisation.client_secret}
    zoho["extra"] = {
        "refresh_token": organisation.refresh_token,
        "accounts_url": organisation.accounts_url,
    }
    warehouse = documented("AIRFLOW_CONN_ZOHO_CRM_WAREHOUSE")
    warehouse |= {"port": postgres.port, "login": USER, "password": PASSWORD, "schema": DATABASE}
    settings = {
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow-home")),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW_CONN_ZOHO_CRM": json.dumps(zoho),
        "AIRFLOW_CONN_ZOHO_CRM_WAREHOUSE": json.dumps(warehouse),
        "ZOHO_CRM_TAP": str(TAP),
        "ZOHO_CRM_TARGET": str(environment(TARGET_POSTGRES) / "target-postgres"),
        "ZOHO_CRM_STATE": tmp_path_factory.mktemp("state").as_uri(),
        "ZOHO_CRM_TOKEN_CACHE": str(tmp_path_factory.mktemp("tokens")),
    }
    run([airflow / "airflow", "db", "migrate"], variables=settings, timeout=200)
    run([airflow / "airflow", "pools", "set", "zoho_crm", "10", "calls"], variables=settings)
    return settings


@pytest.fixture(scope="module")
def tested(airflow: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A run of the DAG by as many workers as there are modules."""
    params = json.dumps({"modules": [*COUNTS], "workers": 20})
    command: list[str | Path] = [airflow / "airflow", "dags", "test", "zoho_crm_workers"]
    return attempt([*command, "--conf", params], variables=variables, timeout=800)


def state(variables: dict[str, str]) -> dict[str, Any]:
    folder = Path(variables["ZOHO_CRM_STATE"].removeprefix("file://"))
    kept: dict[str, Any] = json.loads((folder / "state.json").read_text("utf-8"))
    assert [path.name for path in folder.glob("bin-*")] == []
    return kept


def test_all_bins_are_loaded_with_one_token(
    tested: subprocess.CompletedProcess[str], organisation: DemoOrganisation
) -> None:
    assert tested.returncode == 0, tested.stdout[-3000:] + tested.stderr[-3000:]
    assert sum(call.path == "/oauth/v2/token" for call in organisation.calls) <= 2
    assert 429 not in {call.status for call in organisation.calls}


def test_the_rows_are_the_organisations(
    tested: subprocess.CompletedProcess[str], postgres: PostgresServer
) -> None:
    assert tested.returncode == 0
    for module, count in COUNTS.items():
        (found,) = postgres.rows(DATABASE, f'SELECT count(*) AS n FROM zoho_crm."{module}"')
        assert found["n"] == count, module


def test_the_state_is_merged_from_which_the_tap_alone_continues(
    tested: subprocess.CompletedProcess[str],
    variables: dict[str, str],
    organisation: DemoOrganisation,
    tmp_path: Path,
) -> None:
    assert tested.returncode == 0
    merged = state(variables)
    assert merged["bookmarks"].keys() == COUNTS.keys()
    folder = Path(variables["ZOHO_CRM_STATE"].removeprefix("file://"))
    (tmp_path / "state.json").write_text(json.dumps(merged), "utf-8")
    zoho = json.loads(variables["AIRFLOW_CONN_ZOHO_CRM"])
    config = {"client_id": zoho["login"], "client_secret": zoho["password"], **zoho["extra"]}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    done = run(
        [
            TAP,
            f"--config={tmp_path / 'config.json'}",
            f"--catalog={folder / 'catalog.json'}",
            f"--state={tmp_path / 'state.json'}",
        ]
    )
    records = [line for line in done.stdout.splitlines() if '"type":"RECORD"' in line]
    # Nothing has changed since.
    assert records == []
    assert organisation.client_secret not in done.stderr


def test_no_secret_is_in_the_log(
    tested: subprocess.CompletedProcess[str], organisation: DemoOrganisation
) -> None:
    log = tested.stdout + tested.stderr
    assert organisation.client_secret not in log
    assert organisation.refresh_token not in log
