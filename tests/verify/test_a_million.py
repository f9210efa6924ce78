"""A million records are verified for what the contract says, in bounded memory."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.demo import config_for
from support.memory import measured
from support.process import TAP, tap_command
from support.records import records_catalog
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

MODULE = "Calibrations"
MOST_CREDITS, MOST_KILOBYTES, MOST_TIME = 285, 300_000, 1.2


def key_columns() -> dict[str, Any]:
    catalog = records_catalog(MODULE)
    [entry] = catalog["streams"]
    for item in entry["metadata"]:
        if item["breadcrumb"] and item["breadcrumb"][-1] not in {"id", "Modified_Time"}:
            item["metadata"]["selected"] = False
    return catalog


def credits_of(log: str) -> int:
    [found] = re.findall(r"API calls: \d+, credits: (\d+), ", log)
    return int(found)


def test_a_million_records(tmp_path: Path) -> None:
    with DemoOrganisation(awkward_sample) as demo:
        files = {"root": f"file://{tmp_path / 'files'}"}
        config = config_for(demo, batch_config={"encoding": {"format": "arrow"}, "storage": files})
        words = tap_command(tmp_path, config=config, catalog=key_columns())
        load = measured(words, timeout=600)
        assert load.code == 0, load.log
        warehouse = tmp_path / "warehouse.duckdb"
        with duckdb.connect(str(warehouse)) as database:
            import pyarrow as pa  # noqa: PLC0415
            import pyarrow.ipc  # noqa: PLC0415

            for number, file in enumerate(sorted((tmp_path / "files").glob("*.arrow"))):
                part = pa.ipc.open_file(file).read_all()
                database.register("part", part)
                start = f"CREATE TABLE {MODULE} AS" if number == 0 else f"INSERT INTO {MODULE}"
                database.execute(f"{start} SELECT id, Modified_Time FROM part")
        words = tap_command(tmp_path, config=config_for(demo), catalog=key_columns())
        options = ["--verify", str(warehouse), "--verify-format=json"]
        assert words[0] == str(TAP)
        done = measured([*words, *options], timeout=600)
    assert done.code == 0, done.log
    assert f"{MODULE}: 1,000,000 in Zoho, 1,000,000 rows in {MODULE}: equal" in done.log
    # Processor time, of which other processes take no part.
    ratio = done.spent / load.spent
    told = f"{credits_of(done.log)} credits, {done.peak} kB, {ratio:.2f} of a first load of ids"
    print(told)  # noqa: T201 - for people who run it with -s
    assert credits_of(done.log) <= MOST_CREDITS
    assert done.peak <= MOST_KILOBYTES
    assert ratio <= MOST_TIME, told
