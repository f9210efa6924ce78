"""The recipes of docs/how-to/python.md and the dlt source: run as they stand, and compared."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from destinations.postgres_server import USER, PostgresServer, running_server
from support.demo import config_for, sample_demo
from support.records import truth

from pipelines.conftest import ROOT, run, uv
from zohocrm_demo import DemoOrganisation

pytestmark = pytest.mark.heavy

PAGE = ROOT / "docs" / "how-to" / "python.md"
NOTEBOOK = ROOT / "examples" / "notebook" / "deals.ipynb"
PACKAGES = {
    "Polars": ["polars"],
    "DuckDB": ["duckdb"],
    "pandas": ["pandas"],
    "PostgreSQL, by ADBC": ["adbc-driver-postgresql"],
    "dlt": ["dlt[duckdb]"],
}
LEADS, DEALS = 130, 70


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoOrganisation]:
    with sample_demo() as organisation:
        organisation.organisation.records.resize("Leads", LEADS)
        organisation.organisation.records.resize("Deals", DEALS)
        yield organisation


def recipes() -> dict[str, str]:
    parts = re.split(r"^### (.+)$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    found = {}
    for title, text in zip(parts[1::2], parts[2::2], strict=True):
        [code] = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
        found[title] = code
    return found


def python(
    demo: DemoOrganisation, code: str, folder: Path, packages: list[str], **more: str
) -> str:
    """Run a program in an environment of its own, which has no Singer loader; return its output."""
    file = folder / "program.py"
    file.write_text(code, encoding="utf-8")
    settings = config_for(demo, cutoff_lag="0")
    variables = {f"TAP_ZOHOCRM_MODULES_{key.upper()}": text for key, text in settings.items()}
    wanted = [word for package in packages for word in ("--with", package)]
    editable = ["--with-editable", f"{ROOT}[arrow]"]
    command = [uv(), "run", "-q", "--no-project", *editable, *wanted, "python", str(file)]
    variables |= {**more, "DLT_DATA_DIR": str(folder)}
    done = run(command, folder=folder, variables=variables, timeout=900)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_recipe_is_run_here() -> None:
    assert recipes().keys() == PACKAGES.keys()


@pytest.mark.parametrize("title", ["Polars", "DuckDB", "pandas"])
def test_a_recipe_counts_what_there_is(demo: DemoOrganisation, tmp_path: Path, title: str) -> None:
    shown = python(demo, recipes()[title], tmp_path, PACKAGES[title])
    if title == "DuckDB":
        assert shown.split() == [str(LEADS)]
        return
    column = "Stage" if title == "Polars" else "Lead_Source"
    module = "Deals" if title == "Polars" else "Leads"
    values = {one[column] for one in truth(demo, module, [column]).values()} - {None}
    assert values
    assert sum(value in shown for value in values) == len(values)


def test_the_notebook_shows_the_sample_by_stage(tmp_path: Path) -> None:
    packages = ["ipykernel", "matplotlib", "nbconvert", "pandas"]
    wanted = [word for package in packages for word in ("--with", package)]
    command = [uv(), "run", "-q", "--no-project", "--with-editable", f"{ROOT}[arrow]", *wanted]
    command += ["python", "-m", "nbconvert", "--execute", "--to=notebook"]
    command += [f"--output={tmp_path / 'run.ipynb'}", str(NOTEBOOK)]
    done = run(command, folder=tmp_path, timeout=900)
    assert done.returncode == 0, done.stderr
    cells = json.loads((tmp_path / "run.ipynb").read_text("utf-8"))["cells"]
    shown = {cell["id"]: one["data"] for cell in cells for one in cell.get("outputs", ())}
    assert "image/png" in shown["picture"]

    with DemoOrganisation() as sample:
        deals = truth(sample, "Deals", ["Stage", "Amount"]).values()
    found = [line.split() for line in "".join(shown["stages"]["text/plain"]).splitlines()[2:]]
    assert {" ".join(words[:-2]): words[-2:] for words in found} == {
        stage: [str(len(amounts)), f"{sum(filter(None, amounts)):.2f}"]
        for stage in {deal["Stage"] for deal in deals} - {None}
        if (amounts := [deal["Amount"] for deal in deals if deal["Stage"] == stage])
    }


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with running_server() as found:
        yield found


def test_adbc_loads_postgresql(
    demo: DemoOrganisation, tmp_path: Path, server: PostgresServer
) -> None:
    url = f"postgresql://{USER}@127.0.0.1:{server.port}/postgres"
    code, packages = recipes()["PostgreSQL, by ADBC"], PACKAGES["PostgreSQL, by ADBC"]
    python(demo, code, tmp_path, packages, DATABASE_URL=url)
    rows = server.rows("postgres", "select * from deals")
    wanted = truth(demo, "Deals", ["id", "Deal_Name", "Stage", "Amount"])
    assert {row["id"]: row["Deal_Name"] for row in rows} == {
        key: one["Deal_Name"] for key, one in wanted.items()
    }
    assert {row["id"]: row["Amount"] and Decimal(row["Amount"]) for row in rows} == {
        key: one["Amount"] for key, one in wanted.items()
    }


def test_dlt_follows_changes_and_deletions(demo: DemoOrganisation, tmp_path: Path) -> None:
    store = demo.organisation.records
    code = recipes()["dlt"]
    for change in (False, True):
        if change:
            first, second, *_ = sorted(truth(demo, "Leads", ["id"]))
            store.delete("Leads", first)
            store.update("Leads", second, {"Company": "Changed"})
            time.sleep(2)
        python(demo, code, tmp_path, PACKAGES["dlt"])
        with duckdb.connect(str(tmp_path / "zoho.duckdb"), read_only=True) as loaded:
            rows = loaded.sql("select id, last_name, company from crm.leads").fetchall()
        wanted = truth(demo, "Leads", ["id", "Last_Name", "Company"])
        assert sorted(rows) == sorted((k, w["Last_Name"], w["Company"]) for k, w in wanted.items())


SOURCE = """
import dlt
from zoho_crm_source import zoho_crm

pipeline = dlt.pipeline("zoho_crm", destination="duckdb", dataset_name="crm")
pipeline.run(zoho_crm(["Leads", "Deals"]), loader_file_format="parquet")
"""


def test_the_dlt_source_equals_the_organisation(demo: DemoOrganisation, tmp_path: Path) -> None:
    store = demo.organisation.records
    path = str(ROOT / "examples" / "dlt")
    for life in range(3):
        if life:
            for module in ("Leads", "Deals"):
                ids = sorted(truth(demo, module, ["id"]))
                store.delete(module, ids[life])
                name = "Company" if module == "Leads" else "Deal_Name"
                for one in ids[10 * life : 10 * life + 5]:
                    store.update(module, one, {name: f"Changed {life}"})
            time.sleep(2)
        python(demo, SOURCE, tmp_path, PACKAGES["dlt"], PYTHONPATH=path)
        with duckdb.connect(str(tmp_path / "zoho_crm.duckdb"), read_only=True) as loaded:
            for module in ("Leads", "Deals"):
                compare(demo, loaded, module)


def compare(demo: DemoOrganisation, loaded: duckdb.DuckDBPyConnection, module: str) -> None:
    """Compare a table with a module, row by row and value by value."""
    fields = demo.organisation.records.fields(module)
    wanted = truth(demo, module, fields)
    # As Arrow: DuckDB would need a further package for times with zones.
    found = loaded.table(f"crm.{module.lower()}").to_arrow_table()
    names, rows = found.column_names, {row["id"]: row for row in found.to_pylist()}
    assert rows.keys() == wanted.keys()
    compared = {name: name.lower() for name in fields if name.lower() in names}
    assert len(compared) > 25
    for record_id, record in wanted.items():
        for name, column in compared.items():
            assert _plain(rows[record_id][column]) == _plain(record[name]), (module, name)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return Decimal(str(value)).normalize()
    if isinstance(value, str) and value.startswith('["'):
        return json.loads(value)
    return value
