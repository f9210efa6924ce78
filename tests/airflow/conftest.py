"""Airflow and Meltano, each in an environment of its own, and a copy of the example project."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from destinations.plugins import AIRFLOW, MELTANO, run
from destinations.postgres_server import PostgresServer
from pipelines.conftest import COPIED, ROOT
from support.airflow_cluster import Cluster, running_cluster
from support.airflow_warehouses import Files, Warehouse


@pytest.fixture(scope="session")
def airflow(environment: Callable[..., Path]) -> Path:
    """The folder of Airflow's programs."""
    return environment(AIRFLOW)


@pytest.fixture(scope="module")
def warehouse(
    environment: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    """What a module's workers load into: files, unless the module has a fixture of its own."""
    return Files(tmp_path_factory.mktemp("files"), environment)


@pytest.fixture(scope="module")
def slots() -> int | None:
    """How many of a module's workers run at once; None: as many as docs/airflow.md says."""
    return None


@pytest.fixture(scope="module")
def cluster(
    environment: Callable[..., Path],
    variables: dict[str, str],
    postgres: PostgresServer,
    slots: int | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    """Airflow with a scheduler, whose environment has the module's `variables`."""
    programs = environment(AIRFLOW, "psycopg2-binary", "asyncpg")
    folder = tmp_path_factory.mktemp("cluster")
    with running_cluster(programs, variables, postgres, folder) as running:
        if slots is not None:
            running.pool("zoho_crm", slots)
        yield running


@pytest.fixture(scope="session")
def meltano(environment: Callable[..., Path]) -> Path:
    """Meltano's executable."""
    return environment(MELTANO) / "meltano"


@pytest.fixture(scope="session")
def path(meltano: Path) -> dict[str, str]:
    """Where a shell finds Meltano, as after its installation."""
    return {"PATH": os.pathsep.join([str(meltano.parent), os.environ["PATH"]])}


@pytest.fixture(scope="session")
def installation() -> str:
    """The first command of docs/meltano.md."""
    return "meltano --environment=demo install"


@pytest.fixture(scope="session")
def project(
    path: dict[str, str], installation: str, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The example project as it is, the tap's source where it expects it, its plugins installed."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".meltano", "state")
            shutil.copytree(ROOT / name, checkout / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, checkout / name)
    folder = checkout / "examples" / "meltano"
    run(["sh", "-c", installation], folder=folder, variables=path, timeout=400)
    return folder
