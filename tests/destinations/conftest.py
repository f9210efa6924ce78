"""Servers and loaders, made once; destinations loaded twice, once each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from destinations.plugins import (
    PIPELINEWISE_TARGET_POSTGRES,
    TARGET_DUCKDB_FILE,
    TARGET_POSTGRES,
    install,
)
from destinations.postgres_server import PostgresServer, running_server
from destinations.scenario import Loads, load_twice
from destinations.stores import DuckDBStore, PipelinewiseStore, PostgresStore, Store

MakeStore = Callable[[str, Path], Store]
PARAMS = ["target-postgres", "pipelinewise-target-postgres", "target-duckdb-file"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def target_postgres(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("target-postgres") / "venv", TARGET_POSTGRES)


@pytest.fixture(scope="session")
def pipelinewise_target_postgres(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pipelinewise-target-postgres")
    return install(folder / "venv", PIPELINEWISE_TARGET_POSTGRES)


@pytest.fixture(scope="session")
def target_duckdb_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("target-duckdb-file") / "venv", TARGET_DUCKDB_FILE)


@pytest.fixture(scope="session")
def make_store(request: pytest.FixtureRequest) -> MakeStore:
    """Make an empty destination for a loader, with its files in a folder of its own."""

    def make(loader: str, folder: Path) -> Store:
        match loader:
            case "target-postgres":
                program = request.getfixturevalue("target_postgres") / "target-postgres"
                server = request.getfixturevalue("postgres")
                return PostgresStore(program, folder, server, folder.name)
            case "pipelinewise-target-postgres":
                programs = request.getfixturevalue("pipelinewise_target_postgres")
                server = request.getfixturevalue("postgres")
                return PipelinewiseStore(programs / "target-postgres", folder, server, folder.name)
            case _:
                programs = request.getfixturevalue("target_duckdb_file")
                return DuckDBStore(programs / "target-duckdb-file", folder)

    return make


@pytest.fixture(scope="session", params=PARAMS)
def loads(
    request: pytest.FixtureRequest,
    make_store: MakeStore,
    tmp_path_factory: pytest.TempPathFactory,
) -> Loads:
    folder = tmp_path_factory.mktemp(request.param)
    return load_twice(make_store(request.param, folder), folder)
