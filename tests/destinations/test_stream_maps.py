"""The SDK's stream maps and flattening, on what the tap is named after and on a module's records.

https://sdk.meltano.com/en/latest/stream_maps.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pipelines.conftest import ROOT
from support.demo import config_for
from support.run import Run, run_tap
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

MODULE = "Nohin"

MAPS: dict[str, Any] = {
    "modules": {
        "__alias__": "zoho_modules",
        "is_custom": "bool(generated_type == 'custom')",
        "label": "plural_label.upper()",
        "web_link": None,
    },
    MODULE: {"__filter__": "Owner is not None", "owner_id": "Owner", "Name": None},
}


def read(demo: DemoOrganisation, module: str = MODULE, **settings: Any) -> Run:
    config = config_for(demo, record_modules=[module], **settings)
    found = run_tap("--discover", config=config)
    assert found.code == 0, found.stderr
    catalog = json.loads(found.stdout)
    catalog["streams"] = [s for s in catalog["streams"] if s["stream"] in {"modules", module}]
    for stream in catalog["streams"]:
        (root,) = (item for item in stream["metadata"] if not item["breadcrumb"])
        root["metadata"]["selected"] = True
    run = run_tap(config=config, catalog=catalog)
    assert run.code == 0, run.stderr
    return run


def rows(run: Run, stream: str) -> list[dict[str, Any]]:
    (schema,) = {json.dumps(m["schema"]) for m in run.of_type("SCHEMA") if m["stream"] == stream}
    validator = jsonschema.Draft7Validator(json.loads(schema))
    found = run.rows_of(stream)
    for row in found:
        validator.validate(row)
    return found


@pytest.fixture(scope="module")
def plain() -> Run:
    with DemoOrganisation(awkward_sample) as demo:
        return read(demo)


@pytest.fixture(scope="module")
def mapped() -> Run:
    with DemoOrganisation(awkward_sample) as demo:
        return read(demo, stream_maps=MAPS)


@pytest.fixture(scope="module")
def flat() -> Run:
    with DemoOrganisation(awkward_sample) as demo:
        return read(demo, flattening_enabled=True, flattening_max_depth=1)


def test_a_map_renames_adds_and_removes(plain: Run, mapped: Run) -> None:
    before = {row["id"]: row for row in rows(plain, "modules")}
    after = rows(mapped, "zoho_modules")
    assert len(after) == len(before) > 70
    assert not [m for m in mapped.of_type("RECORD") if m["stream"] == "modules"]
    for row in after:
        own = before[row["id"]]
        assert row["is_custom"] == (own["generated_type"] == "custom")
        assert row["label"] == own["plural_label"].upper()
        assert "web_link" not in row
        untouched = own.keys() - {"web_link"}
        assert {name: row[name] for name in untouched} == {name: own[name] for name in untouched}


def test_a_map_of_records_filters_adds_and_removes(plain: Run, mapped: Run) -> None:
    before = {row["id"]: row for row in rows(plain, MODULE)}
    after = rows(mapped, MODULE)
    assert {row["id"] for row in after} == {i for i, row in before.items() if row["Owner"]}
    assert after
    for row in after:
        assert row["owner_id"] == before[row["id"]]["Owner"]
        assert "Name" not in row


def test_maps_leave_keys_and_bookmarks_alone(plain: Run, mapped: Run) -> None:
    keys = {m["stream"]: m["key_properties"] for m in mapped.of_type("SCHEMA")}
    assert keys == {"zoho_modules": ["id"], MODULE: ["id"]}
    before, after = (run.of_type("STATE")[-1]["value"]["bookmarks"] for run in (plain, mapped))
    assert before.keys() == after.keys() == {"modules", MODULE}
    assert after[MODULE]["replication_key"] == "Modified_Time"


def test_flattening_gives_nested_values_columns_of_their_own(plain: Run, flat: Run) -> None:
    before = {row["id"]: row for row in rows(plain, "modules")}
    after = {row["id"]: row for row in rows(flat, "modules")}
    assert after.keys() == before.keys()
    leads = next(row for row in after.values() if row["api_name"] == "Leads")
    assert leads["modified_by__name"] == "Ingrid Solheim"
    assert "modified_by" not in leads
    assert json.loads(leads["profiles"]) == before[leads["id"]]["profiles"]
    assert rows(flat, MODULE) == [
        {name: as_text(value) for name, value in row.items()} for row in rows(plain, MODULE)
    ]


@pytest.mark.thorough
def test_the_map_of_the_docs_gives_a_column_another_name() -> None:
    page = (ROOT / "docs" / "destinations.md").read_text("utf-8")
    _, _, rest = page.partition("```json\n")
    with DemoOrganisation(awkward_sample) as demo:
        run = read(demo, "Events", stream_maps=json.loads(rest.partition("```")[0]))
    found = rows(run, "Events")
    assert found
    assert all("Remind Participants" not in row for row in found)
    assert {"Remind_Participants"} <= found[0].keys()


def as_text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (list, dict)) else value


def test_a_batch_format_that_the_tap_does_not_write_is_an_error(tmp_path: Path) -> None:
    encoding = {"format": "jsonl", "compression": "gzip"}
    batch = {"encoding": encoding, "storage": {"root": tmp_path.as_uri()}}
    with DemoOrganisation(awkward_sample) as demo:
        run = run_tap(config=config_for(demo, batch_config=batch))
    assert "encoding.format of arrow or parquet" in run.error
    assert run.messages == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "definition",
    [
        {"__filter__": "Last_Name is not None"},
        {"__filter__": "Last_Name.upper() > 'A'"},
        {"id": "id", "Last_Name": "Last_Name", "__else__": None},
        {"__alias__": "crm_leads", "_sdc_deleted_at": None, "__filter__": "False"},
    ],
    ids=["filter", "comparison", "else", "alias"],
)
def test_tombstones_pass_whatever_a_map_leaves_out(definition: dict[str, Any]) -> None:
    with DemoOrganisation(awkward_sample) as demo:
        demo.organisation.records.resize("Leads", 50)
        config, catalog = selected(demo, "Leads")
        before = run_tap(config=config, catalog=catalog)
        leads = [lead["id"] for lead in demo.organisation.records.read("Leads", "id")][:3]
        for lead in leads:
            demo.organisation.records.delete("Leads", lead)
        demo.settable_clock.advance(60)
        state = before.of_type("STATE")[-1]["value"]
        config["stream_maps"] = {"Leads": definition}
        run = run_tap(config=config, catalog=catalog, state=state)
    assert run.code == 0, run.stderr
    gone = [
        row
        for row in rows(run, definition.get("__alias__", "Leads"))
        if row.get("_sdc_deleted_at") is not None
    ]

    assert {row["id"] for row in gone} == {*leads}
    assert all(row.keys() == {"id", "_sdc_deleted_at"} for row in gone)


def selected(demo: DemoOrganisation, module: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings and the catalog that read one module."""
    config = config_for(demo, record_modules=[module], cutoff_lag=0)
    catalog = json.loads(run_tap("--discover", config=config).stdout)
    catalog["streams"] = [s for s in catalog["streams"] if s["stream"] == module]
    (root,) = (item for item in catalog["streams"][0]["metadata"] if not item["breadcrumb"])
    root["metadata"]["selected"] = True
    return config, catalog


def test_a_map_that_changes_the_key_of_deleted_records_is_refused() -> None:
    with DemoOrganisation(awkward_sample) as demo:
        config, catalog = selected(demo, "Leads")
        config["stream_maps"] = {"Leads": {"id": "md5(id)"}}
        run = run_tap(config=config, catalog=catalog)

    assert run.code == 1
    assert "stream_maps: Leads changes id" in run.error
    assert run.of_type("RECORD") == []
