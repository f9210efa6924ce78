"""What was chosen by name is read, or a line says that it is not."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from support.demo import config_for
from support.records import read_records, records_catalog
from support.run import Run, run_tap
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation, Fault

FIELDS = "/crm/v8/settings/fields"
REFUSAL = Fault.error(403, "NO_PERMISSION", "permission denied")


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample) as organisation:
        yield organisation


def discover(demo: DemoOrganisation, *modules: str) -> Run:
    return run_tap("--discover", config=config_for(demo, record_modules=list(modules)))


def test_a_module_written_out_that_cannot_be_described_is_an_error_of_discovery(
    demo: DemoOrganisation,
) -> None:
    demo.inject(FIELDS, REFUSAL, times=None)
    run = discover(demo, "Leads")
    assert "NO_PERMISSION" in run.error
    assert "record_modules names Leads" in run.error
    assert run.stdout == b""


def test_a_module_that_a_pattern_takes_in_is_a_warning_if_it_cannot_be_described(
    demo: DemoOrganisation,
) -> None:
    demo.inject(FIELDS, REFUSAL, times=None)
    run = discover(demo, "Lea*")
    assert run.code == 0
    assert any("Leads" in line for line in run.logged("WARNING"))


def test_a_module_written_out_without_records_is_an_error_of_discovery(
    demo: DemoOrganisation,
) -> None:
    assert "'Home'" in discover(demo, "Leads", "Home").error


def test_a_run_says_which_module_and_which_bookmark_its_catalog_lacks(
    demo: DemoOrganisation,
) -> None:
    first = read_records(demo, "Leads", "Tasks")
    run = run_tap(
        config=config_for(demo, record_modules=["Leads", "Deals"]),
        catalog=records_catalog("Leads"),
        state=first.state,
    )
    assert run.code == 0, run.stderr
    warnings = run.logged("WARNING")
    assert [line for line in warnings if line.startswith("Deals: not read: record_modules names")]
    (line,) = [one for one in warnings if one.startswith("STATE has bookmarks of streams")]
    assert "not read: Tasks." in line
    assert not any(line.startswith("Leads") for line in warnings)
    assert run.state["bookmarks"]["Tasks"] == first.state["bookmarks"]["Tasks"]


def test_a_deselected_module_is_not_missing(demo: DemoOrganisation) -> None:
    catalog = records_catalog("Leads", "Deals")
    for item in catalog["streams"][1]["metadata"]:
        if not item["breadcrumb"]:
            item["metadata"]["selected"] = False
    run = run_tap(config=config_for(demo, record_modules=["Leads", "Deals"]), catalog=catalog)
    assert not any("Deals" in line for line in run.logged("WARNING"))


def test_an_empty_selection_is_an_error(demo: DemoOrganisation) -> None:
    catalog = copy.deepcopy(records_catalog("Leads"))
    for item in catalog["streams"][0]["metadata"]:
        if not item["breadcrumb"]:
            item["metadata"]["selected"] = False
    nothing: list[dict[str, Any]] = [catalog, {"streams": []}]
    for one in nothing:
        run = run_tap(config=config_for(demo), catalog=one)
        assert run.error.startswith("Nothing is selected in the catalog")
        assert run.stdout == b""


def test_a_dead_token_is_not_cured_by_record_modules(demo: DemoOrganisation) -> None:
    demo.revoke_refresh_token()
    error = discover(demo, "Lea*").error
    assert "revoked" in error
    assert "record_modules" not in error


def test_the_sample_organisation_is_named_in_the_first_and_the_last_lines() -> None:
    config = {"environment": "demo", "record_modules": []}
    run = run_tap(config={**config, "client_id": "mine"}, catalog=records_catalog("Tasks"))
    named = [
        place
        for place, line in enumerate(run.log)
        if "the sample organisation, not Zoho" in line.text
    ]
    assert named[0] <= 1
    assert named[-1] >= len(run.log) - 2


@pytest.mark.parametrize(
    ("maps", "words"),
    [
        ({"Leads": {"Last_Name": "no_such_name"}}, "no_such_name"),
        ({"Leads": {"Last_Name": "record['Last_Name'] + 1"}}, "TypeError"),
        ({"Leads": {"__filter__": "1 +"}}, "1 +"),
    ],
)
def test_a_wrong_map_is_named_by_its_setting_and_stream(
    demo: DemoOrganisation, maps: dict[str, object], words: str
) -> None:
    run = run_tap(config=config_for(demo, stream_maps=maps), catalog=records_catalog("Leads"))
    error = run.error
    assert "stream_maps, at the stream Leads" in error
    assert words in error
    assert "defect of the tap" not in error


@pytest.mark.parametrize("path", ["rest", "coql", "bulk"])
def test_stream_maps_get_the_chosen_columns_by_each_path(demo: DemoOrganisation, path: str) -> None:
    catalog = records_catalog("Vendors", without={"additional_properties"})
    maps = {"Vendors": {"twice": "1"}}
    run = read_records(demo, "Vendors", catalog=catalog, read_path=path, stream_maps=maps)
    assert run.code == 0
    columns = run.of_type("SCHEMA")[0]["schema"]["properties"].keys()
    assert run.rows_of("Vendors")
    assert all(row.keys() == columns for row in run.rows_of("Vendors"))
