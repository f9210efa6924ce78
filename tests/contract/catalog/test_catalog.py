"""What a catalog chooses, and what happens when it is older than the organisation or the tap."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from support.demo import MODULES, TOKEN, calls_of, chosen, module_ids, read
from support.run import run_tap
from support.sample import awkward_sample

from tap_zohocrm_modules.definitions import load_schema
from zohocrm_demo import DemoOrganisation


@pytest.fixture(scope="module")
def discovered() -> dict[str, Any]:
    run = run_tap("--discover", config={"environment": "demo", "record_modules": []})
    assert run.code == 0, run.stderr
    catalog: dict[str, Any] = json.loads(run.stdout)
    return catalog


@pytest.fixture(scope="module")
def whole_demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample) as organisation:
        yield organisation


def modules_entry(catalog: dict[str, Any]) -> dict[str, Any]:
    (entry,) = [e for e in catalog["streams"] if e["tap_stream_id"] == "modules"]
    return copy.deepcopy(entry)


def with_selection(discovered: dict[str, Any], **columns: bool) -> dict[str, Any]:
    """A catalog of `modules` only, with these columns (not) chosen."""
    entry = modules_entry(discovered)
    for item in entry["metadata"]:
        if not item["breadcrumb"]:
            item["metadata"]["selected"] = True
        elif item["breadcrumb"][-1] in columns:
            item["metadata"]["selected"] = columns[item["breadcrumb"][-1]]
    return {"streams": [entry]}


def without_columns(*columns: str) -> dict[str, Any]:
    """A catalog from a time when the tap did not know these columns."""
    catalog = chosen("modules")
    for column in columns:
        del catalog["streams"][0]["schema"]["properties"][column]
    return catalog


def test_discovery_lists_modules_with_key_and_whole_schema(discovered: dict[str, Any]) -> None:
    entry = modules_entry(discovered)
    assert entry["key_properties"] == ["id"]
    assert entry["schema"]["properties"].keys() == load_schema("modules")["properties"].keys()
    (root,) = [m["metadata"] for m in entry["metadata"] if m["breadcrumb"] == []]
    assert root["table-key-properties"] == ["id"]
    assert root["selected"] is True


def test_discovery_is_the_same_every_time(discovered: dict[str, Any], demo: Any) -> None:
    run = read(demo, "--discover", catalog=None, record_modules=[])
    assert json.loads(run.stdout) == discovered


def test_what_discovery_found_can_be_read(discovered: dict[str, Any], demo: Any) -> None:
    run = read(demo, catalog=with_selection(discovered))
    assert [row["id"] for row in run.rows] == module_ids(demo)


def test_deselected_columns_are_absent_from_schema_and_records(
    discovered: dict[str, Any], demo: DemoOrganisation
) -> None:
    catalog = with_selection(discovered, profiles=False, description=False)
    run = read(demo, catalog=catalog)
    columns = run.of_type("SCHEMA")[0]["schema"]["properties"].keys()
    assert columns == load_schema("modules")["properties"].keys() - {"profiles", "description"}
    assert all(row.keys() == columns for row in run.rows)
    assert len(run.rows) == len(module_ids(demo))


def test_the_key_is_read_even_when_deselected(
    discovered: dict[str, Any], demo: DemoOrganisation
) -> None:
    run = read(demo, catalog=with_selection(discovered, id=False))
    assert [row["id"] for row in run.rows] == module_ids(demo)


def test_a_deselected_stream_is_not_called_for(demo: DemoOrganisation) -> None:
    catalog = chosen("modules", "org")
    catalog["streams"][0]["metadata"][0]["metadata"]["selected"] = False
    run = read(demo, catalog=catalog)
    assert run.code == 0
    assert run.rows_of("modules") == []
    assert calls_of(demo, MODULES) == 0


def test_columns_newer_than_the_catalog_are_kept_aside(demo: DemoOrganisation) -> None:
    run = read(demo, catalog=without_columns("singular_label", "profiles", "web_link"))
    zoho = {module["id"]: module for module in demo.organisation.modules}
    validator = jsonschema.Draft7Validator(run.of_type("SCHEMA")[0]["schema"])
    schema = run.of_type("SCHEMA")[0]["schema"]
    assert schema["properties"].keys().isdisjoint({"singular_label", "profiles", "web_link"})
    assert len(run.rows) == len(zoho)
    for row in run.rows:
        validator.validate(row)
        assert row.keys() <= schema["properties"].keys()
        aside = row["additional_properties"]
        assert aside["singular_label"] == zoho[row["id"]]["singular_label"]
        assert aside["profiles"] == zoho[row["id"]]["profiles"]
        assert aside.get("web_link") == zoho[row["id"]]["web_link"]


def test_newer_columns_and_unknown_keys_are_kept_together(demo: DemoOrganisation) -> None:
    demo.organisation.modules[0]["brand_new"] = [1, "two"]
    row = read(demo, catalog=without_columns("singular_label")).rows[0]
    assert row["additional_properties"] == {"singular_label": "Home", "brand_new": [1, "two"]}


def test_newer_columns_without_a_value_make_nothing_of_nothing(demo: DemoOrganisation) -> None:
    run = read(demo, catalog=without_columns("description", "custom_view"))
    described = [m["id"] for m in demo.organisation.modules if m["description"]]
    filled = [row["id"] for row in run.rows if row["additional_properties"]]
    assert sorted(filled) == sorted(described)


def test_a_chosen_stream_that_is_not_there_is_named_and_the_rest_is_read(
    demo: DemoOrganisation,
) -> None:
    run = read(demo, catalog=chosen("modules", "Discontinued"))
    assert run.error.startswith("Discontinued: ")
    assert "discovery" in run.error
    assert [row["id"] for row in run.rows] == module_ids(demo)
    assert run.types[-1] == "STATE"


def test_a_stream_that_is_not_there_and_not_chosen_does_no_harm(demo: DemoOrganisation) -> None:
    catalog = chosen("modules", "Discontinued")
    catalog["streams"][1]["metadata"][0]["metadata"]["selected"] = False
    assert read(demo, catalog=catalog).code == 0


def test_discovery_with_a_wrong_setting_fails_with_its_line() -> None:
    run = run_tap("--discover", config={"environment": "demo", "read_path": "moon"})
    assert run.error.startswith("read_path is 'moon'")
    assert run.stdout == b""


def test_discovery_needs_no_more_than_one_token(demo: DemoOrganisation) -> None:
    assert read(demo, "--discover", catalog=None, record_modules=[]).code == 0
    assert calls_of(demo, TOKEN) <= 1


@pytest.mark.parametrize(
    ("metadata", "is_chosen"),
    [
        ([], True),
        ([{"breadcrumb": ["properties", "id"], "metadata": {"selected": True}}], True),
        ([{"breadcrumb": [], "metadata": {"selected-by-default": True}}], True),
        ([{"breadcrumb": [], "metadata": {"inclusion": "automatic", "selected": False}}], True),
        ([{"breadcrumb": [], "metadata": {"inclusion": "available"}}], False),
        ([{"breadcrumb": [], "metadata": {"selected-by-default": False}}], False),
        ([{"breadcrumb": [], "metadata": {"selected": False}}], False),
    ],
)
def test_streams_are_chosen_as_the_sdk_understands_catalogs(
    whole_demo: DemoOrganisation, metadata: list[dict[str, Any]], is_chosen: bool
) -> None:
    catalog = chosen("modules", "Tasks")
    catalog["streams"][1]["schema"] = {"properties": {"id": {"type": "string"}}}
    for entry in catalog["streams"]:
        entry["metadata"] = metadata
    run = read(whole_demo, catalog=catalog)
    # To choose nothing is an error.
    assert run.code == (0 if is_chosen else 1)
    found = {message["stream"] for message in run.of_type("RECORD")}
    assert found == ({"modules", "Tasks"} if is_chosen else set())


def test_streams_that_are_not_chosen_are_not_spoken_of(demo: DemoOrganisation) -> None:
    assert "Skipping deselected" not in read(demo).stderr
