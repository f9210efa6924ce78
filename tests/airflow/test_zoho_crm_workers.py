"""examples/airflow/zoho_crm_workers.py: many workers load what one would, with one token."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from destinations.plugins import AIRFLOW, TARGET_POSTGRES, run
from destinations.postgres_server import PASSWORD, USER, PostgresServer
from pipelines.conftest import ROOT
from support.airflow import documented
from support.airflow_cluster import Cluster, running_cluster
from support.process import TAP
from support.records import readable_streams

from zohocrm_demo import DemoOrganisation, sample_organisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

DAG = "zoho_crm_workers"
DATABASE = "workers"
BINS = 20
# Simultaneous workers, each with two calls at a time: together fewer than the edition allows.
SLOTS = 6
LATENCY = 0.15
# Modules that have as many records here; more would take the loader longer, and Zoho hardly.
LARGE = (
    *("Leads", "Accounts", "Contacts", "Deals", "Tasks", "Cases", "Notes", "DealHistory", "Sites"),
    *("Sensors", "Water_Samples", "Sample_Readings", "Site_Contacts", "Quoted_Items"),
    *("Sites_X_Users", "Calibrations"),
)
MOST = 600


@dataclasses.dataclass(frozen=True)
class Loaded:
    """What a run of the DAG has left.

    Attributes:
        seconds: How long it took.
        bins: How many workers loaded something.
        rows: The number of rows, and a digest of them, by table.
        state: The merged STATE.
        mints: How many access tokens Zoho issued.
        refused: How many calls Zoho refused as too many.
    """

    seconds: float
    bins: int
    rows: Mapping[str, Any]
    state: dict[str, Any]
    mints: int
    refused: int


@pytest.fixture(scope="module")
def organisation() -> Iterator[DemoOrganisation]:
    sample = sample_organisation()
    for module in LARGE:
        sample.records.resize(module, MOST)
    with DemoOrganisation(sample, latency=LATENCY) as zoho:
        yield zoho


@pytest.fixture(scope="module")
def variables(
    organisation: DemoOrganisation,
    environment: Callable[..., Path],
    postgres: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """What docs/airflow.md asks for in Airflow's environment."""
    zoho = documented("AIRFLOW_CONN_ZOHO_CRM")
    zoho |= {"login": organisation.client_id, "password": organisation.client_secret}
    zoho["extra"] = {
        "refresh_token": organisation.refresh_token,
        "accounts_url": organisation.accounts_url,
        # Many calls and few rows: what takes time is Zoho, not this machine's processors.
        "read_path": "rest",
    }
    warehouse = documented("AIRFLOW_CONN_ZOHO_CRM_WAREHOUSE")
    warehouse |= {"port": postgres.port, "login": USER, "password": PASSWORD, "schema": DATABASE}
    return {
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow-home")),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "examples" / "airflow"),
        "AIRFLOW_CONN_ZOHO_CRM": json.dumps(zoho),
        "AIRFLOW_CONN_ZOHO_CRM_WAREHOUSE": json.dumps(warehouse),
        "ZOHO_CRM_TAP": str(TAP),
        "ZOHO_CRM_TARGET": str(environment(TARGET_POSTGRES) / "target-postgres"),
        "ZOHO_CRM_STATE": tmp_path_factory.mktemp("state").as_uri(),
        "ZOHO_CRM_TOKEN_CACHE": str(tmp_path_factory.mktemp("tokens")),
    }


@pytest.fixture(scope="module")
def cluster(
    environment: Callable[..., Path],
    variables: dict[str, str],
    postgres: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    programs = environment(AIRFLOW, "psycopg2-binary", "asyncpg")
    folder = tmp_path_factory.mktemp("cluster")
    with running_cluster(programs, variables, postgres, folder) as running:
        yield running


@pytest.fixture(scope="module")
def loaded(
    cluster: Cluster,
    variables: dict[str, str],
    postgres: PostgresServer,
    organisation: DemoOrganisation,
) -> dict[str, Loaded]:
    """A first load by one worker after the other, and one by several at a time."""

    def load(name: str, slots: int) -> Loaded:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(store(variables))
        shutil.rmtree(variables["ZOHO_CRM_TOKEN_CACHE"])
        Path(variables["ZOHO_CRM_TOKEN_CACHE"]).mkdir(mode=0o700)
        postgres.query("postgres", f'DROP DATABASE IF EXISTS "{DATABASE}"')
        postgres.create(DATABASE)
        cluster.command("pools", "set", "zoho_crm", str(slots), "workers")
        before = len(organisation.calls)
        modules = sorted(readable_streams() - {"Modules_records"})
        seconds = cluster.run_dag(DAG, name, {"workers": BINS, "modules": modules}, seconds=400)
        calls = organisation.calls[before:]
        loads = [task for task in cluster.tasks(name) if task["task_id"] == "load"]
        assert {task["state"] for task in loads} == {"success"}
        return Loaded(
            seconds=seconds,
            bins=len(loads),
            rows=rows(postgres),
            state=state(variables),
            mints=sum(call.path == "/oauth/v2/token" for call in calls),
            refused=sum(call.status == 429 for call in calls),
        )

    return {"serial": load("serial", 1), "parallel": load("parallel", SLOTS)}


def store(variables: dict[str, str]) -> Path:
    return Path(variables["ZOHO_CRM_STATE"].removeprefix("file://"))


def state(variables: dict[str, str]) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((store(variables) / "state.json").read_text("utf-8"))
    assert [path.name for path in store(variables).glob("bin-*")] == []
    return kept


def rows(postgres: PostgresServer) -> dict[str, Any]:
    """The number of rows by table, and a digest of all their values but the loader's own."""
    tables = postgres.rows(
        DATABASE,
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'zoho_crm'",
    )
    found = {}
    for table in sorted(table["name"] for table in tables):
        (found[table],) = postgres.rows(
            DATABASE,
            "SELECT count(*) AS n, md5(string_agg(line, ',' ORDER BY line)) AS digest FROM"
            " (SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(t))"
            "  WHERE left(key, 5) <> '_sdc_')::text AS line"
            f' FROM zoho_crm."{table}" AS t) AS lines',
        )
    return found


def without_times(value: Any, begun: str) -> Any:
    """STATE but for the instants of its own run, which differ from run to run."""
    if isinstance(value, dict):
        return {key: without_times(inner, begun) for key, inner in value.items()}
    return "of this run" if isinstance(value, str) and begun <= value < "9" else value


def test_many_workers_take_half_the_time_of_one_after_the_other(loaded: dict[str, Loaded]) -> None:
    serial, parallel = loaded["serial"], loaded["parallel"]
    ratio = parallel.seconds / serial.seconds
    # For people who run it with -s.
    print(f"serial {serial.seconds:.0f} s, {SLOTS} workers {parallel.seconds:.0f} s: {ratio:.2f}")  # noqa: T201
    assert serial.bins == parallel.bins == BINS
    assert ratio <= 0.5


def test_they_need_one_token_and_are_not_refused(loaded: dict[str, Loaded]) -> None:
    assert loaded["parallel"].mints <= 2
    assert loaded["parallel"].refused == 0


def test_rows_and_state_are_those_of_one_after_the_other(loaded: dict[str, Loaded]) -> None:
    serial, parallel = loaded["serial"], loaded["parallel"]
    assert serial.rows.keys() >= {*LARGE}
    assert parallel.rows == serial.rows
    for module in LARGE:
        assert parallel.rows[module]["n"] == MOST
    today = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 3600))
    assert without_times(parallel.state, today) == without_times(serial.state, today)
    assert parallel.state["bookmarks"].keys() >= {*LARGE}


def test_the_tap_alone_continues_from_the_merged_state(
    loaded: dict[str, Loaded],
    variables: dict[str, str],
    organisation: DemoOrganisation,
    tmp_path: Path,
) -> None:
    (tmp_path / "state.json").write_text(json.dumps(loaded["parallel"].state), "utf-8")
    catalog = json.loads((store(variables) / "catalog.json").read_text("utf-8"))
    catalog["streams"] = [s for s in catalog["streams"] if s["tap_stream_id"] in LARGE]
    (tmp_path / "catalog.json").write_text(json.dumps(catalog), "utf-8")
    zoho = json.loads(variables["AIRFLOW_CONN_ZOHO_CRM"])
    config = {"client_id": zoho["login"], "client_secret": zoho["password"], **zoho["extra"]}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    done = run(
        [
            TAP,
            f"--config={tmp_path / 'config.json'}",
            f"--catalog={tmp_path / 'catalog.json'}",
            f"--state={tmp_path / 'state.json'}",
        ]
    )
    records = [line for line in done.stdout.splitlines() if '"type":"RECORD"' in line]
    # Nothing has changed since.
    assert records == []
    assert organisation.client_secret not in done.stderr


def test_no_secret_is_in_the_log(
    loaded: dict[str, Loaded], cluster: Cluster, organisation: DemoOrganisation
) -> None:
    assert loaded.keys() == {"serial", "parallel"}
    log = cluster.log(10**9)
    assert "API calls: " in log
    assert organisation.client_secret not in log
    assert organisation.refresh_token not in log
