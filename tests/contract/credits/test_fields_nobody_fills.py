"""400,000 records with fields that cheap paths refuse and nobody fills cost what they cost without.

Newer organisations list such fields for each address. Those that the tap knows by their names have
no column; others have one, and are found to be empty before anything is completed.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import pytest
from support.altered import altered, refusal, rows_of, with_rows
from support.demo import config_for
from support.records import read_records
from support.run import Run, run_tap
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation, Organisation
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1_800)]

MODULE, UNKNOWN = "Vendors", "Description"
RECORDS = 400_000
CHOSEN = {"id", "Vendor_Name", "Mailing_City", "Modified_Time", UNKNOWN}
# One bulk job and what comes before it, not two.
ONE_JOB = 85
MOST = 1.1

_COMPOSED = re.compile(r"Address|Coordinates|nearby_distance__s")


@functools.cache
def organisation() -> Organisation:
    made = awkward_sample()
    made.records.resize(MODULE, RECORDS)
    return made


def nobody_fills(request: Request, answer: Answer) -> Answer:
    """A field that nobody can write, as real Zoho has them: refused by all paths but lists."""
    if request.path.endswith("/settings/fields") and answer.status == 200:
        rows = rows_of(answer, "fields")
        for row in rows:
            if row["api_name"] == UNKNOWN:
                row.update(read_only=True, field_read_only=True)
        return with_rows(answer, rows, "fields")
    if request.path.endswith("/coql"):
        is_asked = UNKNOWN in json.loads(request.body)["select_query"]
        return refusal("INVALID_QUERY", column_name=UNKNOWN) if is_asked else answer
    if request.method == "POST" and request.path.endswith("/read"):
        is_asked = UNKNOWN in json.loads(request.body)["query"].get("fields", ())
        return refusal("FIELD_NOT_SUPPORTED", api_name=UNKNOWN) if is_asked else answer
    is_listed = request.path.endswith(f"/{MODULE}")
    if is_listed and UNKNOWN in parse_qs(request.query).get("fields", [""])[0] and rows_of(answer):
        return with_rows(answer, [{**row, UNKNOWN: ""} for row in rows_of(answer)])
    return answer


def catalog_of(demo: DemoOrganisation, *, without: frozenset[str]) -> dict[str, Any]:
    run = run_tap("--discover", config=config_for(demo, record_modules=[MODULE]))
    assert run.code == 0, run.stderr
    [entry] = [one for one in json.loads(run.stdout)["streams"] if one["tap_stream_id"] == MODULE]
    for item in entry["metadata"]:
        name = item["breadcrumb"][-1] if item["breadcrumb"] else None
        is_chosen = name is None or name in CHOSEN - without or _COMPOSED.search(name)
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
        return credits_of(demo, catalog_of(demo, without=frozenset({UNKNOWN})))


def test_fields_that_the_tap_knows(plain: Mapping[str, int]) -> None:
    with DemoOrganisation(organisation(), profile="wild") as demo:
        catalog = catalog_of(demo, without=frozenset({UNKNOWN}))
        # Zoho lists them, and they have no columns.
        assert not any(map(_COMPOSED.search, catalog["streams"][0]["schema"]["properties"]))
        found = credits_of(demo, catalog)
    assert all(found[run] <= MOST * plain[run] for run in plain), (found, plain)


def test_a_field_that_it_does_not_know(plain: Mapping[str, int]) -> None:
    with altered(organisation(), nobody_fills) as demo:
        catalog = catalog_of(demo, without=frozenset())
        found = credits_of(demo, catalog)
        assert all(found[run] <= MOST * plain[run] for run in plain), (found, plain)
        # A later run that reads it all again knows what is refused.
        again = read_records(demo, catalog=catalog)
        refused = {**again.state["bookmarks"][MODULE], "position": None}["refused"]
        assert refused == {"coql": [UNKNOWN]}
        (warning,) = [line for line in again.logged("WARNING") if UNKNOWN in line]
        assert "queries refuse it" in warning
