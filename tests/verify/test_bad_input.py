"""What cannot be compared is named in one line, the rest is compared; no password is shown."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from support.demo import config_for
from support.raw_server import raw_server
from support.records import records_catalog
from support.run import Run, run_tap
from support.sample import awkward_sample

from verify.loaders import DuckDBLoader, SqliteLoader
from zohocrm_demo import DemoOrganisation

SECRET = "Kd8-pass/word@x"
IN_URL = "Kd8-pass%2Fword%40x"
SMALL = ("Events", "Products")


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample) as organisation:
        yield organisation


@pytest.fixture(scope="module")
def load(demo: DemoOrganisation, cache: str) -> Run:
    config = config_for(demo, token_cache_dir=cache)
    return run_tap(config=config, catalog=records_catalog(*SMALL))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where tokens are kept, of which Zoho issues ten in ten minutes."""
    return str(tmp_path_factory.mktemp("tokens"))


@pytest.fixture(scope="module")
def config(demo: DemoOrganisation, cache: str) -> dict[str, Any]:
    return config_for(demo, token_cache_dir=cache)


def verify(config: dict[str, Any], where: str) -> Run:
    run = run_tap("--verify", where, config=config, catalog=records_catalog(*SMALL))
    written = run.stdout.decode() + run.stderr
    assert SECRET not in written
    assert IN_URL not in written
    assert "Traceback" not in written
    return run


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("nowhere", "it is none of these"),
        ("/tmp/there/is/no/such.duckdb", "There is no DuckDB file"),
        ("sqlite:////tmp/there/is/no/such.sqlite", "There is no SQLite file"),
        ("env:NO_SUCH_VARIABLE", "NO_SUCH_VARIABLE, which is not set"),
        (f"postgresql://user:{SECRET}@@:host:x/db", "a URL that cannot be read"),
        (f"oracle+made_up://user:{IN_URL}@127.0.0.1/db", "needs the package oracledb"),
        (f"snowflake://user:{IN_URL}@account/db", "needs the package snowflake-sqlalchemy"),
        (f"bigquery://project/data?credentials_base64={IN_URL}", "sqlalchemy-bigquery"),
        (f"postgresql://user:{IN_URL}@127.0.0.1:1/db", "refuses"),
    ],
)
def test_a_warehouse_that_is_not_there(config: dict[str, Any], where: str, said: str) -> None:
    run = verify(config, where)
    assert said in run.error
    assert run.stdout == b""


def test_a_driver_that_repeats_the_password(config: dict[str, Any]) -> None:
    def refuse(*_: Any, **options: Any) -> None:
        raise OSError(f"no {options} for {SECRET!r} at user:{IN_URL}@127.0.0.1")

    with mock.patch("psycopg.connect", refuse):
        run = verify(config, f"postgresql+psycopg://user:{IN_URL}@127.0.0.1:1/db")
    assert "OSError" in run.error
    assert "***" in run.error


def test_a_short_password_is_in_no_text(config: dict[str, Any]) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("the password qx7 is wrong")

    with mock.patch("psycopg.connect", refuse):
        run = verify(config, "postgresql+psycopg://user:qx7@127.0.0.1:1/db")
    assert "qx7" not in run.stderr


def test_a_server_that_hangs_up(config: dict[str, Any]) -> None:
    with raw_server(lambda connection: connection.close()) as url:
        port = url.rpartition(":")[2]
        run = verify(config, f"postgresql://user:{IN_URL}@127.0.0.1:{port}/db")
    assert "refuses" in run.error


def test_a_missing_package_is_named(config: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.touch()
    with mock.patch.dict(sys.modules, {"duckdb": None}):
        assert "needs the package duckdb" in verify(config, str(path)).error
    with mock.patch.dict(sys.modules, {"pyarrow": None}):
        assert "tap-zohocrm-modules[arrow]" in verify(config, str(tmp_path)).error


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DROP TABLE Events", "has no table of Events"),
        ("ALTER TABLE Events RENAME COLUMN id TO number", "no column for the key id"),
        ("DROP TABLE Events; CREATE TABLE Events (id TEXT, x TEXT)", "it is another's"),
        ("UPDATE Events SET Modified_Time = 'yesterday'", "'yesterday' is not a date-time"),
    ],
)
def test_a_table_that_cannot_be_compared_stops_no_other(
    config: dict[str, Any], load: Run, tmp_path: Path, change: str, said: str
) -> None:
    loader = SqliteLoader(tmp_path)
    loader.load(load.stdout)
    with sqlite3.connect(tmp_path / "warehouse.sqlite") as database:
        database.executescript(change)
    database.close()
    run = verify(config, loader.url)
    assert run.code == 1
    problem, verdict = run.logged("ERROR")
    assert problem.startswith("Events: ")
    assert said in problem
    assert "1 stream not compared" in verdict
    assert "Products: 180 in Zoho, 180 rows in Products: equal" in run.stderr


def test_a_file_that_is_no_database(config: dict[str, Any], tmp_path: Path) -> None:
    for name, scheme in (("w.duckdb", ""), ("w.sqlite", "sqlite:///")):
        path = tmp_path / name
        path.write_bytes(b"this is not a database" * 100)
        run = verify(config, f"{scheme}{path}")
        assert run.code == 1
        assert "refuses" in run.logged("ERROR")[0]


@pytest.mark.thorough
def test_a_module_that_is_gone_stops_no_other(tmp_path: Path) -> None:
    catalog = records_catalog("Products", "Sites")
    with DemoOrganisation(awkward_sample) as demo:
        config = config_for(demo, token_cache_dir=str(tmp_path))
        loader = DuckDBLoader(tmp_path)
        loader.load(run_tap(config=config, catalog=catalog).stdout)
        demo.organisation.schema.drop_module("Sites")
        run = run_tap("--verify", loader.url, config=config, catalog=catalog)
    assert run.code == 1
    assert run.logged("ERROR")[0].startswith("Sites: ")
    assert "Products: 180 in Zoho, 180 rows in Products: equal" in run.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--repair",), "--repair: only together with --verify URL"),
        (("--verify-sample", "5"), "--verify-sample: only together with --verify URL"),
        (("--plan", "--verify", "x.duckdb"), "--plan and --verify: one at a time"),
    ],
)
def test_options_that_do_not_go_together(
    config: dict[str, Any], options: tuple[str, ...], said: str
) -> None:
    run = run_tap(*options, config=config, catalog=records_catalog("Events"))
    assert run.error == said
