"""The data contract is accepted on what the tap has loaded, and finds what is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import psycopg
import pytest
import yaml
from atlas.messages import run as run_atlas

from destinations.conftest import MakeStore
from destinations.plugins import TARGET_DUCKDB_FILE, attempt
from destinations.postgres_server import PASSWORD, USER
from destinations.scenario import TapRuns
from destinations.stores import DuckDBStore, PostgresStore, Store

DATACONTRACT = ("datacontract-cli[duckdb,postgres]>=1.2,<2",)

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


def _server(store: Store) -> dict[str, object]:
    if isinstance(store, PostgresStore):
        place = {"host": "127.0.0.1", "port": store.server.port, "database": store.database}
        return {"server": "warehouse", "type": "postgres", **place, "schema": store.schema}
    assert isinstance(store, DuckDBStore)
    return {"server": "warehouse", "type": "duckdb", "database": str(store.file), "schema": "main"}


def _execute(store: Store, *statements: str) -> None:
    if isinstance(store, PostgresStore):
        place = f"host=127.0.0.1 port={store.server.port} dbname={store.database} user={USER}"
        with psycopg.connect(f"{place} password={PASSWORD}") as connection:
            connection.execute(f'SET search_path TO "{store.schema}"'.encode())
            for statement in statements:
                connection.execute(statement.encode())
        return
    assert isinstance(store, DuckDBStore)
    with duckdb.connect(str(store.file)) as database:
        for statement in statements:
            database.execute(statement)


@pytest.mark.parametrize("loader", ["target-duckdb-file", "target-postgres"])
def test_it_is_accepted_and_turns_red_for_what_is_wrong(
    loader: str,
    folder: Path,
    make_store: MakeStore,
    runs: TapRuns,
    environment: Callable[..., Path],
) -> None:
    # The contract's tool reads files of DuckDB 1.5, and none of later versions.
    store = (
        DuckDBStore(environment(TARGET_DUCKDB_FILE, "duckdb<1.6") / loader, folder)
        if loader == "target-duckdb-file"
        else make_store(loader, folder)
    )
    store.load(runs.first.messages.path)
    with runs.first.messages.path.open("rb") as lines:
        kind = "postgres" if loader == "target-postgres" else "duckdb"
        run_atlas(folder / "atlas", (line.decode().rstrip("\n") for line in lines), loader=kind)
    path = folder / "atlas" / "contract.yaml"
    document = yaml.safe_load(path.read_text("utf-8"))
    assert document["servers"][0]["type"] == kind
    path.write_text(yaml.safe_dump({**document, "servers": [_server(store)]}), "utf-8")
    program = environment(*DATACONTRACT) / "datacontract"
    variables = {
        **os.environ,
        "COLUMNS": "400",
        "DATACONTRACT_POSTGRES_USERNAME": USER,
        "DATACONTRACT_POSTGRES_PASSWORD": PASSWORD,
    }

    def ask(*words: str) -> tuple[int, str]:
        done = attempt([program, *words, path], variables=variables, timeout=600)
        return done.returncode, done.stdout + done.stderr

    code, said = ask("lint")
    assert code == 0, said
    code, said = ask("test")
    assert code == 0, said
    _execute(
        store,
        'ALTER TABLE "Leads" DROP COLUMN "Company"',
        """UPDATE "Leads" SET "Lead_Status" = 'Unheard of'""",
        """UPDATE "Leads" SET "Modified_Time" = '2001-01-01'""",
    )
    code, said = ask("test", "--schema-name", "Leads")
    assert code == 1
    failed = [line for line in said.splitlines() if "failed" in line]
    for reason in ("Company", "Lead_Status", "Modified_Time"):
        assert any(reason in line for line in failed), said
