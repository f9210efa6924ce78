"""Planted faults are named by id and kind, nothing else is, and a repair mends them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from destinations.postgres_server import PASSWORD, USER, PostgresServer
from support.demo import config_for
from support.records import records_catalog
from support.run import Run, run_tap
from support.sample import awkward_sample

from verify.loaders import DuckDBLoader, Loader, PostgresLoader, SqliteLoader
from verify.planted import STREAMS, Found, Planter, plant
from zohocrm_demo import DemoOrganisation

EVERY = "--verify-sample=100000"

pytestmark = pytest.mark.timeout(900)


def verify(demo: DemoOrganisation, where: str, *options: str, **files: Any) -> Run:
    catalog = files.pop("catalog", None) or records_catalog(*STREAMS)
    return run_tap("--verify", where, *options, config=config_for(demo), catalog=catalog, **files)


def found(report: dict[str, Any]) -> set[Found]:
    return {
        (stream["stream"], fault["id"], fault["kind"], tuple(fault["fields"]))
        for stream in report["streams"]
        for fault in stream["faults"]
    }


@pytest.fixture(
    params=[
        pytest.param("duckdb", marks=pytest.mark.thorough),
        pytest.param("sqlite", marks=pytest.mark.thorough),
        pytest.param("postgres", marks=pytest.mark.heavy),
    ]
)
def loader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Loader]:
    def postgres() -> Loader:
        server: PostgresServer = request.getfixturevalue("postgres")
        server.create("verified")
        return PostgresLoader(server.port, USER, PASSWORD, "verified")

    kinds: dict[str, Callable[[], Loader]] = {
        "duckdb": lambda: DuckDBLoader(tmp_path),
        "sqlite": lambda: SqliteLoader(tmp_path),
        "postgres": postgres,
    }
    made = kinds[request.param]()
    yield made
    made.close()


def test_forty_faults_over_eight_tables(loader: Loader) -> None:
    with DemoOrganisation(awkward_sample) as demo:
        load = run_tap(config=config_for(demo), catalog=records_catalog(*STREAMS))
        assert load.code == 0, load.stderr
        loader.load(load.stdout)
        equal = verify(demo, loader.url, EVERY, "--verify-format=json")
        assert (equal.code, found(json.loads(equal.stdout))) == (0, set())

        planter = Planter(load, loader, demo)
        kinds = [*plant(planter)]
        assert (len(kinds), len(planter.faults)) == (40, 40)
        faulty = verify(demo, loader.url, EVERY, "--verify-format=json")
        report = json.loads(faulty.stdout)
        assert found(report) == planter.faults
        assert (faulty.code, report["equal"]) == (1, False)

        repair = verify(demo, loader.url, EVERY, "--repair")
        # Whether a loader makes one of two rows without a key is more than the tap can know.
        assert repair.code == 1
        assert "STATE" not in repair.types
        written = {(row["stream"], row["record"]["id"]) for row in repair.of_type("RECORD")}
        assert written == {fault[:2] for fault in planter.faults}
        loader.load(repair.stdout)
        after = verify(demo, loader.url, EVERY, "--verify-format=json")
    assert (after.code, found(json.loads(after.stdout))) == (0, set())


def test_a_repair_that_mends_everything_succeeds(tmp_path: Path) -> None:
    streams = ("Events", "Site_Contacts")
    catalog = records_catalog(*streams)
    with DemoOrganisation(awkward_sample) as demo:
        load = run_tap(config=config_for(demo), catalog=catalog)
        loader = DuckDBLoader(tmp_path)
        loader.load(load.stdout)
        planter = Planter(load, loader, demo)
        planter.lost_row("Events")
        planter.lost_change("Site_Contacts")
        planter.row_of_nothing("Site_Contacts")
        repair = verify(demo, loader.url, "--repair", "--verify-format=json", catalog=catalog)
        assert repair.code == 0, repair.stderr
        assert '"mended": 2' in repair.stderr
        loader.load(repair.stdout)
        assert verify(demo, loader.url, catalog=catalog).code == 0
