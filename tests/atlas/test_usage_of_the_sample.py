"""The tap's own two runs: fields as full as in DuckDB, and models that each database parses."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
import sqlglot
from support.demo import config_for
from support.run import run_tap
from support.sample import awkward_sample

from atlas.messages import run
from zohocrm_atlas.dialects import DIALECTS
from zohocrm_demo import DemoOrganisation

LOADER = Path(__file__).parents[2] / "examples" / "target-duckdb-file"
METADATA = ("org", "modules", "fields", "layouts", "picklist_values", "relationships", "profiles")
MODULES = {
    "Accounts": 40,
    "Deals": 120,
    "Quoted_Items": 30,
    "Quotes": 20,
    "Sample_Readings": 40,
    "Leads": 60,
    "Service_Contracts": 30,
    "Water_Samples": 30,
}


def _two_runs(folder: Path, kind: str) -> tuple[list[str], list[str]]:
    """The messages of a whole read, and of what has changed since."""
    organisation = awkward_sample()
    for module, count in MODULES.items():
        organisation.records.resize(module, count)
    with DemoOrganisation(organisation) as demo:
        config = config_for(demo, record_modules=list(MODULES), cutoff_lag=0)
        if kind != "record":
            storage = {"root": (folder / "batches").as_uri()}
            config["batch_config"] = {"encoding": {"format": kind}, "storage": storage}
        catalog = json.loads(run_tap("--discover", config=config).stdout)
        for entry in catalog["streams"]:
            for item in entry["metadata"]:
                if not item["breadcrumb"]:
                    item["metadata"]["selected"] = entry["stream"] in {*MODULES, *METADATA}
        first = run_tap(config=config, catalog=catalog)
        assert first.code == 0, first.stderr
        records = organisation.records
        deals = [each["id"] for each in records.read("Deals", "Amount")]
        for number, deal in enumerate(deals[:30]):
            records.update("Deals", deal, {"Next_Step": None if number % 2 else "Call"})
        for deal in deals[40:52]:
            records.delete("Deals", deal)
        for number in range(9):
            records.insert("Leads", {"Last_Name": f"Later {number}", "Company": "Brine"})
        time.sleep(1.1)
        lines = first.stdout.decode().split("\n")[:-1]
        states = [each for each in map(json.loads, lines) if each["type"] == "STATE"]
        second = run_tap(config=config, catalog=catalog, state=states[-1]["value"])
        assert second.code == 0, second.stderr
    return lines, second.stdout.decode().split("\n")[:-1]


def _load(lines: list[str], folder: Path) -> None:
    config = folder / "loader.json"
    config.write_text(json.dumps({"path": str(folder / "crm.duckdb")}), "utf-8")
    command = [sys.executable, str(LOADER), "--config", str(config)]
    text = "\n".join([*lines, ""])
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1_000:]


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["record", "arrow"])
def test_shares_are_those_of_duckdb_after_each_of_two_runs(tmp_path: Path, kind: str) -> None:
    atlas, compared = tmp_path / "atlas", 0
    for lines in _two_runs(tmp_path, kind):
        run(atlas, lines)
        _load(lines, tmp_path)
        with (atlas / "data" / "field_usage.csv").open(encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        with duckdb.connect(str(tmp_path / "crm.duckdb"), read_only=True) as database:
            for row in rows:
                table, column = row["table_name"], row["column_name"]
                query = (
                    f'SELECT count(*), 100 * count("{column}") / count(*) FROM "{table}"'
                    " WHERE _sdc_deleted_at IS NULL"
                )
                records, share = database.execute(query).fetchall()[0]
                assert int(row["records"]) == records, table
                assert float(row["filled_percent"]) == pytest.approx(share, abs=0.1), row
                compared += 1
        assert {row["table_name"] for row in rows} == {*MODULES}
    assert compared > 600


@pytest.mark.thorough
def test_whole_models_of_formulas_are_sql_of_each_database(tmp_path: Path) -> None:
    lines, _ = _two_runs(tmp_path, "record")
    run(tmp_path / "atlas", lines)
    models = sorted((tmp_path / "atlas/dbt/models/formulas").glob("*.sql"))
    assert len(models) >= 5
    for model in models:
        template = jinja2.Template(model.read_text("utf-8"))
        for dialect in DIALECTS:
            functions: dict[str, Any] = {"ref": str, "target": {"type": dialect}}
            sql = template.render(functions)
            found = sqlglot.parse_one(sql, read=dialect)
            assert len(list(found.find_all(sqlglot.exp.Select))) > 1, (model.name, dialect)
