"""Loaders, and destinations loaded twice, once each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from destinations.plugins import (
    PIPELINEWISE_TARGET_POSTGRES,
    TARGET_DUCKDB_FILE,
    TARGET_POSTGRES,
)
from destinations.scenario import Loads, TapRuns, load_twice, run_twice
from destinations.stores import DuckDBStore, PipelinewiseStore, PostgresStore, Store

MakeStore = Callable[[str, Path], Store]
BY_FILES = "target-duckdb-file-by-arrow"
PARAMS = ["target-postgres", "pipelinewise-target-postgres", "target-duckdb-file", BY_FILES]


@pytest.fixture(scope="session")
def make_store(request: pytest.FixtureRequest, environment: Callable[..., Path]) -> MakeStore:
    """Make an empty destination for a loader, with its files in a folder of its own."""

    def make(loader: str, folder: Path) -> Store:
        match loader:
            case "target-postgres":
                program = environment(TARGET_POSTGRES) / "target-postgres"
                server = request.getfixturevalue("postgres")
                return PostgresStore(program, folder, server, folder.name)
            case "pipelinewise-target-postgres":
                program = environment(PIPELINEWISE_TARGET_POSTGRES) / "target-postgres"
                server = request.getfixturevalue("postgres")
                return PipelinewiseStore(program, folder, server, folder.name)
            case _:
                program = environment(TARGET_DUCKDB_FILE) / "target-duckdb-file"
                return DuckDBStore(program, folder)

    return make


@pytest.fixture
def folder(request: pytest.FixtureRequest, loader: str, tmp_path: Path) -> Path:
    """Where a test has what is of its loader; a database is called as the folder is."""
    made = tmp_path / f"{request.path.stem}_{loader}".replace("-", "_")
    made.mkdir()
    return made


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> TapRuns:
    """The tap's two runs, for all destinations."""
    return run_twice(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session")
def runs_by_files(tmp_path_factory: pytest.TempPathFactory) -> TapRuns:
    """The same with the rows in Arrow files, which the first loader removes."""
    folder = tmp_path_factory.mktemp("runs")
    storage = {"root": (folder / "batches").as_uri()}
    return run_twice(folder, batch_config={"encoding": {"format": "arrow"}, "storage": storage})


@pytest.fixture(scope="session", params=PARAMS)
def loads(
    request: pytest.FixtureRequest,
    make_store: MakeStore,
    tmp_path_factory: pytest.TempPathFactory,
) -> Loads:
    runs = request.getfixturevalue("runs_by_files" if request.param == BY_FILES else "runs")
    return load_twice(make_store(request.param, tmp_path_factory.mktemp(request.param)), runs)
