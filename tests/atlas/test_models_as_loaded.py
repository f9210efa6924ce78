"""The models for other tools have the tables and columns that are loaded, and no others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from atlas.messages import Rows, messages, organisation, record_schema, run


def _columns(atlas: Path) -> dict[str, list[tuple[str, str]]]:
    schema = json.loads((atlas / "schema.json").read_bytes())
    return {
        table["name"]: [(column["name"], column["type"]) for column in table["columns"]]
        for table in schema["tables"]
    }


def _related() -> Rows:
    """Crews whose boat may be a boat or a ship, and who sign papers in a subform."""
    rows = organisation()
    rows["modules"].append({**rows["modules"][1], "id": "m3", "api_name": "Ships"})
    way = rows["relationships"][0]
    rows["relationships"].append({**way, "to_module": "Ships"})
    return rows


POLYMORPHIC = {
    "Boats": record_schema("Name", "State", Length={"type": ["number", "null"]}),
    "Ships": record_schema("Name"),
    "Crews": record_schema(
        "Boat", "Boat_module", Tag={"type": "array", "items": {"type": "string"}}
    ),
    "Boats_Notes": {
        "properties": {"parent_id": {"type": "string"}, "id": {"type": "string"}},
    },
}


def test_the_models_have_the_tables_and_columns_that_are_loaded(tmp_path: Path) -> None:
    atlas = tmp_path / "atlas"
    loaded = {"Crews": POLYMORPHIC["Crews"]}
    run(atlas, messages(_related(), loaded=loaded), loader="postgres")
    time = ("_sdc_deleted_at", "timestamp")
    crews = [("id", "text"), ("Boat", "text"), ("Boat_module", "text"), ("Tag", "text[]"), time]
    assert _columns(atlas) == {"Crews": crews}
    # What passed by earlier stays loaded; a module that is gone is not.
    rows = _related()
    del rows["modules"][2]
    run(
        atlas,
        messages(rows, loaded={"Boats": POLYMORPHIC["Boats"]}, read_at="2026-03-02T08:00:00Z"),
    )
    assert list(_columns(atlas)) == ["Boats", "Crews"]
    del rows["modules"][1]
    run(atlas, messages(rows, read_at="2026-03-03T08:00:00Z"))
    assert list(_columns(atlas)) == ["Boats"]


@pytest.mark.parametrize("selecting", [False, True])
def test_a_catalog_says_what_is_loaded(tmp_path: Path, *, selecting: bool) -> None:
    catalog = tmp_path / "catalog.json"
    streams = [
        {
            "tap_stream_id": name,
            "stream": name,
            "schema": schema,
            "key_properties": ["id"],
            "metadata": [
                {"breadcrumb": [], "metadata": {"selected": selecting and name == "Boats"}},
                {"breadcrumb": ["properties", "State"], "metadata": {"selected": False}},
            ],
        }
        for name, schema in POLYMORPHIC.items()
    ]
    catalog.write_text(json.dumps({"streams": streams}))
    loaded = {"Crews": POLYMORPHIC["Crews"]}
    run(tmp_path / "atlas", messages(_related(), loaded=loaded), catalog=str(catalog))
    found = _columns(tmp_path / "atlas")
    if selecting:
        names = [name for name, _ in found["Boats"]]
        assert (list(found), names) == (["Boats"], ["id", "Name", "Length", "_sdc_deleted_at"])
    else:
        assert found.keys() == POLYMORPHIC.keys()


def test_a_lookup_to_several_modules_leads_to_each_by_its_companion(tmp_path: Path) -> None:
    atlas = tmp_path / "atlas"
    run(atlas, messages(_related(), loaded=POLYMORPHIC))
    relations = json.loads((atlas / "schema.json").read_bytes())["relations"]
    assert [(each["parent_table"], each["def"]) for each in relations] == [
        ("Boats", "Crews.Boat leads to Boats (lookup) where Boat_module is its module"),
        ("Ships", "Crews.Boat leads to Ships (lookup) where Boat_module is its module"),
    ]


def test_the_dbt_package_calls_keys_keys_and_tests_them_against_what_is_loaded(
    tmp_path: Path,
) -> None:
    rows = organisation()
    rows["fields"][2] |= {"api_name": "Boat_Name"}
    rows["relationships"][0] |= {"field_api_name": "Boat_Name"}
    crews, boats = record_schema("Boat_Name"), record_schema("Name", "State")
    dbt = tmp_path / "atlas" / "dbt" / "models" / "records"
    run(tmp_path / "atlas", messages(rows, loaded={"Crews": crews}))
    (model,) = yaml.safe_load((dbt / "records.yml").read_bytes())["models"]
    assert [each["name"] for each in model["columns"]] == ["id", "boat_id"]
    assert "data_tests" not in model["columns"][1]
    run(tmp_path / "atlas", messages(rows, loaded={"Boats": boats}))
    models = yaml.safe_load((dbt / "records.yml").read_bytes())["models"]
    columns = {each["name"]: each for each in models[1]["columns"]}
    assert list(columns) == ["id", "boat_id", "boat_name"]
    (test,) = columns["boat_id"]["data_tests"]
    assert test["relationships"]["arguments"] == {"to": "ref('stg_zohocrm__boats')", "field": "id"}


@pytest.mark.parametrize("modules", [30, pytest.param(400, marks=pytest.mark.thorough)])
def test_mermaid_stays_within_its_limits(tmp_path: Path, modules: int) -> None:
    rows = organisation()
    names = [f"Module_with_a_rather_long_name_{number}" for number in range(modules)]
    loaded = {name: record_schema("Boat") for name in names}
    rows["modules"] += [{**rows["modules"][1], "id": name, "api_name": name} for name in names]
    way = rows["relationships"][0]
    rows["relationships"] += [
        {**way, "from_module": name, "to_module": names[number // 2], "field_id": name}
        for number, name in enumerate(names)
    ]
    run(tmp_path / "atlas", messages(rows, loaded=loaded))
    text = (tmp_path / "atlas" / "model.mmd").read_text("utf-8")
    assert len(text) <= 50_000
    assert text.count(" |o--o{ ") <= 500
    assert text.count('"] {') >= min(modules, 250)
    assert len(list((tmp_path / "atlas" / "mermaid").iterdir())) == modules
