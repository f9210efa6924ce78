"""Batch files are read by singer-sdk's own decoders, of which Arrow's damages negative numbers."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from pipelines.conftest import ROOT, run, uv
from support import batches
from support.demo import config_for
from support.records import records_catalog
from support.run import run_tap
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

PROBE = Path(__file__).with_name("sdk_decoder_probe.py")
PAGE = (ROOT / "docs" / "arrow.md").read_text("utf-8")
LEADS = 60


@pytest.mark.heavy
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["arrow", "parquet"])
def test_every_value_comes_back_but_for_negative_numbers_by_arrow(
    tmp_path: Path, kind: str
) -> None:
    files = {"encoding": {"format": kind}, "storage": {"root": tmp_path.as_uri()}}
    with DemoOrganisation(awkward_sample) as demo:
        store = demo.organisation.records
        store.resize("Leads", LEADS)
        lead = next(iter(store.read("Leads", "id")))["id"]
        store.update("Leads", lead, {"Annual_Revenue": Decimal("-12.5")})
        config = config_for(demo, batch_config=files, emit_tombstones=False)
        tap = run_tap(config=config, catalog=records_catalog("Leads"))
    [file] = [one for message in tap.of_type("BATCH") for one in batches.files(message)]
    done = run([uv(), "run", "-q", "--script", str(PROBE), kind, str(file)], folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["rows"] == LEADS
    # 2^128 is missing: once nanoarrow has it, the page can take the line out.
    assert [*found["wrong"]] == (["Annual_Revenue"] if kind == "arrow" else [])
    assert all(Decimal(one) > 10**18 for one in found["wrong"].get("Annual_Revenue", ()))
    assert "its own decoder of Arrow makes other numbers of negative ones" in PAGE
