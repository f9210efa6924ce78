"""Private fields that were hashed, or left out, are verified in a database as they were emitted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.demo import config_for
from support.run import run_tap
from support.sample import awkward_sample

from verify.loaders import DuckDBLoader, Loader, SqliteLoader
from zohocrm_demo import DemoOrganisation

HASH = {"private_fields": "hash", "private_field_key": "long and random"}
OMIT = {"private_fields": "omit"}
STREAM = "Leads"
# A text, a number and a whole number, each of which is a text of 64 signs once it is hashed.
MARKED = ("Email", "Annual_Revenue", "No_of_Employees")


def discovered(config: dict[str, Any]) -> dict[str, Any]:
    catalog: dict[str, Any] = json.loads(run_tap("--discover", config=config).stdout)
    [stream] = [one for one in catalog["streams"] if one["tap_stream_id"] == STREAM]
    for item in stream["metadata"]:
        item["metadata"]["selected"] = True
    return {"streams": [stream]}


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize("make", [SqliteLoader, DuckDBLoader])
@pytest.mark.parametrize("way", [HASH, OMIT], ids=["hash", "omit"])
def test_a_database_with_private_fields(
    tmp_path: Path, make: Callable[[Path], Loader], way: dict[str, Any]
) -> None:
    with DemoOrganisation(awkward_sample) as demo:
        for field in demo.organisation.fields[STREAM]:
            if field["api_name"] in MARKED:
                field["private"] = {"type": "High", "restricted": True, "export": False}
        config = config_for(demo, record_modules=[STREAM], **way)
        catalog = discovered(config)
        load = run_tap(config=config, catalog=catalog)
        assert load.code == 0, load.stderr
        loader = make(tmp_path)
        loader.load(load.stdout)
        words = ("--verify", loader.url, "--verify-sample=100000", "--verify-format=json")
        equal = run_tap(*words, config=config, catalog=catalog)
        assert equal.code == 0, equal.stdout
        [told] = json.loads(equal.stdout)["streams"]
        assert told["compared"] == told["zoho"] > 0
        assert told["losses"].keys() <= {"numbers as doubles or with fewer digits"}
        if way is OMIT:
            return
        other = config | {"private_field_key": "another one"}
        differs = run_tap(*words, config=other, catalog=catalog)
    assert differs.code == 1
    [told] = json.loads(differs.stdout)["streams"]
    assert {fault["kind"] for fault in told["faults"]} == {"different"}
    assert {name for fault in told["faults"] for name in fault["fields"]} == {*MARKED}
