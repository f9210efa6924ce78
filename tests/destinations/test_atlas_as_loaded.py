"""The atlas of the whole sample organisation describes the tables that a loader makes of it."""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from atlas.messages import run as run_atlas
from support.demo import config_for
from support.process import TAP
from support.sample import awkward_sample

from destinations.conftest import MakeStore
from destinations.plugins import run
from destinations.postgres_server import running_server
from destinations.stores import DuckDBStore
from tap_zohocrm_modules.definitions import definitions
from zohocrm_demo import DemoOrganisation

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1800)]

QUERY = re.compile(r'<pre tabindex="0" id="sql-text-[^"]*">(.*?)</pre>', re.DOTALL)
# More rows would show nothing else about a table.
FEW = {"Calibrations": 300, "Contacts": 300, "DealHistory": 300, "Deals": 300}
Columns = Mapping[str, set[str]]
TO_POSTGRES = """
import fs from 'fs';
import { exporter } from '@dbml/core';
const dbml = fs.readFileSync(process.argv[2], 'utf8');
fs.writeFileSync(process.argv[3], exporter.export(dbml, 'postgres'));
process.exit(0);
"""
COLUMNS = """
SELECT table_name, array_agg(column_name::text) FROM information_schema.columns
WHERE table_schema = 'public' GROUP BY table_name
"""
FOREIGN_KEYS = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"
ENUMS = "SELECT count(*) FROM pg_type WHERE typtype = 'e'"


@pytest.fixture(scope="module")
def loaded(make_store: MakeStore, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder with catalog, atlas and messages, and the DuckDB that the loader has filled."""
    folder = tmp_path_factory.mktemp("as_loaded")
    settings, messages = folder / "tap.json", folder / "messages.jsonl"
    with DemoOrganisation(awkward_sample(records=FEW)) as demo:
        settings.write_text(json.dumps(config_for(demo)), "utf-8")
        command: list[str | Path] = [TAP, "--config", settings]
        catalog = json.loads(run([*command, "--discover"], timeout=300).stdout)
        for entry in catalog["streams"]:
            for item in entry["metadata"]:
                if not item["breadcrumb"]:
                    item["metadata"]["selected"] = True
        (folder / "catalog.json").write_text(json.dumps(catalog), "utf-8")
        command += ["--catalog", folder / "catalog.json"]
        messages.write_text(run(command, timeout=900).stdout, "utf-8")
    store = make_store("target-duckdb-file", folder)
    assert isinstance(store, DuckDBStore)
    store.load(messages, timeout=900)
    _draw(messages, folder / "atlas")
    return folder, store.file


def _draw(messages: Path, atlas: Path, **config: str) -> None:
    with messages.open(encoding="utf-8", newline="\n") as lines:
        run_atlas(atlas, (line.rstrip("\n") for line in lines), **config)


def _by_catalog(folder: Path) -> Columns:
    streams = json.loads((folder / "catalog.json").read_bytes())["streams"]
    found = {each["tap_stream_id"]: set(each["schema"]["properties"]) for each in streams}
    # Not of modules, and so without a place in a model of modules; users are led to.
    known = definitions().keys() - {"users"} | {"audit_log", "sync_report", "deleted_records"}
    return {name: columns for name, columns in found.items() if name not in known}


def _by_csv(path: Path) -> Columns:
    found: dict[str, set[str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["table"], set()).add(row["column"])
    return found


def _by_dbml(text: str) -> Columns:
    tables = re.findall(r'^Table "([^"]+)" .*?\{\n(.*?)^\}', text, re.DOTALL | re.MULTILINE)
    return {name: set(re.findall(r'^  "([^"]+)" ', body, re.MULTILINE)) for name, body in tables}


def test_each_export_has_the_tables_and_columns_of_the_catalog(loaded: tuple[Path, Path]) -> None:
    folder, _ = loaded
    expected, atlas = _by_catalog(folder), folder / "atlas"
    contract: Any = yaml.load((atlas / "contract.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    tables = json.loads((atlas / "schema.json").read_bytes())["tables"]
    exports: dict[str, Columns] = {
        "tbls": {each["name"]: {one["name"] for one in each["columns"]} for each in tables},
        "contract": {
            each["name"]: {one["name"] for one in each["properties"]} for each in contract["schema"]
        },
        "data package": _by_csv(atlas / "columns.csv"),
        "DBML": _by_dbml((atlas / "model.dbml").read_text("utf-8")),
    }
    for name, export in exports.items():
        assert export == expected, name
    assert len(expected) > 50


def test_every_query_of_every_page_runs_on_what_is_loaded(loaded: tuple[Path, Path]) -> None:
    folder, file = loaded
    failed, count = [], 0
    with duckdb.connect(str(file), read_only=True) as database:
        for page in sorted((folder / "atlas" / "modules").iterdir()):
            for sql in QUERY.findall(page.read_text("utf-8")):
                count += 1
                try:
                    database.execute(html.unescape(sql)).fetchall()
                except duckdb.Error as error:
                    failed.append((page.name, str(error)))
    assert failed == []
    assert count > 120


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm brings DBML's own exporter")
# The types of Snowflake and BigQuery are their own.
@pytest.mark.parametrize("loader", ["duckdb", "postgres"])
def test_dbml_makes_the_tables_enums_and_keys_in_postgresql(
    loaded: tuple[Path, Path], loader: str, tmp_path: Path
) -> None:
    folder, _ = loaded
    _draw(folder / "messages.jsonl", tmp_path / "atlas", loader=loader)
    dbml, sql = tmp_path / "atlas" / "model.dbml", tmp_path / "model.sql"
    (tmp_path / "export.mjs").write_text(TO_POSTGRES)
    install = ["npm", "install", "--no-audit", "--no-fund", "--silent", "@dbml/core@10"]
    subprocess.run(install, cwd=tmp_path, check=True, timeout=500)
    subprocess.run(["node", "export.mjs", dbml, sql], cwd=tmp_path, check=True, timeout=120)
    with running_server() as server:
        server.create("model")
        server.query("model", sql.read_text("utf-8"))
        made = server.rows("model", COLUMNS)
        keys, enums = (server.query("model", asked).strip() for asked in (FOREIGN_KEYS, ENUMS))
    assert {each["table_name"]: set(each["array_agg"]) for each in made} == _by_catalog(folder)
    lines = dbml.read_text("utf-8").split("\n")
    assert (int(keys), int(enums)) == (
        sum(line.startswith("Ref: ") for line in lines),
        sum(line.startswith("Enum ") for line in lines),
    )
    assert int(keys) > 200
    assert int(enums) > 50
