"""Airflow's scheduler, a load task and a merge that are killed: no row is lost or read again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from destinations.plugins import TARGET_POSTGRES
from destinations.postgres_server import PASSWORD, USER, PostgresServer
from support.airflow import PATIENCE, settings
from support.airflow_cluster import Cluster
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.timeout(3_600),
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]

DAG = "zoho_crm_workers"
DATABASE = "killed"
RECORDS = {"Contacts": 4_000, "Deals": 4_000, "Leads": 4_000}
Found = TypeVar("Found")


@pytest.fixture(scope="module")
def organisation() -> Iterator[DemoOrganisation]:
    sample = awkward_sample()
    for module, count in RECORDS.items():
        sample.records.resize(module, count)
    with DemoOrganisation(sample) as zoho:
        yield zoho


@pytest.fixture(scope="module")
def variables(
    organisation: DemoOrganisation,
    environment: Callable[..., Path],
    postgres: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    postgres.create(DATABASE)
    program = environment(TARGET_POSTGRES) / "target-postgres"
    connection = {"port": postgres.port, "login": USER, "password": PASSWORD, "schema": DATABASE}
    # So slow that it is still at it when it has confirmed its first STATE.
    connection["extra"] = {"batch_size_rows": 200}
    return settings(organisation, program, connection, tmp_path_factory.mktemp)


@pytest.fixture(scope="module")
def slots() -> int:
    return 1


def eventually(what: str, look: Callable[[], Found | None], cluster: Cluster) -> Found:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what}: {cluster.log()}")


def bins(store: Path, attempt: int) -> Path | None:
    """The file of a try's STATE, once a loader has confirmed something."""
    return next(iter(store.glob(f"bin-*-{attempt:03}.json")), None)


def parent_of_the_loader(variables: dict[str, str]) -> int | None:
    """The process of the load task."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # It has ended, or is another user's.
            words = (folder / "cmdline").read_bytes().split(b"\0")
            ours = variables["AIRFLOW_HOME"].encode() in (folder / "environ").read_bytes()
            if ours and any(word.endswith(b"target-postgres") for word in words):
                status = (folder / "status").read_text()
                return int(status.partition("PPid:")[2].split()[0])
    return None


def reader_of(pipe: Path) -> int | None:
    """The process that has a named pipe open."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if link.readlink() == pipe and int(link.parts[2]) != os.getpid():
                return int(link.parts[2])
    return None


def opened_by_a_reader(pipe: Path) -> int | None:
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None


def test_a_load_task_and_a_merge_are_killed(
    cluster: Cluster,
    variables: dict[str, str],
    postgres: PostgresServer,
    organisation: DemoOrganisation,
) -> None:
    store = Path(variables["ZOHO_CRM_STATE"].removeprefix("file://"))
    asked = {"workers": 1, "modules": [*RECORDS], "streams": []}
    cluster.call(
        "POST",
        f"/dags/{DAG}/dagRuns",
        {"dag_run_id": "killed", "logical_date": None, "conf": asked},
    )
    # The load task dies as when memory runs out: at once, its tap and loader left behind.
    eventually("nothing is confirmed", lambda: bins(store, 1), cluster)
    task = eventually("no loader runs", lambda: parent_of_the_loader(variables), cluster)
    os.kill(task, signal.SIGKILL)
    second = eventually("it is not tried again", lambda: bins(store, 2), cluster)

    # The merge waits at a file that nobody writes, and dies there.
    pipe = store / "bin-zzz.json"
    os.mkfifo(pipe)
    end = eventually("no merge", lambda: opened_by_a_reader(pipe), cluster)
    merge = eventually("no merge has the pipe", lambda: reader_of(pipe), cluster)
    os.kill(merge, signal.SIGKILL)
    os.close(end)
    pipe.unlink()
    assert cluster.end_of("killed", PATIENCE)[0] == "failed"
    tries = {task["task_id"]: task["try_number"] for task in cluster.tasks("killed")}
    assert tries["load"] == 2
    assert second.exists()
    assert rows(postgres) == RECORDS

    # Nobody does anything: the next run takes up what the last one left.
    (before,) = postgres.rows(DATABASE, "SELECT now()::timestamp::text AS now")
    cluster.run_dag(DAG, "next", asked, PATIENCE)
    assert rows(postgres) == RECORDS
    for module in RECORDS:
        (again,) = postgres.rows(
            DATABASE,
            f'SELECT count(*) AS n FROM zoho_crm."{module}"'
            f" WHERE _sdc_received_at > '{before['now']}'",
        )
        assert again["n"] == 0, module
    state: dict[str, Any] = json.loads((store / "state.json").read_text("utf-8"))
    assert state["bookmarks"].keys() == {*RECORDS}
    assert [*store.glob("bin-*")] == []
    assert organisation.client_secret not in cluster.log(10**9)


def rows(postgres: PostgresServer) -> dict[str, int]:
    return {
        module: int(found["n"])
        for module in RECORDS
        for found in postgres.rows(
            DATABASE,
            f'SELECT count(DISTINCT id) AS n FROM zoho_crm."{module}"'
            " WHERE _sdc_deleted_at IS NULL",  # The recycle bin's are marked.
        )
    }
