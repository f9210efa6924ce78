"""What real loaders make of every type verifies without a false difference."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from destinations.plugins import (
    PIPELINEWISE_TARGET_POSTGRES,
    TARGET_DUCKDB_FILE,
    TARGET_POSTGRES,
)
from destinations.postgres_server import PASSWORD, USER, PostgresServer
from destinations.stores import DuckDBStore, PipelinewiseStore, PostgresStore, Store
from support.demo import config_for
from support.records import records_catalog
from support.run import Run, run_tap
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

# Together they have fields of all types, and metadata with objects and arrays of them.
STREAMS = (
    *("Events", "Products", "Cases", "Sites", "Accounts", "Site_Contacts", "Sensors_X_Partners"),
    *("Water_Samples", "modules", "fields", "profiles"),
)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample) as organisation:
        yield organisation


@pytest.fixture(scope="module")
def load(demo: DemoOrganisation) -> Run:
    run = run_tap(config=config_for(demo), catalog=records_catalog(*STREAMS))
    assert run.code == 0, run.stderr
    return run


@pytest.fixture(params=[TARGET_DUCKDB_FILE, TARGET_POSTGRES, PIPELINEWISE_TARGET_POSTGRES])
def store(
    request: pytest.FixtureRequest, environment: Callable[..., Path], tmp_path: Path
) -> Store:
    programs = environment(request.param)
    if request.param == TARGET_DUCKDB_FILE:
        return DuckDBStore(programs / "target-duckdb-file", tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres")
    kind = PostgresStore if request.param == TARGET_POSTGRES else PipelinewiseStore
    name = f"verified_{kind.__name__.lower()}"
    return kind(programs / "target-postgres", tmp_path, server, name)


def test_what_a_loader_has_loaded_is_equal(
    demo: DemoOrganisation, load: Run, store: Store, tmp_path: Path
) -> None:
    messages = tmp_path / "messages.jsonl"
    messages.write_bytes(load.stdout)
    store.load(messages)
    if isinstance(store, DuckDBStore):
        where = str(store.file)
    else:
        assert isinstance(store, PostgresStore)
        address = f"127.0.0.1:{store.server.port}/{store.database}"
        where = f"postgresql://{USER}:{PASSWORD}@{address}"
    options = ("--verify", where, "--verify-sample=100000", "--verify-format=json")
    run = run_tap(*options, config=config_for(demo), catalog=records_catalog(*STREAMS))
    report = json.loads(run.stdout)
    faults = {one["stream"]: one["faults"][:3] for one in report["streams"] if one["faults"]}
    problems = [one["problem"] for one in report["streams"] if one["problem"]]
    assert (faults, problems) == ({}, [])
    assert run.code == 0
