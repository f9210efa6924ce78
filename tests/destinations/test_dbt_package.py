"""The dbt package of the atlas builds on what the tap has loaded: twice, with an edit between."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from atlas.messages import run as run_atlas

from destinations.conftest import MakeStore
from destinations.plugins import run
from destinations.postgres_server import PASSWORD, USER
from destinations.scenario import TapRun, TapRuns
from destinations.stores import DuckDBStore, PostgresStore, Store

# Later releases of dbt-core fetch a program from the internet while they are installed.
DBT = ("dbt-core>=1.10,<1.12", "dbt-duckdb>=1.10,<2", "dbt-postgres>=1.10,<2", "duckdb>=1.5,<3")

_QUIET = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


class Dbt:
    """The package, and a profile for the store."""

    def __init__(self, program: Path, folder: Path, store: Store) -> None:
        self._program = program
        self._folder = folder
        self._store = store
        profile = {"target": "test", "outputs": {"test": _output(store)}}
        (folder / "profiles.yml").write_text(json.dumps({"zohocrm": profile}), "utf-8")

    def build(self, said: TapRun, **variables: bool) -> dict[str, str]:
        """Loads the run, writes its atlas, and builds; returns what became of each node."""
        self._store.load(said.messages.path)
        atlas = self._folder / "atlas"
        with said.messages.path.open("rb") as lines:
            run_atlas(atlas, (line.decode().rstrip("\n") for line in lines))
        run(self.command("build", **variables), variables=_QUIET, timeout=800)
        results = json.loads((atlas / "dbt" / "target" / "run_results.json").read_text("utf-8"))
        return {each["unique_id"]: each["status"] for each in results["results"]}

    def command(self, *words: str, **variables: bool) -> list[str | Path]:
        """The program, with the package, the profile and these variables."""
        schema = self._store.schema if isinstance(self._store, PostgresStore) else "main"
        found = json.dumps({"zohocrm_schema": schema, **variables})
        project: list[str | Path] = [
            "--project-dir",
            self._folder / "atlas" / "dbt",
            "--vars",
            found,
        ]
        return [self._program, *words, "--profiles-dir", self._folder, *project]

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """What a query returns."""
        if isinstance(self._store, PostgresStore):
            return self._store.rows_of(sql.format(schema="analytics"))
        assert isinstance(self._store, DuckDBStore)
        with duckdb.connect(str(self._store.file), read_only=True) as database:
            found = database.execute(sql.format(schema="main"))
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _output(store: Store) -> dict[str, Any]:
    if isinstance(store, PostgresStore):
        return {
            "type": "postgres",
            "host": "127.0.0.1",
            "port": store.server.port,
            "user": USER,
            "password": PASSWORD,
            "dbname": store.database,
            "schema": "analytics",
            "threads": 2,
        }
    assert isinstance(store, DuckDBStore)
    return {"type": "duckdb", "path": str(store.file), "threads": 2}


@pytest.mark.parametrize("loader", ["target-duckdb-file", "target-postgres"])
def test_it_builds_twice_and_keeps_the_history(
    loader: str,
    folder: Path,
    make_store: MakeStore,
    runs: TapRuns,
    environment: Callable[..., Path],
) -> None:
    dbt = Dbt(environment(*DBT) / "dbt", folder, make_store(loader, folder))
    for said in (runs.first, runs.second):
        statuses = dbt.build(said)
        assert set(statuses.values()) <= {"success", "pass"}, statuses
        assert sum(name.startswith("model.") for name in statuses) > 20
    loaded = set(runs.second.organisation.records["Leads"])
    staged = dbt.rows("SELECT id FROM {schema}.stg_zohocrm__leads")
    assert {row["id"] for row in staged} == loaded
    history = dbt.rows(
        "SELECT plural_label, dbt_valid_to IS NULL AS current FROM"
        " {schema}.zohocrm_modules_history WHERE api_name = 'Leads' ORDER BY dbt_valid_from"
    )
    assert [row["current"] for row in history] == [False, True]
    assert history[0]["plural_label"] == "Leads"
