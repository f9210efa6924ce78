"""Airflow and Meltano, each in an environment of its own, and a copy of the example project."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from destinations.plugins import AIRFLOW, MELTANO, install
from destinations.postgres_server import PostgresServer, running_server
from pipelines.conftest import COPIED, ROOT


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of Airflow's programs."""
    return install(tmp_path_factory.mktemp("airflow") / "venv", AIRFLOW)


@pytest.fixture(scope="session")
def meltano(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Meltano's executable."""
    return install(tmp_path_factory.mktemp("meltano") / "venv", MELTANO) / "meltano"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example project as it is, with the tap's source where it expects it."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".meltano", "state")
            shutil.copytree(ROOT / name, checkout / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, checkout / name)
    return checkout / "examples" / "meltano"
