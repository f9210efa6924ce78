"""Airflow as it runs in earnest: API server, scheduler with its workers, and DAG processor."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
from destinations.plugins import run
from destinations.postgres_server import USER, PostgresServer, free_port
from pipelines.conftest import clean_environment

from support.airflow import PATIENCE

METADATA = "airflow"


class Cluster:
    """A running Airflow, whose tasks run at the same time.

    Args:
        programs: The folder of Airflow's programs.
        variables: The environment of all its processes.
        postgres: Where its metadata is.
        logs: The folder of its processes' logs.
        url: Where its API server is.
    """

    def __init__(
        self,
        programs: Path,
        variables: Mapping[str, str],
        postgres: PostgresServer,
        logs: Path,
        url: str,
    ) -> None:
        self._airflow = programs / "airflow"
        self._variables = variables
        self._postgres = postgres
        self._logs = logs
        self._url = url
        self._session: requests.Session | None = None

    def command(self, *words: str) -> None:
        """Run a command of Airflow's."""
        run([self._airflow, *words], variables=self._variables, timeout=PATIENCE)

    def start(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        """Start one of Airflow's processes."""
        with (self._logs / f"{program}.log").open("wb") as log:
            return subprocess.Popen(
                [self._airflow, program, *options],
                env=clean_environment() | dict(self._variables),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call Airflow's API, which is faster than its commands, and return its answer."""
        if self._session is None:
            session = requests.Session()
            token = session.get(f"{self._url}/auth/token", timeout=PATIENCE).json()["access_token"]
            session.headers["Authorization"] = f"Bearer {token}"
            self._session = session
        url = f"{self._url}/api/v2{path}"
        answer = self._session.request(method, url, json=body, timeout=PATIENCE)
        assert answer.ok, answer.text
        return answer.json()

    def pool(self, name: str, slots: int) -> None:
        """Make a pool, or give it so many slots."""
        pool = {"name": name, "slots": slots, "include_deferred": False}
        action = {"action": "create", "action_on_existence": "overwrite", "entities": [pool]}
        answer = self.call("PATCH", "/pools", {"actions": [action]})
        assert answer["create"]["success"] == [name], answer

    def run_dag(self, dag: str, name: str, params: Mapping[str, Any], seconds: float) -> float:
        """Run a DAG to its end, and return how long it took."""
        run = {"dag_run_id": name, "logical_date": None, "conf": params}
        self.call("POST", f"/dags/{dag}/dagRuns", run)
        end, took = self.end_of(name, seconds)
        assert end == "success", self.log()
        return took

    def run_again(self, dag: str, name: str, task: str, seconds: float) -> str:
        """Run one task of a run once more, and return how the run then ends."""
        again = {"dag_run_id": name, "task_ids": [task], "only_failed": False, "dry_run": False}
        self.call("POST", f"/dags/{dag}/clearTaskInstances", again)
        return self.end_of(name, seconds)[0]

    def end_of(self, name: str, seconds: float) -> tuple[str, float]:
        """Return how a run ends, and after how many seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            (found,) = self._postgres.rows(
                METADATA,
                "SELECT state, extract(epoch FROM end_date - start_date) AS took"
                f" FROM dag_run WHERE run_id = '{name}'",
            )
            if found["state"] in {"success", "failed"}:
                return found["state"], float(found["took"])
            time.sleep(0.5)
        raise AssertionError(f"{name} takes too long: {self.log()}")

    def tasks(self, name: str) -> list[dict[str, Any]]:
        """The tasks of a run, with their states."""
        return self._postgres.rows(
            METADATA,
            "SELECT task_id, map_index, state, try_number FROM task_instance"
            f" WHERE run_id = '{name}'",
        )

    def most_at_once(self, name: str, task: str) -> int:
        """How many instances of a task of a run ran at the same time, at the most."""
        tasks = f"(SELECT * FROM task_instance WHERE run_id = '{name}' AND task_id = '{task}')"
        (found,) = self._postgres.rows(
            METADATA,
            "SELECT max(running) AS most FROM (SELECT count(*) AS running"
            f" FROM {tasks} AS one JOIN {tasks} AS other"
            " ON other.start_date <= one.start_date AND one.start_date < other.end_date"
            " GROUP BY one.map_index) AS each",
        )
        return int(found["most"])

    def log(self, most: int = 4_000) -> str:
        """What its processes and tasks have logged: so many characters of each, the last ones."""
        files = [*self._logs.glob("*.log"), *(self._logs / "tasks").rglob("*.log")]
        return "\n".join(path.read_text("utf-8", "replace")[-most:] for path in sorted(files))


@contextlib.contextmanager
def running_cluster(
    programs: Path, variables: Mapping[str, str], postgres: PostgresServer, folder: Path
) -> Iterator[Cluster]:
    """Start Airflow with a database of its own, and end it with all its tasks."""
    postgres.create(METADATA)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    address = f"{USER}@127.0.0.1:{postgres.port}/{METADATA}"
    settings = {
        **variables,
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "8",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{address}",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+asyncpg://{address}",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "tasks"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        # Files that do not change need not be read again.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
        # What is slow has not died.
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": str(PATIENCE),
        "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": str(PATIENCE),
        "AIRFLOW__API__WORKER_TIMEOUT": str(PATIENCE),
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "120",
        "AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS": "100",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": str(PATIENCE),
        # Runs that somebody starts, and no others.
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
    }
    cluster = Cluster(programs, settings, postgres, folder, url)
    cluster.command("db", "migrate")
    processes = [
        cluster.start("api-server", "--port", str(port), "--workers", "1"),
        cluster.start("dag-processor"),
        cluster.start("scheduler"),
    ]
    try:
        _await_dags(postgres, cluster)
        yield cluster
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)


def _await_dags(postgres: PostgresServer, cluster: Cluster) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if postgres.rows(METADATA, "SELECT dag_id FROM dag WHERE dag_id = 'zoho_crm_workers'"):
            with contextlib.suppress(requests.ConnectionError):
                cluster.call("GET", "/version")
                return
        time.sleep(0.5)
    raise AssertionError(f"Airflow does not start, or does not find the DAGs: {cluster.log()}")
