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
from destinations.plugins import run
from destinations.postgres_server import PostgresServer
from support.airflow import PATIENCE, settings
from support.airflow_cluster import Cluster
from support.airflow_warehouses import Database, Files, Warehouse
from support.process import TAP
from support.records import readable_streams
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

pytestmark = pytest.mark.timeout(3_600)

DAG = "zoho_crm_workers"
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
        at_once: How many of them did at the same time, at the most.
        rows: The number of rows, and a digest of them, by table.
        state: The merged STATE.
        mints: How many access tokens Zoho issued.
        refused: How many calls Zoho refused as too many.
    """

    seconds: float
    bins: int
    at_once: int
    rows: Mapping[str, Any]
    state: dict[str, Any]
    mints: int
    refused: int


# What a loader takes is this machine's time, not Zoho's: the light one is for each change, the
# documented one for each night.
@pytest.fixture(
    scope="module",
    params=[
        pytest.param("files", marks=pytest.mark.heavy),
        pytest.param("database", marks=pytest.mark.nightly),
    ],
)
def warehouse(
    request: pytest.FixtureRequest,
    environment: Callable[..., Path],
    postgres: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Warehouse:
    if request.param == "files":
        return Files(tmp_path_factory.mktemp("files"), environment)
    return Database(postgres, environment)


@pytest.fixture(scope="module")
def organisation() -> Iterator[DemoOrganisation]:
    sample = awkward_sample()
    for module in LARGE:
        sample.records.resize(module, MOST)
    with DemoOrganisation(sample, latency=LATENCY) as zoho:
        yield zoho


@pytest.fixture(scope="module")
def variables(
    organisation: DemoOrganisation,
    warehouse: Warehouse,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """What docs/airflow.md asks for in Airflow's environment."""
    loader, connection = warehouse.connect()
    return settings(organisation, loader, connection, tmp_path_factory.mktemp)


@pytest.fixture(scope="module")
def loaded(
    cluster: Cluster,
    variables: dict[str, str],
    warehouse: Warehouse,
    organisation: DemoOrganisation,
) -> dict[str, Loaded]:
    """A first load by one worker after the other, and one by several at a time."""

    def load(name: str, slots: int) -> Loaded:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(store(variables))
        shutil.rmtree(variables["ZOHO_CRM_TOKEN_CACHE"])
        Path(variables["ZOHO_CRM_TOKEN_CACHE"]).mkdir(mode=0o700)
        warehouse.empty()
        cluster.pool("zoho_crm", slots)
        before = len(organisation.calls)
        modules = sorted(readable_streams() - {"Modules_records"})
        seconds = cluster.run_dag(
            DAG, name, {"workers": BINS, "modules": modules}, seconds=PATIENCE
        )
        calls = organisation.calls[before:]
        loads = [task for task in cluster.tasks(name) if task["task_id"] == "load"]
        assert {task["state"] for task in loads} == {"success"}
        return Loaded(
            seconds=seconds,
            bins=len(loads),
            at_once=cluster.most_at_once(name, "load"),
            rows=rows_of(warehouse),
            state=state(variables),
            mints=sum(call.path == "/oauth/v2/token" for call in calls),
            refused=sum(call.status == 429 for call in calls),
        )

    return {"serial": load("serial", 1), "parallel": load("parallel", SLOTS)}


def rows_of(warehouse: Warehouse) -> dict[str, Any]:
    """What the tables hold, but for the one that says of each run how it was."""
    rows = warehouse.rows()
    assert rows.pop("sync_report")["n"] > 0
    return rows


def store(variables: dict[str, str]) -> Path:
    return Path(variables["ZOHO_CRM_STATE"].removeprefix("file://"))


def state(variables: dict[str, str]) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((store(variables) / "state.json").read_text("utf-8"))
    assert [path.name for path in store(variables).glob("bin-*")] == []
    return kept


def without_times(value: Any, begun: str) -> Any:
    """STATE but for the instants of its own run, which differ from run to run."""
    if isinstance(value, dict):
        return {key: without_times(inner, begun) for key, inner in value.items()}
    return "of this run" if isinstance(value, str) and begun <= value < "9" else value


def test_as_many_load_at_the_same_time_as_the_pool_has_slots(loaded: dict[str, Loaded]) -> None:
    serial, parallel = loaded["serial"], loaded["parallel"]
    ratio = parallel.seconds / serial.seconds
    # For people who run it with -s.
    print(f"serial {serial.seconds:.0f} s, {SLOTS} workers {parallel.seconds:.0f} s: {ratio:.2f}")  # noqa: T201
    assert serial.bins == parallel.bins == BINS
    assert serial.at_once == 1
    assert parallel.at_once == SLOTS


def test_they_need_one_token_and_are_not_refused(loaded: dict[str, Loaded]) -> None:
    assert loaded["parallel"].mints <= 2
    assert loaded["parallel"].refused == 0


def test_rows_and_state_are_those_of_one_after_the_other(loaded: dict[str, Loaded]) -> None:
    serial, parallel = loaded["serial"], loaded["parallel"]
    assert serial.rows.keys() >= {*LARGE, "deleted_records"}
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


@pytest.fixture(scope="module")
def after_an_abort(
    loaded: dict[str, Loaded], cluster: Cluster, variables: dict[str, str]
) -> Mapping[str, Any]:
    """The STATE before a run of one module, which follows on one that ended before its merge."""
    before = loaded["parallel"].state
    bookmarks = {**before["bookmarks"]}
    left = {"bookmarks": {"Leads": bookmarks.pop("Leads")}}
    (store(variables) / "bin-007.json").write_text(json.dumps(left), "utf-8")
    (store(variables) / "state.json").write_text(json.dumps({"bookmarks": bookmarks}), "utf-8")
    cluster.run_dag(DAG, "one", {"workers": 1, "modules": ["Leads"]}, seconds=PATIENCE)
    return before


def test_what_a_run_confirmed_that_ended_before_its_merge_is_not_read_again(
    after_an_abort: Mapping[str, Any],
    loaded: dict[str, Loaded],
    variables: dict[str, str],
    warehouse: Warehouse,
) -> None:
    assert rows_of(warehouse) == loaded["parallel"].rows
    assert state(variables)["bookmarks"].keys() == after_an_abort["bookmarks"].keys()


@pytest.mark.usefixtures("after_an_abort")
def test_a_bin_that_fails_fails_the_run_although_the_rest_is_merged(cluster: Cluster) -> None:
    cluster.call("PATCH", f"/dags/{DAG}/dagRuns/one/taskInstances/load/0", {"new_state": "failed"})
    assert cluster.run_again(DAG, "one", "merge", seconds=PATIENCE) == "failed"
    assert "see the log of load_0" in cluster.log(10**9)


def test_no_secret_is_in_the_log(
    loaded: dict[str, Loaded], cluster: Cluster, organisation: DemoOrganisation
) -> None:
    assert loaded.keys() == {"serial", "parallel"}
    log = cluster.log(10**9)
    assert "API calls: " in log
    assert organisation.client_secret not in log
    assert organisation.refresh_token not in log
