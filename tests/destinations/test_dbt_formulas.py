"""Formulas and roll-ups of the dbt package are equal to Zoho's values, in databases."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.demo import config_for
from support.process import TAP
from support.sample import awkward_sample

from destinations.conftest import MakeStore
from destinations.plugins import run
from destinations.scenario import Known, TapRun, read, root_of
from destinations.test_dbt_package import DBT, Dbt
from zohocrm_demo import DemoOrganisation

MODULES = {
    "Accounts": 40,
    "Deals": 200,
    "Quotes": 60,
    "Quoted_Items": 60,
    "Service_Contracts": 40,
    "Water_Samples": 30,
    "Sample_Readings": 60,
}
METADATA = ("modules", "fields", "layouts", "org", "relationships", "picklist_values", "profiles")

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


def _runs(folder: Path) -> tuple[TapRun, TapRun]:
    organisation = awkward_sample()
    for module, count in MODULES.items():
        organisation.records.resize(module, count)
    with DemoOrganisation(organisation) as demo:
        settings = {"record_modules": list(MODULES), "cutoff_lag": 0}
        config = folder / "tap.json"
        config.write_text(json.dumps(config_for(demo, **settings)), "utf-8")
        catalog = json.loads(run([TAP, "--config", config, "--discover"]).stdout)
        for stream in catalog["streams"]:
            root_of(stream)["selected"] = stream["stream"] in {*MODULES, *METADATA}
        known = Known([], {}, [], [], [], {})
        first = TapRun(known, read(folder / "1", catalog=catalog, state={}))
        deals = [each["id"] for each in organisation.records.read("Deals", "Amount")]
        organisation.records.update("Deals", deals[3], {"Amount": 12345.5, "Probability": 30})
        organisation.records.update("Deals", deals[4], {"Stage": "Closed Lost"})
        organisation.records.insert("Deals", {"Deal_Name": "New", "Closing_Date": "2026-02-28"})
        organisation.records.delete("Deals", deals[5])
        time.sleep(1.1)
        state = first.messages.last_state
        return first, TapRun(known, read(folder / "2", catalog=catalog, state=state))


@pytest.mark.parametrize("loader", ["target-duckdb-file", "target-postgres"])
def test_they_are_equal_after_two_runs_and_a_wrong_operator_is_found(
    loader: str, make_store: MakeStore, environment: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tmp_path / f"formulas_{loader.replace('-', '_')}"
    folder.mkdir()
    program = environment(*DBT) / "dbt"
    dbt = Dbt(program, folder, make_store(loader, folder))
    for number, said in enumerate(_runs(tmp_path)):
        # Zoho's own roll-ups are loaded with their records, and stale after increments.
        statuses = dbt.build(said, zohocrm_test_roll_ups=number == 0)
        assert set(statuses.values()) <= {"success", "pass"}, statuses
        tests = [name for name in statuses if "_is_zohos" in name]
        assert len(tests) == 10 - 3 * number, tests
    (row,) = dbt.rows(
        "SELECT expected_revenue, is_late FROM {schema}.formulas_zohocrm__deals"
        " WHERE expected_revenue = 3703.65"
    )
    assert row["is_late"] in {True, False}
    model = folder / "atlas/dbt/models/formulas/formulas_zohocrm__deals.sql"
    sql = model.read_text("utf-8")
    model.write_text(sql.replace(", 0e0) * coalesce(", ", 0e0) + coalesce("), "utf-8")
    assert model.read_text("utf-8") != sql
    done = subprocess.run(
        dbt.command("build", "--select", "formulas_zohocrm__deals"),
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 1
    assert "formulas_zohocrm__deals__expected_revenue_is_zohos" in done.stdout
