"""400,000 records with fields that cheap paths refuse and nobody fills cost what they cost without.

Newer organisations list such fields for each address; the tap knows them, and has no columns for
them.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from support.demo import config_for
from support.records import read_records
from support.run import Run, run_tap

from zohocrm_demo import DemoOrganisation, Organisation, sample_organisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1_800)]

MODULE = "Vendors"
RECORDS = 400_000
CHOSEN = {"id", "Vendor_Name", "Mailing_City", "Modified_Time"}
# One bulk job and what comes before it, not two.
ONE_JOB = 85
MOST = 1.1

_COMPOSED = re.compile(r"Address|Coordinates|nearby_distance__s")


@functools.cache
def organisation() -> Organisation:
    made = sample_organisation()
    made.records.resize(MODULE, RECORDS)
    return made


def catalog_of(demo: DemoOrganisation) -> dict[str, Any]:
    run = run_tap("--discover", config=config_for(demo, record_modules=[MODULE]))
    assert run.code == 0, run.stderr
    [entry] = [one for one in json.loads(run.stdout)["streams"] if one["tap_stream_id"] == MODULE]
    for item in entry["metadata"]:
        name = item["breadcrumb"][-1] if item["breadcrumb"] else None
        is_chosen = name is None or name in CHOSEN or _COMPOSED.search(name)
        item["metadata"]["selected"] = bool(is_chosen)
    return {"streams": [entry]}


def ids_of(*runs: Run) -> set[bytes]:
    return {one for run in runs for one in re.findall(rb'"record":\{"id":"(\d+)"', run.stdout)}


def credits_of(demo: DemoOrganisation, catalog: Mapping[str, Any]) -> dict[str, int]:
    """What the module costs in one run, and in one that is interrupted and one that goes on."""
    read = functools.partial(read_records, demo, catalog=dict(catalog))
    whole = read()
    assert whole.code == 0, whole.stderr
    assert len(ids_of(whole)) == RECORDS
    begun = read(credit_budget=ONE_JOB)
    assert "credit_budget" in begun.error
    resumed = read(state=begun.state)
    assert resumed.code == 0, resumed.stderr
    assert len(ids_of(begun)) < RECORDS
    assert begun.state["bookmarks"][MODULE]["position"]
    assert len(ids_of(begun, resumed)) == RECORDS
    found = {"whole": whole.credits, "resumed": begun.credits + resumed.credits}
    print(found)  # noqa: T201
    return found


@pytest.fixture(scope="module")
def plain() -> dict[str, int]:
    """What the module costs without such fields."""
    with DemoOrganisation(organisation()) as demo:
        return credits_of(demo, catalog_of(demo))


def test_fields_that_the_tap_knows(plain: Mapping[str, int]) -> None:
    with DemoOrganisation(organisation(), profile="wild") as demo:
        catalog = catalog_of(demo)
        # Zoho lists them, and they have no columns.
        assert not any(map(_COMPOSED.search, catalog["streams"][0]["schema"]["properties"]))
        found = credits_of(demo, catalog)
    assert all(found[run] <= MOST * plain[run] for run in plain), (found, plain)
