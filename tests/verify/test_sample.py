"""The sample of a wide module costs a credit per hundred records, or what lists of them cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.demo import config_for
from support.records import records_catalog
from support.run import run_tap
from support.sample import awkward_sample

from verify.loaders import DuckDBLoader
from zohocrm_demo import DemoOrganisation

WIDE = "Water_Samples"  # 130 fields: three lists of 50, or one query
RECORDS, OTHER_AT = 250, 7

SCOPES = ("ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL")


def _verified(demo: DemoOrganisation, loader: DuckDBLoader, sample: int) -> dict[str, Any]:
    options = ["--verify", loader.url, f"--verify-sample={sample}", "--verify-format=json"]
    run = run_tap(*options, config=config_for(demo), catalog=records_catalog(WIDE))
    [stream] = json.loads(run.stdout)["streams"]
    assert stream["problem"] is None
    found: dict[str, Any] = stream
    return found


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("scopes", "credits_per_hundred"),
    [((*SCOPES, "ZohoCRM.coql.READ"), 1), (SCOPES, 3)],
    ids=["by queries", "queries refused"],
)
def test_a_sample_of_a_wide_module(
    tmp_path: Path, scopes: tuple[str, ...], credits_per_hundred: int
) -> None:
    with DemoOrganisation(awkward_sample, scopes=scopes) as demo:
        demo.organisation.records.resize(WIDE, RECORDS)
        catalog = records_catalog(WIDE)
        load = run_tap(config=config_for(demo), catalog=catalog)
        loader = DuckDBLoader(tmp_path)
        loader.load(load.stdout)
        none, every = (_verified(demo, loader, sample) for sample in (0, RECORDS))
        assert (none["faults"], every["faults"]) == ([], [])
        assert (none["compared"], every["compared"]) == (0, RECORDS)
        assert every["credits"] - none["credits"] == 3 * credits_per_hundred

        # Of the first and of the last fields, which no one list has.
        odd = load.rows_of(WIDE)[OTHER_AT]
        loader.set(WIDE, odd["id"], Name="another", Sulphate=-1)
        [fault] = _verified(demo, loader, RECORDS)["faults"]
    assert (fault["id"], fault["kind"]) == (odd["id"], "different")
    assert {*fault["fields"]} == {"Name", "Sulphate"}
